-- API keys: the digests of secrets that are kept nowhere.
--
-- A key belongs to a user and opens scopes; it is looked up by its digest before any scope is known.

CREATE TABLE api_keys (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
    user_id BLOB NOT NULL REFERENCES users (id),
    name TEXT NOT NULL,
    default_scope_id BLOB NOT NULL REFERENCES scopes (id),
    -- The one organization that the key reaches; null if it reaches all that its user does.
    confined_to BLOB REFERENCES organizations (id),
    ability TEXT NOT NULL CHECK (ability IN ('read', 'write')),
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    revoked_at INTEGER
) STRICT;

CREATE INDEX api_keys_by_user ON api_keys (user_id, created_at, id);
