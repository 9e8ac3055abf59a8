-- Answers that are kept so that what is asked for again is not done again, and how often members have changed.

-- A claim is made before anything else of the request is done, and committed together with it. Who claims what another
-- session has claimed waits for the end of that one, on the primary key.
CREATE TABLE kept_answers (
    user_id uuid NOT NULL REFERENCES users (id),
    -- The one organization that the user's key reaches; zeros if it reaches all that the user does.
    reach uuid NOT NULL,
    -- What was asked for, such as a method and a path.
    operation text COLLATE "C" NOT NULL CHECK (length(operation) BETWEEN 1 AND 1000),
    key text COLLATE "C" NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
    -- A digest of everything else that was asked for.
    fingerprint bytea NOT NULL CHECK (length(fingerprint) = 32),
    -- Where it was done. Whoever has no place there any more is not shown the answer again.
    done_in uuid REFERENCES scopes (id),
    -- Null for an answer that showed a secret.
    answer bytea,
    made_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    PRIMARY KEY (user_id, reach, operation, key),
    CHECK (made_at < expires_at)
);

CREATE INDEX kept_answers_by_end ON kept_answers (expires_at);

ALTER TABLE kept_answers ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

-- What was answered is shown to who was answered.
CREATE POLICY own ON kept_answers
    USING (user_id = (SELECT nullif(current_setting('loggia.person', true), '')::uuid));
-- Whoever clears up says what time it is, and has before them what is over by then, whoever's it is; to be deleted only.
CREATE POLICY over ON kept_answers
    USING (expires_at <= (SELECT nullif(current_setting('loggia.clearing_at', true), '')::bigint))
    WITH CHECK (false);

GRANT SELECT, INSERT, DELETE ON kept_answers TO loggia_service;
GRANT UPDATE (fingerprint, done_in, answer, made_at, expires_at) ON kept_answers TO loggia_service;

ALTER TABLE members ADD COLUMN revision bigint NOT NULL DEFAULT 1 CHECK (revision >= 1);
GRANT UPDATE (revision) ON members TO loggia_service;
