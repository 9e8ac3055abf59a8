-- Scopes, and who is in them.
--
-- What holds for every table here and in the later files:
-- * The tables, columns and keys are those of SQLite's schema. Ids are `uuid`; times are microseconds since 1970 in UTC as
--   `bigint`, so that neither store rounds what the other keeps (`to_timestamp(created_at / 1e6)` shows one); words of
--   closed sets are text with a CHECK. Columns named `…_key` hold text that the domain has folded, and like all text that
--   is ordered they are ordered by bytes (COLLATE "C"), which is the order of code points and that of the other stores.
-- * Every row carries the id of its scope, and every unique key and every index that lists are read by begins with it.
--   The exceptions are the ways in, where the scope is not known yet: an id that a path names, an e-mail address,
--   the digest of an API key.
-- * Statements name the scope, or reach it through the viewer's place in `members`. Behind that stands row-level security,
--   forced: the service works as `loggia_service`, which owns nothing, and sees and writes rows of those scopes only that it
--   has entered, named in the setting `loggia.scopes` (a `uuid[]` as text). A setting that is absent or empty opens
--   nothing. Two more settings open single rows where no scope is known yet: `loggia.person`, the id of a user whose own rows may
--   be read, and `loggia.identity`, an address, a key's id or a key's digest that was asked for.
-- * The settings are read in a scalar subquery, which is evaluated once for each statement and not once for each row.
-- * The policies say `nullif(scope_id = ANY (…), false) IS NOT NULL`, which is `scope_id = ANY (…)` that the planner cannot use:
--   it would look the scopes up in the index a second time, and count on far fewer rows than the statement's own
--   `scope_id = …` gives, since it takes the two for independent of each other.
-- * What `loggia_service` may do is granted column by column: ids, scopes and authors cannot be changed at all.

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'loggia_service') THEN
        CREATE ROLE loggia_service NOLOGIN;
    END IF;
EXCEPTION
    -- Roles belong to the whole server: another database on it was faster.
    WHEN duplicate_object OR unique_violation THEN NULL;
END
$$;

DO $$
BEGIN
    -- Whoever migrates may then also serve, which is enough on one's own machine. A superuser may become anybody.
    IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
        EXECUTE format('GRANT loggia_service TO %I', current_user);
    END IF;
EXCEPTION
    -- The role was made by somebody else, who decides who may take it.
    WHEN insufficient_privilege THEN NULL;
END
$$;

CREATE TABLE instance (
    -- There is one row, and this keeps it so.
    id integer NOT NULL PRIMARY KEY CHECK (id = 1),
    -- Authenticates cursors; it belongs to this database. Two random UUIDs, together 244 bits of chance.
    secret bytea NOT NULL CHECK (length(secret) = 32),
    -- Events are ordered by the numbers of their transactions, which each server counts for itself. When a dump was restored
    -- on another server, the numbers there go on from this offset, so that new events do not lie before the old ones.
    transaction_offset bigint NOT NULL DEFAULT 0 CHECK (transaction_offset >= 0),
    -- The server whose numbers the offset is for.
    system_identifier bigint NOT NULL
);

INSERT INTO instance (id, secret, system_identifier)
SELECT 1, uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()), system_identifier FROM pg_control_system();

CREATE TABLE scopes (
    -- An organization's id, or the id of the user whose personal scope it is.
    id uuid NOT NULL PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('organization', 'personal')),
    -- The counters lie here, so that taking a number is a write of the row that a unit of work locks anyway.
    next_member_number bigint NOT NULL DEFAULT 1 CHECK (next_member_number >= 1),
    next_project_number bigint NOT NULL DEFAULT 1 CHECK (next_project_number >= 1)
);

CREATE TABLE users (
    id uuid NOT NULL PRIMARY KEY,
    email text NOT NULL,
    email_key text COLLATE "C" NOT NULL UNIQUE,
    created_at bigint NOT NULL
);

CREATE TABLE organizations (
    -- The id of its scope.
    id uuid NOT NULL PRIMARY KEY REFERENCES scopes (id),
    name text NOT NULL,
    name_key text COLLATE "C" NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    revision bigint NOT NULL CHECK (revision >= 1)
);

CREATE TABLE members (
    scope_id uuid NOT NULL REFERENCES scopes (id),
    user_id uuid NOT NULL REFERENCES users (id),
    number bigint NOT NULL CHECK (number >= 1),
    role text NOT NULL CHECK (role IN ('admin', 'member', 'viewer')),
    active boolean NOT NULL,
    first_name text NOT NULL,
    last_name text NOT NULL,
    username text,
    username_key text COLLATE "C",
    employee_number text,
    employee_number_key text COLLATE "C",
    avatar text,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    PRIMARY KEY (scope_id, user_id),
    UNIQUE (scope_id, number),
    UNIQUE (scope_id, username_key),
    UNIQUE (scope_id, employee_number_key),
    CHECK ((username IS NULL) = (username_key IS NULL)),
    CHECK ((employee_number IS NULL) = (employee_number_key IS NULL))
);

-- Which scopes a user has a place in: asked before any scope is known.
CREATE INDEX members_by_user ON members (user_id, scope_id);

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
-- One's own places: where a person may go is read from here.
CREATE POLICY own ON members FOR SELECT
    USING (user_id = (SELECT nullif(current_setting('loggia.person', true), '')::uuid));
-- A user belongs to no scope, and is seen by those who have a place in one that the user has a place in too.
CREATE POLICY known ON users FOR SELECT
    USING (id = (SELECT nullif(current_setting('loggia.person', true), '')::uuid)
        OR email_key = (SELECT nullif(current_setting('loggia.identity', true), ''))
        OR EXISTS (SELECT FROM members m WHERE m.user_id = users.id));
CREATE POLICY made ON users FOR INSERT
    WITH CHECK (id = (SELECT nullif(current_setting('loggia.person', true), '')::uuid));

GRANT SELECT ON instance TO loggia_service;
GRANT SELECT, INSERT ON scopes, users, organizations, members TO loggia_service;
GRANT UPDATE (next_member_number, next_project_number) ON scopes TO loggia_service;
GRANT UPDATE (name, name_key, updated_at, revision) ON organizations TO loggia_service;
GRANT UPDATE (role, active, first_name, last_name, username, username_key, employee_number, employee_number_key, avatar,
    updated_at) ON members TO loggia_service;
-- Which schema this is, is asked before serving and by the readiness check.
GRANT SELECT ON _sqlx_migrations TO loggia_service;
