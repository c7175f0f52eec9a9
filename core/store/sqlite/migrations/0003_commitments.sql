-- Storage commitment: what sources asked us to answer for, and what they were told.

CREATE TABLE commitments (
  id           INTEGER PRIMARY KEY,
  node         INTEGER NOT NULL,
  epoch        INTEGER NOT NULL,
  source       TEXT NOT NULL,
  state        INTEGER NOT NULL,       -- 0 waiting, 1 settled, 2 reported, 3 given up
  reason       TEXT NOT NULL,          -- slug: why the last report did not get through
  attempts     INTEGER NOT NULL,
  requested_at INTEGER NOT NULL,
  settled_at   INTEGER NOT NULL,       -- 0: not settled
  due_at       INTEGER NOT NULL,
  transaction_uid BLOB NOT NULL,       -- blind index of source | transaction UID
  request      BLOB NOT NULL,          -- blind index of all that was asked
  sealed       BLOB NOT NULL           -- AE titles, transaction UID, references and answers
);
CREATE INDEX commitments_of_transaction ON commitments (transaction_uid);
CREATE INDEX commitments_open ON commitments (due_at) WHERE state < 2;

-- An instance that is asked about may have been replaced or be of no use. Few are: arrivals, as good
-- as all of them live, do not pay for this index.
CREATE INDEX objects_not_live ON objects (instance) WHERE state IN (1, 2, 3);
