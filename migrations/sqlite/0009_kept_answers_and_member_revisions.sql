-- Answers that are kept so that what is asked for again is not done again, and how often members have changed.

-- A claim is made before anything else of the request is done, and committed together with it.
CREATE TABLE kept_answers (
    user_id BLOB NOT NULL CHECK (length(user_id) = 16) REFERENCES users (id),
    -- The one organization that the user's key reaches; zeros if it reaches all that the user does.
    reach BLOB NOT NULL CHECK (length(reach) = 16),
    -- What was asked for, such as a method and a path.
    operation TEXT NOT NULL CHECK (length(operation) BETWEEN 1 AND 1000),
    key TEXT NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
    -- A digest of everything else that was asked for.
    fingerprint BLOB NOT NULL CHECK (length(fingerprint) = 32),
    -- Where it was done. Whoever has no place there any more is not shown the answer again.
    done_in BLOB CHECK (length(done_in) = 16) REFERENCES scopes (id),
    -- Null for an answer that showed a secret.
    answer BLOB,
    made_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, reach, operation, key),
    CHECK (made_at < expires_at)
) STRICT;

CREATE INDEX kept_answers_by_end ON kept_answers (expires_at);

ALTER TABLE members ADD COLUMN revision INTEGER NOT NULL DEFAULT 1 CHECK (revision >= 1);
