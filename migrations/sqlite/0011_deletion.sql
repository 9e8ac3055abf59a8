-- The deletion of an organization: indexes for the foreign keys that refer to its scope, which would otherwise be checked by reading whole
-- tables.

CREATE INDEX api_keys_by_default_scope ON api_keys (default_scope_id);
CREATE INDEX stored_responses_by_scope ON stored_responses (done_in) WHERE done_in IS NOT NULL;
