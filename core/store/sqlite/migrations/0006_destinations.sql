-- Retries by class of error, and what keeps a destination from being sent to (docs/adr/0023).

ALTER TABLE transfers ADD COLUMN failed_as TEXT NOT NULL DEFAULT '';      -- class of its last failures
ALTER TABLE transfers ADD COLUMN failures INTEGER NOT NULL DEFAULT 0;     -- so many in a row

CREATE TABLE destination_pauses (      -- by a person
  destination TEXT PRIMARY KEY,        -- empty: all of them
  paused_at   INTEGER NOT NULL,
  paused_by   TEXT NOT NULL,           -- a user of this machine
  until       INTEGER NOT NULL,        -- 0: until a person resumes it
  sealed      BLOB NOT NULL            -- the reason, in a person's own words
) WITHOUT ROWID;

CREATE TABLE destination_suspensions ( -- by the node
  destination  TEXT PRIMARY KEY,
  suspended_at INTEGER NOT NULL,
  slug         TEXT NOT NULL,          -- why
  settings     BLOB NOT NULL           -- digest of what the destination was then
) WITHOUT ROWID;
