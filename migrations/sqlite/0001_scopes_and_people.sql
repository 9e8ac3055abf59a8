-- Scopes, and who is in them.
--
-- What holds for every table here and in the later files:
-- * STRICT, so that a column holds what it says it holds.
-- * Ids are UUIDs as 16-byte blobs, times are microseconds since 1970 in UTC as integers, words of closed sets are text
--   with a CHECK, flags are 0 or 1. Columns named `…_key` hold folded text (NFKC, case folded away; the domain does it,
--   since SQLite folds ASCII only).
-- * Every row carries the id of its scope, and every unique key and every index that lists are read by begins with it, so
--   that one organization's rows lie together and can be moved together. The exceptions are the ways in, where
--   the scope is not known yet: an id that a path names, an e-mail address, the digest of an API key.
-- * Rows are never found by such an id alone: each statement also goes through the viewer's place in `members`.

CREATE TABLE instance (
    -- There is one row, and this keeps it so.
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    -- Authenticates cursors; it belongs to this file.
    secret BLOB NOT NULL CHECK (length(secret) = 32)
) STRICT;

INSERT INTO instance (id, secret) VALUES (1, randomblob(32));

CREATE TABLE scopes (
    -- An organization's id, or the id of the user whose personal scope it is.
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    kind TEXT NOT NULL CHECK (kind IN ('organization', 'personal')),
    -- The counters lie here, so that taking a number is a write of the row that a unit of work locks anyway.
    next_member_number INTEGER NOT NULL DEFAULT 1 CHECK (next_member_number >= 1),
    next_project_number INTEGER NOT NULL DEFAULT 1 CHECK (next_project_number >= 1)
) STRICT;

CREATE TABLE users (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    email TEXT NOT NULL,
    email_key TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE organizations (
    -- The id of its scope.
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16) REFERENCES scopes (id),
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    revision INTEGER NOT NULL CHECK (revision >= 1)
) STRICT;

-- Small rows that are always found by their whole key: WITHOUT ROWID saves a second look-up.
CREATE TABLE members (
    scope_id BLOB NOT NULL CHECK (length(scope_id) = 16) REFERENCES scopes (id),
    user_id BLOB NOT NULL CHECK (length(user_id) = 16) REFERENCES users (id),
    number INTEGER NOT NULL CHECK (number >= 1),
    role TEXT NOT NULL CHECK (role IN ('admin', 'member', 'viewer')),
    active INTEGER NOT NULL CHECK (active IN (0, 1)),
    first_name TEXT NOT NULL,
    last_name TEXT NOT NULL,
    username TEXT,
    username_key TEXT,
    employee_number TEXT,
    employee_number_key TEXT,
    avatar TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (scope_id, user_id),
    UNIQUE (scope_id, number),
    UNIQUE (scope_id, username_key),
    UNIQUE (scope_id, employee_number_key),
    CHECK ((username IS NULL) = (username_key IS NULL)),
    CHECK ((employee_number IS NULL) = (employee_number_key IS NULL))
) STRICT, WITHOUT ROWID;

-- Which scopes a user has a place in: asked before any scope is known.
CREATE INDEX members_by_user ON members (user_id, scope_id);
