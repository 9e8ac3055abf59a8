-- Where a key comes from, and how many organizations a user has made.

-- The key that made it: whoever revokes that one takes this one along. Null for a key of the operator's, and for those from before.
ALTER TABLE api_keys ADD COLUMN parent_id uuid REFERENCES api_keys (id);
-- Whether an admin of the one organization that it reaches issued it for a member; otherwise its user made it, or the operator.
ALTER TABLE api_keys ADD COLUMN issued boolean NOT NULL DEFAULT false;

-- What a revocation takes along.
CREATE INDEX api_keys_by_parent ON api_keys (parent_id) WHERE parent_id IS NOT NULL;
-- How many live keys a user has.
CREATE INDEX api_keys_unrevoked ON api_keys (user_id, issued, expires_at) WHERE revoked_at IS NULL;

-- The keys that were made with a key that was found, whoever's they are. The setting holds a `uuid[]` as text, as
-- `loggia.scopes` does. A unit of work sets it until its end.
CREATE POLICY descended ON api_keys
    USING (parent_id = ANY ((SELECT nullif(current_setting('loggia.makers', true), '')::uuid[])::uuid[]))
    WITH CHECK (false);

ALTER TABLE users ADD COLUMN organizations_made bigint NOT NULL DEFAULT 0 CHECK (organizations_made >= 0);
-- The owner of the tables is kept from the rows too, as long as row-level security is forced.
ALTER TABLE users NO FORCE ROW LEVEL SECURITY;
ALTER TABLE events NO FORCE ROW LEVEL SECURITY;
UPDATE users SET organizations_made = made.organizations
FROM (SELECT actor_user_id, count(*) AS organizations FROM events
      WHERE subject_kind = 'organization' AND verb = 'created' AND actor = 'user' GROUP BY actor_user_id) AS made
WHERE users.id = made.actor_user_id;
ALTER TABLE users FORCE ROW LEVEL SECURITY;
ALTER TABLE events FORCE ROW LEVEL SECURITY;

-- A user's row is locked while their keys and organizations are counted.
CREATE POLICY counted ON users FOR UPDATE
    USING (id = (SELECT nullif(current_setting('loggia.person', true), '')::uuid));

GRANT UPDATE (organizations_made) ON users TO loggia_service;
GRANT UPDATE (parent_id) ON api_keys TO loggia_service;
