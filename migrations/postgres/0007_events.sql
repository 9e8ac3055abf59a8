-- Events: every change, in an order that can be read without gaps.
--
-- Writers do not wait for each other, so a position that was taken first may be committed last. Therefore an event is ordered by
-- the number of its transaction, then by a sequence; and a reader stops before the first transaction that was still in flight, whose
-- events it could otherwise miss. (SQLite's one writer needs no such column.)

CREATE TABLE events (
    position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    transaction bigint NOT NULL,
    scope_id uuid NOT NULL REFERENCES scopes (id),
    id uuid NOT NULL,
    actor text NOT NULL CHECK (actor IN ('operator', 'user')),
    actor_user_id uuid,
    actor_key_id uuid,
    at bigint NOT NULL,
    subject_kind text NOT NULL
        CHECK (subject_kind IN ('organization', 'member', 'invitation', 'api_key', 'space', 'project', 'membership', 'task')),
    subject_id uuid NOT NULL,
    verb text NOT NULL CHECK (verb IN ('created', 'updated', 'deleted')),
    -- [{"field": …, "from": …, "to": …}, …]
    changes jsonb NOT NULL,
    UNIQUE (scope_id, transaction, position),
    UNIQUE (scope_id, id),
    CHECK ((actor = 'user') = (actor_user_id IS NOT NULL)),
    CHECK (actor = 'user' OR actor_key_id IS NULL)
);

-- The events about one member, whose changes go when the user is erased.
CREATE INDEX events_by_member ON events (scope_id, subject_id) WHERE subject_kind = 'member';

ALTER TABLE events ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

CREATE POLICY entered ON events
    USING (nullif(scope_id = ANY ((SELECT nullif(current_setting('loggia.scopes', true), '')::uuid[])::uuid[]), false) IS NOT NULL);

-- Events are appended, never changed, but for one thing: the changes of a member's events are emptied when the user is erased. This
-- policy restricts what the other one permits.
CREATE POLICY forgotten ON events AS RESTRICTIVE FOR UPDATE
    USING (subject_kind = 'member')
    WITH CHECK (changes = '[]');

-- (The sequence of an identity column needs no grant of its own.)
GRANT SELECT, INSERT, UPDATE (changes) ON events TO loggia_service;
