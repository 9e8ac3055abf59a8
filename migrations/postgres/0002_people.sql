-- Scopes, users, and the members of each scope.

CREATE TABLE scopes (
    -- An organization's id, or the id of the user whose personal scope it is.
    id uuid NOT NULL PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('organization', 'personal')),
    -- The counters are columns of the row that a unit of work locks anyway, so taking a number locks nothing more.
    next_member_number bigint NOT NULL DEFAULT 1 CHECK (next_member_number >= 1),
    next_project_number bigint NOT NULL DEFAULT 1 CHECK (next_project_number >= 1)
);

CREATE TABLE users (
    id uuid NOT NULL PRIMARY KEY,
    -- The organization that the user belongs to; null for an account, which belongs to its person.
    home_scope uuid REFERENCES scopes (id),
    kind text NOT NULL,
    email text NOT NULL,
    email_key text COLLATE "C" NOT NULL,
    created_at bigint NOT NULL,
    -- How many organizations the user has made; the domain limits it.
    organizations_made bigint NOT NULL DEFAULT 0 CHECK (organizations_made >= 0),
    -- How many times the user was readmitted to an organization, over all organizations.
    readmissions bigint NOT NULL DEFAULT 0 CHECK (readmissions >= 0),
    -- When the organization erased the user.
    erased_at bigint,
    -- A machine has no address. Its `email_key` is made of its id, in a form that no address has, so the column stays unique and
    -- never null.
    CHECK (
        CASE kind
            WHEN 'person' THEN email <> '' OR erased_at IS NOT NULL
            WHEN 'machine' THEN home_scope IS NOT NULL AND email = ''
                AND (email_key = 'machine:' || replace(id::text, '-', '') OR erased_at IS NOT NULL)
            ELSE false
        END),
    -- An erased user has no address any more, so the address is free. An account is not erased.
    CHECK (
        erased_at IS NULL OR (home_scope IS NOT NULL AND email = '' AND email_key = 'erased:' || replace(id::text, '-', '')))
);

-- An address is unique among the own people of one organization, and among accounts. Both indexes are partial, so that a change of an
-- address does not wait for transactions that only refer to the user: a column of a full unique index would count as a key.
CREATE UNIQUE INDEX own_people_by_address ON users (home_scope, email_key) WHERE home_scope IS NOT NULL;
CREATE UNIQUE INDEX accounts_by_address ON users (email_key) WHERE home_scope IS NULL;

CREATE TABLE organizations (
    -- The id of the organization's scope.
    id uuid NOT NULL PRIMARY KEY REFERENCES scopes (id),
    name text NOT NULL,
    name_key text COLLATE "C" NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    revision bigint NOT NULL CHECK (revision >= 1),
    -- When the operator began to delete the organization: from then on nobody joins it.
    closed_at bigint
);

CREATE TABLE members (
    scope_id uuid NOT NULL REFERENCES scopes (id),
    user_id uuid NOT NULL REFERENCES users (id),
    number bigint NOT NULL CHECK (number >= 1),
    role text NOT NULL CHECK (role IN ('admin', 'member', 'viewer')),
    active boolean NOT NULL,
    first_name text NOT NULL,
    last_name text NOT NULL,
    -- Last and first name, by which lists are ordered; and full name, username and e-mail address, which are searched. U+001F separates
    -- the parts.
    name_key text COLLATE "C" NOT NULL,
    search_key text COLLATE "C" NOT NULL,
    username text,
    username_key text COLLATE "C",
    employee_number text,
    employee_number_key text COLLATE "C",
    avatar text,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    revision bigint NOT NULL CHECK (revision >= 1),
    -- The user's number as of the last readmission of this membership; 0 if there was none. A key with a smaller number does not
    -- open it.
    readmissions bigint NOT NULL DEFAULT 0 CHECK (readmissions >= 0),
    PRIMARY KEY (scope_id, user_id),
    UNIQUE (scope_id, number),
    UNIQUE (scope_id, username_key),
    UNIQUE (scope_id, employee_number_key),
    CHECK ((username IS NULL) = (username_key IS NULL)),
    CHECK ((employee_number IS NULL) = (employee_number_key IS NULL))
);

