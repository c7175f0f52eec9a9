-- What retention and storage commitment ask of the rows.

ALTER TABLE objects ADD COLUMN pinned_until INTEGER NOT NULL DEFAULT 0;  -- custody promised to a sender
ALTER TABLE objects ADD COLUMN shredded_at INTEGER NOT NULL DEFAULT 0;   -- 0: not shredded
ALTER TABLE objects ADD COLUMN ended_at INTEGER NOT NULL DEFAULT 0;      -- nothing more comes of it; 0: something may
ALTER TABLE objects ADD COLUMN was INTEGER NOT NULL DEFAULT 0;           -- its state before it was shredded
ALTER TABLE objects ADD COLUMN key_slot INTEGER;                         -- of object_keys; wrapped_key is empty
ALTER TABLE transfers ADD COLUMN ended_at INTEGER NOT NULL DEFAULT 0;    -- 0: not final, or its attempt still runs

-- An object's key, under `spool`. Rows are appended, never move, never change their length and are
-- overwritten in place: SQLite moves a row that grows to another page and leaves its old bytes in
-- the gap of the first, which would outlive the shredding.
CREATE TABLE object_keys (
  slot    INTEGER PRIMARY KEY,
  wrapped BLOB NOT NULL                -- zeros once shredded
);
INSERT INTO object_keys (slot, wrapped)
  SELECT id, wrapped_key FROM objects WHERE wrapped_key IS NOT NULL ORDER BY id;
UPDATE objects SET key_slot = id, wrapped_key = NULL WHERE wrapped_key IS NOT NULL;

-- What had ended before anybody counted: its time begins now.
UPDATE transfers SET ended_at = CAST(strftime('%s', 'now') AS INTEGER) * 1000000
  WHERE state >= 5 AND reason <> 'withdrawn.while-sending';
UPDATE objects SET ended_at = CAST(strftime('%s', 'now') AS INTEGER) * 1000000
  WHERE state IN (1, 2, 3) OR (state = 0 AND id IN (SELECT object FROM transfer_objects)
    AND id NOT IN (SELECT x.object FROM transfer_objects x JOIN transfers t ON t.id = x.transfer
                   WHERE t.ended_at = 0));

CREATE INDEX objects_ended ON objects (state, ended_at, pinned_until, study)
  WHERE ended_at > 0 AND state < 4;
CREATE INDEX objects_kept ON objects (segment) WHERE state < 4;
CREATE INDEX transfers_with_outbox ON transfers (ended_at) WHERE outbox_key IS NOT NULL;
CREATE INDEX restore_records_made ON restore_records (created_at);

CREATE TABLE removed_segments (        -- whose file is gone: everything in it was shredded
  segment    INTEGER PRIMARY KEY REFERENCES segments (id),
  removed_at INTEGER NOT NULL
);
