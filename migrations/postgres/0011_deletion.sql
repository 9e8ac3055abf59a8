-- The deletion of an organization: indexes for the foreign keys that refer to its scope, which would otherwise be checked by reading whole
-- tables; the right to delete what otherwise is never deleted, and to list the organizations.

CREATE INDEX api_keys_by_default_scope ON api_keys (default_scope_id);
CREATE INDEX stored_responses_by_scope ON stored_responses (done_in) WHERE done_in IS NOT NULL;

-- A unit of work that deletes rows of an organization names it in `loggia.ending`, until its end. Without that setting, a session deletes
-- no event, member, key, user, organization or scope, also in the scopes that it was granted.
CREATE POLICY ending ON scopes AS RESTRICTIVE FOR DELETE
    USING (id = (SELECT nullif(current_setting('loggia.ending', true), '')::uuid));
CREATE POLICY ending ON organizations AS RESTRICTIVE FOR DELETE
    USING (id = (SELECT nullif(current_setting('loggia.ending', true), '')::uuid));
CREATE POLICY ending ON members AS RESTRICTIVE FOR DELETE
    USING (scope_id = (SELECT nullif(current_setting('loggia.ending', true), '')::uuid));
CREATE POLICY ending ON events AS RESTRICTIVE FOR DELETE
    USING (scope_id = (SELECT nullif(current_setting('loggia.ending', true), '')::uuid));
CREATE POLICY ending ON api_keys AS RESTRICTIVE FOR DELETE
    USING (confined_to = (SELECT nullif(current_setting('loggia.ending', true), '')::uuid));

-- The own users of the organization are deleted, not the accounts that were its members.
CREATE POLICY removed ON users FOR DELETE
    USING (home_scope = (SELECT nullif(current_setting('loggia.ending', true), '')::uuid));
-- The keys for the organization alone are deleted. Those that have it as their default scope are shown, to get another one.
CREATE POLICY removed ON api_keys
    USING ((SELECT nullif(current_setting('loggia.ending', true), '')::uuid) IN (confined_to, default_scope_id))
    WITH CHECK (confined_to = (SELECT nullif(current_setting('loggia.ending', true), '')::uuid));
-- Stored responses to requests in the organization, and to those with a key for it alone, are shown for deletion only.
CREATE POLICY removed ON stored_responses
    USING ((SELECT nullif(current_setting('loggia.ending', true), '')::uuid) IN (done_in, reach))
    WITH CHECK (false);

-- The operator lists all organizations: the word is none that an address, an id or a digest has.
CREATE POLICY listed ON organizations FOR SELECT
    USING ((SELECT current_setting('loggia.identity', true)) = 'organizations');

GRANT DELETE ON scopes, users, organizations, members, events, api_keys TO loggia_service;
GRANT UPDATE (closed_at) ON organizations TO loggia_service;
-- The default scope is not where the key belongs, but where it is used by default.
GRANT UPDATE (default_scope_id) ON api_keys TO loggia_service;
