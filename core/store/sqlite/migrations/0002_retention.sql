-- What retention and storage commitment ask of the rows.

ALTER TABLE objects ADD COLUMN pinned_until INTEGER NOT NULL DEFAULT 0;  -- custody promised to a sender
ALTER TABLE objects ADD COLUMN shredded_at INTEGER NOT NULL DEFAULT 0;   -- 0: not shredded
ALTER TABLE transfers ADD COLUMN ended_at INTEGER NOT NULL DEFAULT 0;    -- 0: not final
