-- Idempotency: responses that are stored so that a request that is sent again is not done again.

-- The reservation of a key is inserted before anything else of the request is done, and committed together with it. A second session
-- that reserves the same key waits for the end of the first one at the primary key.
CREATE TABLE stored_responses (
    user_id uuid NOT NULL REFERENCES users (id),
    -- The only organization that the user's API key reaches; zeros if it reaches all that the user does.
    reach uuid NOT NULL,
    -- What was requested, such as a method and a path.
    operation text COLLATE "C" NOT NULL CHECK (length(operation) BETWEEN 1 AND 1000),
    key text COLLATE "C" NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
    -- A digest of everything else in the request.
    fingerprint bytea NOT NULL CHECK (length(fingerprint) = 32),
    -- The scope that the request changed, if any. A user who has lost the membership there does not get the response again.
    done_in uuid REFERENCES scopes (id),
    -- Null for a response that showed a secret.
    answer bytea,
    made_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    PRIMARY KEY (user_id, reach, operation, key),
    CHECK (made_at < expires_at)
);

-- The stored responses that have expired, for deleting them.
CREATE INDEX stored_responses_by_end ON stored_responses (expires_at);

ALTER TABLE stored_responses ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

-- A stored response is shown to the user who got it.
CREATE POLICY own ON stored_responses
    USING (user_id = (SELECT nullif(current_setting('loggia.person', true), '')::uuid));
-- The clearing states a time, and sees every stored response that has expired by then, to delete it only.
CREATE POLICY over ON stored_responses
    USING (expires_at <= (SELECT nullif(current_setting('loggia.clearing_at', true), '')::bigint))
    WITH CHECK (false);

GRANT SELECT, INSERT, DELETE ON stored_responses TO loggia_service;
GRANT UPDATE (fingerprint, done_in, answer, made_at, expires_at) ON stored_responses TO loggia_service;
