-- API keys: the digests of secrets that are stored nowhere.
--
-- A key belongs to a user and opens scopes; it is looked up by its digest before any scope is known.

CREATE TABLE api_keys (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
    -- How the secret begins, by which people recognize the key; empty if that is not known.
    prefix TEXT NOT NULL CHECK (length(prefix) IN (0, 12)),
    user_id BLOB NOT NULL REFERENCES users (id),
    name TEXT NOT NULL,
    default_scope_id BLOB NOT NULL REFERENCES scopes (id),
    -- The only organization that the key reaches; null if it reaches all that its user does.
    confined_to BLOB REFERENCES organizations (id),
    ability TEXT NOT NULL CHECK (ability IN ('read', 'write')),
    -- The key that made this one; revoking that key revokes this one, or hands it to that key's own parent. Null if an operator
    -- made it.
    parent_id BLOB CHECK (length(parent_id) = 16) REFERENCES api_keys (id),
    -- Whether an admin of the organization in `confined_to` issued the key for a member; otherwise its user or an operator made it.
    issued INTEGER NOT NULL CHECK (issued IN (0, 1)),
    -- The user's `readmissions` when the key was made or last accepted an invitation, or that of the key that made it. The key opens
    -- no membership with a greater number.
    readmissions INTEGER NOT NULL CHECK (readmissions >= 0),
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    -- Whether the first use of the key takes `expires_at` away.
    ends_unless_used INTEGER NOT NULL CHECK (ends_unless_used IN (0, 1)),
    -- The hour of the last use.
    last_used_at INTEGER,
    revoked_at INTEGER
) STRICT;

CREATE INDEX api_keys_by_user ON api_keys (user_id, created_at, id);
-- The keys that a revocation takes along.
CREATE INDEX api_keys_by_parent ON api_keys (parent_id) WHERE parent_id IS NOT NULL;
-- For counting a user's live keys.
CREATE INDEX api_keys_unrevoked ON api_keys (user_id, issued, expires_at) WHERE revoked_at IS NULL;
-- A user's keys for one organization, which may lie between any number of others.
CREATE INDEX api_keys_by_organization ON api_keys (confined_to, user_id, created_at, id) WHERE confined_to IS NOT NULL;
