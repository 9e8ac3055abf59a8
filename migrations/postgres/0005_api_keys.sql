-- API keys: the digests of secrets that are kept nowhere.
--
-- A key belongs to a user and opens scopes; it is looked up by its digest before any scope is known. Row-level security
-- shows a key to who presents its digest or names its id, and to its user.

CREATE TABLE api_keys (
    id uuid NOT NULL PRIMARY KEY,
    hash bytea NOT NULL UNIQUE CHECK (length(hash) = 32),
    user_id uuid NOT NULL REFERENCES users (id),
    name text NOT NULL,
    default_scope_id uuid NOT NULL REFERENCES scopes (id),
    -- The one organization that the key reaches; null if it reaches all that its user does.
    confined_to uuid REFERENCES organizations (id),
    ability text NOT NULL CHECK (ability IN ('read', 'write')),
    created_at bigint NOT NULL,
    expires_at bigint,
    revoked_at bigint
);

CREATE INDEX api_keys_by_user ON api_keys (user_id, created_at, id);

ALTER TABLE api_keys ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

CREATE POLICY presented ON api_keys
    USING (encode(hash, 'hex') = (SELECT nullif(current_setting('loggia.identity', true), ''))
        OR id::text = (SELECT nullif(current_setting('loggia.identity', true), ''))
        OR user_id = (SELECT nullif(current_setting('loggia.person', true), '')::uuid));

GRANT SELECT, INSERT ON api_keys TO loggia_service;
GRANT UPDATE (revoked_at) ON api_keys TO loggia_service;
