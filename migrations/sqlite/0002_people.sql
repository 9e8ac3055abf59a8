-- Scopes, users, and the members of each scope.

CREATE TABLE scopes (
    -- An organization's id, or the id of the user whose personal scope it is.
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    kind TEXT NOT NULL CHECK (kind IN ('organization', 'personal')),
    -- The counters are columns of the row that a unit of work locks anyway, so taking a number locks nothing more.
    next_member_number INTEGER NOT NULL DEFAULT 1 CHECK (next_member_number >= 1),
    next_project_number INTEGER NOT NULL DEFAULT 1 CHECK (next_project_number >= 1)
) STRICT;

CREATE TABLE users (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    -- The organization that the user belongs to; null for an account, which belongs to its person.
    home_scope BLOB CHECK (length(home_scope) = 16) REFERENCES scopes (id),
    kind TEXT NOT NULL,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    -- How many organizations the user has made; the domain limits it.
    organizations_made INTEGER NOT NULL DEFAULT 0 CHECK (organizations_made >= 0),
    -- How many times the user was readmitted to an organization, over all organizations.
    readmissions INTEGER NOT NULL DEFAULT 0 CHECK (readmissions >= 0),
    -- When the organization erased the user.
    erased_at INTEGER,
    -- A machine has no address. Its `email_key` is made of its id, in a form that no address has, so the column stays unique and
    -- never null.
    CHECK (
        CASE kind
            WHEN 'person' THEN email <> '' OR erased_at IS NOT NULL
            WHEN 'machine' THEN home_scope IS NOT NULL AND email = ''
                AND (email_key = 'machine:' || lower(hex(id)) OR erased_at IS NOT NULL)
            ELSE 0
        END),
    -- An erased user has no address any more, so the address is free. An account is not erased.
    CHECK (
        erased_at IS NULL OR (home_scope IS NOT NULL AND email = '' AND email_key = 'erased:' || lower(hex(id))))
) STRICT;

-- An address is unique among the own people of one organization, and among accounts.
CREATE UNIQUE INDEX own_people_by_address ON users (home_scope, email_key) WHERE home_scope IS NOT NULL;
CREATE UNIQUE INDEX accounts_by_address ON users (email_key) WHERE home_scope IS NULL;

CREATE TABLE organizations (
    -- The id of the organization's scope.
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16) REFERENCES scopes (id),
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    revision INTEGER NOT NULL CHECK (revision >= 1),
    -- When the operator began to delete the organization: from then on nobody joins it.
    closed_at INTEGER
) STRICT;

-- WITHOUT ROWID: the rows are small and always found by their whole key, so this saves a second lookup.
CREATE TABLE members (
    scope_id BLOB NOT NULL CHECK (length(scope_id) = 16) REFERENCES scopes (id),
    user_id BLOB NOT NULL CHECK (length(user_id) = 16) REFERENCES users (id),
    number INTEGER NOT NULL CHECK (number >= 1),
    role TEXT NOT NULL CHECK (role IN ('admin', 'member', 'viewer')),
    active INTEGER NOT NULL CHECK (active IN (0, 1)),
    first_name TEXT NOT NULL,
    last_name TEXT NOT NULL,
    -- Last and first name, by which lists are ordered; and full name, username and e-mail address, which are searched. U+001F separates
    -- the parts.
    name_key TEXT NOT NULL,
    search_key TEXT NOT NULL,
    username TEXT,
    username_key TEXT,
    employee_number TEXT,
    employee_number_key TEXT,
    avatar TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    revision INTEGER NOT NULL CHECK (revision >= 1),
    -- The user's number as of the last readmission of this membership; 0 if there was none. A key with a smaller number does not
    -- open it.
    readmissions INTEGER NOT NULL DEFAULT 0 CHECK (readmissions >= 0),
    PRIMARY KEY (scope_id, user_id),
    UNIQUE (scope_id, number),
    UNIQUE (scope_id, username_key),
    UNIQUE (scope_id, employee_number_key),
    CHECK ((username IS NULL) = (username_key IS NULL)),
    CHECK ((employee_number IS NULL) = (employee_number_key IS NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX members_by_name ON members (scope_id, name_key, user_id);
CREATE INDEX members_by_creation ON members (scope_id, created_at, user_id);
-- The scopes that a user is an active member of, asked before any scope is known, and apart from them those of lost memberships, so that
-- a page of organizations steps over none. All of them are found when a user is deleted.
CREATE INDEX members_by_user ON members (user_id, active, scope_id);
