-- Keys that end unless they are used: the first use of such a key takes its `expires_at` away.

ALTER TABLE api_keys ADD COLUMN ends_unless_used boolean NOT NULL DEFAULT false;

GRANT UPDATE (ends_unless_used) ON api_keys TO loggia_service;
