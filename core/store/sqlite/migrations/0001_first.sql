-- The first schema. Never edited once released; later changes are 0002 and so on.
--
-- What may identify a person stands only in `sealed` columns (AES-256-GCM under the site's catalog
-- key, bound to table and row) or as a blind index (HMAC under the site's index key). Names of the
-- configuration, our own numbers, slugs, counts and times are clear.
--
-- Ids are 64 bits, the node in the upper 16, and ascend with arrival; nothing auto-increments. Times
-- are microseconds since 1970. `node` and `epoch` are 0 until there is a second node.

CREATE TABLE counters (
  name TEXT PRIMARY KEY,
  next INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO counters (name, next) VALUES ('id', 1);

CREATE TABLE keys (                    -- site keys, wrapped under the master key
  name    TEXT PRIMARY KEY,
  wrapped BLOB NOT NULL
) WITHOUT ROWID;

CREATE TABLE segments (
  id          INTEGER PRIMARY KEY,
  node        INTEGER NOT NULL,
  epoch       INTEGER NOT NULL,
  location    TEXT NOT NULL,           -- '' : this node's own spool folder
  wrapped_key BLOB,                    -- under `spool`; gone once every record has its row
  closed      INTEGER NOT NULL,
  created_at  INTEGER NOT NULL
);

CREATE TABLE corrupt_records (         -- places in segments where a record cannot be read
  segment    INTEGER NOT NULL REFERENCES segments (id),
  record_at  INTEGER NOT NULL,
  noticed_at INTEGER NOT NULL,
  PRIMARY KEY (segment, record_at)
) WITHOUT ROWID;

CREATE TABLE patients (
  id         INTEGER PRIMARY KEY,
  node       INTEGER NOT NULL,
  epoch      INTEGER NOT NULL,
  ref        BLOB NOT NULL UNIQUE,     -- blind index of issuer | patient id
  sealed     BLOB NOT NULL,
  created_at INTEGER NOT NULL
);

CREATE TABLE studies (
  id          INTEGER PRIMARY KEY,
  node        INTEGER NOT NULL,
  epoch       INTEGER NOT NULL,
  uid         BLOB NOT NULL UNIQUE,    -- blind index
  generation  INTEGER NOT NULL,
  state       INTEGER NOT NULL,        -- 0 open, 1 complete, 2 planned, 3 held
  hold        TEXT NOT NULL,           -- slug; while open: the hold that waits for completion
  first_at    INTEGER NOT NULL,
  last_at     INTEGER NOT NULL,
  complete_at INTEGER NOT NULL,
  patient     INTEGER REFERENCES patients (id),
  sealed      BLOB NOT NULL
);
CREATE INDEX studies_open ON studies (complete_at) WHERE state = 0;
CREATE INDEX studies_complete ON studies (complete_at) WHERE state = 1;

CREATE TABLE objects (
  id           INTEGER PRIMARY KEY,
  node         INTEGER NOT NULL,
  epoch        INTEGER NOT NULL,
  study        INTEGER NOT NULL REFERENCES studies (id),
  generation   INTEGER NOT NULL,
  state        INTEGER NOT NULL,       -- 0 live, 1 superseded, 2 unusable, 3 corrupt, 4 shredded
  reason       TEXT NOT NULL,
  instance     BLOB NOT NULL,          -- first 16 bytes of the blind index of the SOP instance UID
  patient      INTEGER REFERENCES patients (id),
  segment      INTEGER NOT NULL REFERENCES segments (id),
  record_at    INTEGER NOT NULL,
  record_bytes INTEGER NOT NULL,
  wrapped_key  BLOB,                   -- under `spool`; deleting it shreds the object
  digest       BLOB NOT NULL,
  bytes        INTEGER NOT NULL,
  received_at  INTEGER NOT NULL,
  head         BLOB NOT NULL,          -- sealed
  facts        BLOB NOT NULL           -- sealed
);
CREATE INDEX objects_of_study ON objects (study, instance);
CREATE INDEX objects_of_segment ON objects (segment, record_at);
-- The same instance in another study is looked for among live objects alone, so that the index stays
-- as small as the spool.
CREATE INDEX objects_live ON objects (instance) WHERE state = 0;

CREATE TABLE transfers (
  id          INTEGER PRIMARY KEY,
  node        INTEGER NOT NULL,
  epoch       INTEGER NOT NULL,
  study       INTEGER NOT NULL REFERENCES studies (id),
  generation  INTEGER NOT NULL,
  route       TEXT NOT NULL,
  destination TEXT NOT NULL,
  state       INTEGER NOT NULL,        -- 0 planned, 1 blocked, 2 cleared, 3 sending, 4 deferred,
                                       -- 5 sent, 6 refused, 7 withdrawn
  reason      TEXT NOT NULL,
  attempts    INTEGER NOT NULL,
  created_at  INTEGER NOT NULL,
  due_at      INTEGER NOT NULL,
  manifest    BLOB,
  outbox_key  BLOB,
  plan        BLOB NOT NULL            -- sealed
);
CREATE INDEX transfers_of_study ON transfers (study);
CREATE INDEX transfers_open ON transfers (state, id) WHERE state < 5;
CREATE INDEX transfers_due ON transfers (destination, due_at) WHERE state IN (2, 4);
-- Withdrawn while an attempt was under way that has not ended yet: a crash must not leave it without
-- an outcome in the ledger.
CREATE INDEX transfers_ending ON transfers (id)
  WHERE state = 7 AND reason = 'withdrawn.while-sending';

CREATE TABLE transfer_objects (
  transfer INTEGER NOT NULL REFERENCES transfers (id),
  object   INTEGER NOT NULL REFERENCES objects (id),
  state    INTEGER NOT NULL,           -- 0 planned, 1 excluded, 2 quarantined, 3 cleared, 4 sent,
                                       -- 5 refused, 6 unknown, 7 withdrawn
  reason   TEXT NOT NULL,
  findings BLOB,                       -- tag paths, rules and advice; no values
  record   INTEGER NOT NULL,
  new_uid  BLOB,                       -- sealed
  PRIMARY KEY (transfer, object)
) WITHOUT ROWID;
CREATE INDEX transfer_objects_of_object ON transfer_objects (object);

CREATE TABLE pseudonyms (
  id         INTEGER PRIMARY KEY,
  node       INTEGER NOT NULL,
  epoch      INTEGER NOT NULL,
  scope      TEXT NOT NULL,
  subject    BLOB NOT NULL,            -- blind index of issuer | patient id, else of the study UID
  name       BLOB NOT NULL,            -- blind index of the pseudonym itself
  sealed     BLOB NOT NULL,            -- pseudonym, date offset, secret
  created_at INTEGER NOT NULL,
  UNIQUE (scope, subject),
  UNIQUE (scope, name)
);

CREATE TABLE pseudonym_pins (          -- a study keeps the row it had at first sight
  study     INTEGER NOT NULL REFERENCES studies (id),
  scope     TEXT NOT NULL,
  pseudonym INTEGER NOT NULL REFERENCES pseudonyms (id),
  accession BLOB NOT NULL,             -- blind index of the pseudonymous accession number
  sealed    BLOB NOT NULL,             -- that number
  PRIMARY KEY (study, scope),
  UNIQUE (scope, accession)
) WITHOUT ROWID;

CREATE TABLE mapped_uids (             -- the way back; outlives the pixels
  study      INTEGER NOT NULL REFERENCES studies (id),
  scope      TEXT NOT NULL,
  new_uid    BLOB NOT NULL,            -- first 16 bytes of the blind index
  kind       TEXT NOT NULL,
  pseudonym  INTEGER NOT NULL REFERENCES pseudonyms (id),
  created_at INTEGER NOT NULL,
  sealed     BLOB NOT NULL,            -- the UID as it was received
  PRIMARY KEY (study, scope, new_uid)
) WITHOUT ROWID;
-- Whatever comes back names its study: one entry a study, not one an object.
CREATE INDEX mapped_studies ON mapped_uids (new_uid) WHERE kind = 'study';

CREATE TABLE restore_records (
  study      INTEGER NOT NULL REFERENCES studies (id),
  scope      TEXT NOT NULL,
  transfer   INTEGER NOT NULL REFERENCES transfers (id),
  created_at INTEGER NOT NULL,
  sealed     BLOB NOT NULL,
  PRIMARY KEY (study, scope, transfer)
) WITHOUT ROWID;

CREATE TABLE ledger (                  -- one chain a node; columns but entry, leaf, link: projections
  sequence    INTEGER PRIMARY KEY,
  node        INTEGER NOT NULL,
  epoch       INTEGER NOT NULL,
  kind        INTEGER NOT NULL,
  at          INTEGER NOT NULL,
  study       INTEGER NOT NULL,
  transfer    INTEGER NOT NULL,
  destination TEXT NOT NULL,
  entry       BLOB NOT NULL,
  leaf        BLOB NOT NULL,
  link        BLOB NOT NULL
);
CREATE INDEX ledger_of_study ON ledger (study, sequence) WHERE study <> 0;
CREATE INDEX ledger_of_transfer ON ledger (transfer, sequence) WHERE transfer <> 0;

CREATE TABLE ledger_head (             -- written in the transaction of each append
  node   INTEGER PRIMARY KEY,
  length INTEGER NOT NULL,
  link   BLOB NOT NULL,
  mac    BLOB NOT NULL                 -- under the ledger key, so that a cut tail shows
);

CREATE TABLE ledger_checkpoints (
  length    INTEGER PRIMARY KEY,
  node      INTEGER NOT NULL,
  head      BLOB NOT NULL,
  at        INTEGER NOT NULL,
  signature BLOB NOT NULL
);