CREATE INDEX members_by_name ON members (scope_id, name_key, user_id);
CREATE INDEX members_by_creation ON members (scope_id, created_at, user_id);
-- The scopes that a user is an active member of, asked before any scope is known. Lost memberships are left out, so that a page of
-- organizations steps over none, and so that no planner takes the index where it only knows the user: Postgres 15 would, for the policy of
-- `users`. The deletion of a user, which happens when an organization is deleted, therefore reads the table.
CREATE INDEX members_by_user ON members (user_id, scope_id) WHERE active;

ALTER TABLE scopes ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE users ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE organizations ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE members ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

CREATE POLICY entered ON scopes
    USING (nullif(id = ANY ((SELECT nullif(current_setting('loggia.scopes', true), '')::uuid[])::uuid[]), false) IS NOT NULL);
CREATE POLICY entered ON organizations
    USING (nullif(id = ANY ((SELECT nullif(current_setting('loggia.scopes', true), '')::uuid[])::uuid[]), false) IS NOT NULL);
CREATE POLICY entered ON members
    USING (nullif(scope_id = ANY ((SELECT nullif(current_setting('loggia.scopes', true), '')::uuid[])::uuid[]), false) IS NOT NULL);
-- A user's own memberships, from which the scopes that may be granted are read.
CREATE POLICY own ON members FOR SELECT
    USING (user_id = (SELECT nullif(current_setting('loggia.person', true), '')::uuid));

-- Two policies look a membership up. Each is a scalar subquery by the columns of one index. As EXISTS, the planner may choose to
-- read all memberships of the user, or of the scope, into a hash table first.

-- An organization is shown to its active members without being granted: a list of one's organizations grants none.
CREATE POLICY own ON organizations FOR SELECT
    USING ((SELECT m.active FROM members m
        WHERE m.scope_id = organizations.id
            AND m.user_id = (SELECT nullif(current_setting('loggia.person', true), '')::uuid)));
-- A session sees its own user, the users that belong to the granted scopes, the account whose address it looks up, and the accounts
-- that are members of the granted scopes.
CREATE POLICY known ON users FOR SELECT
    USING (id = (SELECT nullif(current_setting('loggia.person', true), '')::uuid)
        OR nullif(home_scope = ANY ((SELECT nullif(current_setting('loggia.scopes', true), '')::uuid[])::uuid[]), false) IS NOT NULL
        OR (home_scope IS NULL AND email_key = (SELECT nullif(current_setting('loggia.identity', true), '')))
        OR (SELECT true FROM members m
            WHERE m.user_id = users.id
                AND m.scope_id = ANY ((SELECT nullif(current_setting('loggia.scopes', true), '')::uuid[])::uuid[])
            LIMIT 1));
-- An account is inserted in a context of its own, any other user in that of its home.
CREATE POLICY made ON users FOR INSERT
    WITH CHECK (CASE WHEN home_scope IS NULL THEN id = (SELECT nullif(current_setting('loggia.person', true), '')::uuid)
        ELSE nullif(home_scope = ANY ((SELECT nullif(current_setting('loggia.scopes', true), '')::uuid[])::uuid[]), false) IS NOT NULL END);
-- A user's row is locked while the user's keys and organizations are counted. An organization changes the addresses of its own people,
-- and erases them.
CREATE POLICY changed ON users FOR UPDATE
    USING (id = (SELECT nullif(current_setting('loggia.person', true), '')::uuid)
        OR nullif(home_scope = ANY ((SELECT nullif(current_setting('loggia.scopes', true), '')::uuid[])::uuid[]), false) IS NOT NULL);

GRANT SELECT, INSERT ON scopes, users, organizations, members TO loggia_service;
GRANT UPDATE (next_member_number, next_project_number) ON scopes TO loggia_service;
GRANT UPDATE (email, email_key, erased_at, organizations_made, readmissions) ON users TO loggia_service;
GRANT UPDATE (name, name_key, updated_at, revision) ON organizations TO loggia_service;
GRANT UPDATE (role, active, first_name, last_name, name_key, search_key, username, username_key, employee_number,
    employee_number_key, avatar, updated_at, revision, readmissions) ON members TO loggia_service;
