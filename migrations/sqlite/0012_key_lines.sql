-- Where a key comes from, and how many organizations a user has made.

-- The key that made it: whoever revokes that one takes this one along. Null for a key of the operator's, and for those from before.
ALTER TABLE api_keys ADD COLUMN parent_id BLOB REFERENCES api_keys (id) CHECK (length(parent_id) = 16);
-- Whether an admin of the one organization that it reaches issued it for a member; otherwise its user made it, or the operator.
ALTER TABLE api_keys ADD COLUMN issued INTEGER NOT NULL DEFAULT 0 CHECK (issued IN (0, 1));

-- What a revocation takes along.
CREATE INDEX api_keys_by_parent ON api_keys (parent_id) WHERE parent_id IS NOT NULL;
-- How many live keys a user has.
CREATE INDEX api_keys_unrevoked ON api_keys (user_id, issued, expires_at) WHERE revoked_at IS NULL;

ALTER TABLE users ADD COLUMN organizations_made INTEGER NOT NULL DEFAULT 0 CHECK (organizations_made >= 0);
UPDATE users SET organizations_made = (
    SELECT count(*) FROM events
    WHERE subject_kind = 'organization' AND verb = 'created' AND actor = 'user' AND actor_user_id = users.id);
