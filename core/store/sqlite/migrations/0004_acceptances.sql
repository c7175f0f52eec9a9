-- What a person has said is harmless although verification found it (docs/adr/0021).

CREATE TABLE acceptances (
  id          INTEGER PRIMARY KEY,
  node        INTEGER NOT NULL,
  epoch       INTEGER NOT NULL,
  route       TEXT NOT NULL,
  destination TEXT NOT NULL,
  path        TEXT NOT NULL,           -- tags only
  value       BLOB NOT NULL,           -- blind index of route | destination | path | value
  transfer    INTEGER NOT NULL REFERENCES transfers (id),   -- where it was found
  object      INTEGER NOT NULL REFERENCES objects (id),
  accepted_at INTEGER NOT NULL,
  accepted_by TEXT NOT NULL,           -- a user of this machine
  revoked_at  INTEGER NOT NULL,        -- 0: it holds
  revoked_by  TEXT NOT NULL,
  sealed      BLOB NOT NULL            -- the reason, in a person's own words
);
CREATE UNIQUE INDEX acceptances_held ON acceptances (route, destination, value) WHERE revoked_at = 0;

CREATE TABLE transfer_acceptances (    -- without which a transfer would not have been cleared
  transfer   INTEGER NOT NULL REFERENCES transfers (id),
  acceptance INTEGER NOT NULL REFERENCES acceptances (id),
  PRIMARY KEY (transfer, acceptance)
) WITHOUT ROWID;
CREATE INDEX transfers_of_acceptance ON transfer_acceptances (acceptance);
