-- Keys that end unless they are used: the first use of such a key takes its `expires_at` away.

ALTER TABLE api_keys ADD COLUMN ends_unless_used INTEGER NOT NULL DEFAULT 0 CHECK (ends_unless_used IN (0, 1));
