-- Idempotency: responses that are stored so that a request that is sent again is not done again.

-- The reservation of a key is inserted before anything else of the request is done, and committed together with it.
CREATE TABLE stored_responses (
    user_id BLOB NOT NULL CHECK (length(user_id) = 16) REFERENCES users (id),
    -- The only organization that the user's API key reaches; zeros if it reaches all that the user does.
    reach BLOB NOT NULL CHECK (length(reach) = 16),
    -- What was requested, such as a method and a path.
    operation TEXT NOT NULL CHECK (length(operation) BETWEEN 1 AND 1000),
    key TEXT NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
    -- A digest of everything else in the request.
    fingerprint BLOB NOT NULL CHECK (length(fingerprint) = 32),
    -- The scope that the request changed, if any. A user who has lost the membership there does not get the response again.
    done_in BLOB CHECK (length(done_in) = 16) REFERENCES scopes (id),
    -- Null for a response that showed a secret.
    answer BLOB,
    made_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, reach, operation, key),
    CHECK (made_at < expires_at)
) STRICT;

-- The stored responses that have expired, for deleting them.
CREATE INDEX stored_responses_by_end ON stored_responses (expires_at);
