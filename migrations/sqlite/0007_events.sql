-- Events: every change, in the order in which it was committed.
--
-- The one writer of a SQLite file holds its lock from the first statement to the commit, so positions are taken and committed in
-- the same order, and a reader that has read up to one of them has missed none before it. AUTOINCREMENT never gives a position
-- twice.

CREATE TABLE events (
    position INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    scope_id BLOB NOT NULL REFERENCES scopes (id),
    id BLOB NOT NULL CHECK (length(id) = 16),
    actor TEXT NOT NULL CHECK (actor IN ('operator', 'user')),
    actor_user_id BLOB CHECK (length(actor_user_id) = 16),
    actor_key_id BLOB CHECK (length(actor_key_id) = 16),
    at INTEGER NOT NULL,
    subject_kind TEXT NOT NULL
        CHECK (subject_kind IN ('organization', 'member', 'invitation', 'api_key', 'space', 'project', 'membership', 'task')),
    subject_id BLOB NOT NULL CHECK (length(subject_id) = 16),
    verb TEXT NOT NULL CHECK (verb IN ('created', 'updated', 'deleted')),
    -- [{"field": …, "from": …, "to": …}, …]
    changes TEXT NOT NULL CHECK (json_valid(changes)),
    UNIQUE (scope_id, position),
    UNIQUE (scope_id, id),
    CHECK ((actor = 'user') = (actor_user_id IS NOT NULL)),
    CHECK (actor = 'user' OR actor_key_id IS NULL)
) STRICT;

-- The events about one member, whose changes go when the user is erased.
CREATE INDEX events_by_member ON events (scope_id, subject_id) WHERE subject_kind = 'member';
