-- What the lists of one user's organizations and keys are read by, as many rows as a page has.

-- Which scopes a user has an active place in. Those that were lost are not stepped over.
DROP INDEX members_by_user;
CREATE INDEX members_by_user ON members (user_id, scope_id) WHERE active;

-- A user's keys that reach one organization only. They may lie between any number of others.
CREATE INDEX api_keys_by_organization ON api_keys (confined_to, user_id, created_at, id) WHERE confined_to IS NOT NULL;
