-- The instance: what belongs to this database as a whole and to no scope, and the role that the service works as.
--
-- Rules for every table of this schema:
-- * Tables, columns and keys are those of SQLite's schema. Ids are `uuid`; times are microseconds since 1970 in UTC as `bigint`, so
--   that neither store rounds what the other one keeps (`to_timestamp(created_at / 1e6)` shows one); words of closed sets are
--   text with a CHECK. Columns named `…_key` hold the form that the domain computes for comparing, searching or ordering.
--   Text that is ordered is ordered by its bytes
--   (COLLATE "C"), which is the order of code points and that of the other stores.
-- * Every row carries the id of its scope, and every unique key and every index that a list is read by begins with it. The
--   exceptions are lookups that do not know the scope yet: an id in a path, an e-mail address, the digest of an API key or of an
--   invitation's token.
-- * Only counters and the instance's own state have defaults. The program states every other value, so that no statement can
--   forget one.
-- * What `loggia_service` may do is granted column by column: ids, scopes and authors cannot be changed at all.
--
-- Every statement names its scope, or reaches it through the viewer's membership in `members`. Row-level security, forced on every
-- table of tenants, is the second wall: the service works as `loggia_service`, which owns nothing, and sees and writes rows only by
-- the settings of its session, its tenant context. A setting that is absent or empty grants nothing.
-- * `loggia.scopes`: the scopes that were granted, a `uuid[]` as text.
-- * `loggia.person`: the user whose own rows may be read.
-- * `loggia.identity`: the key of one address, one key id, or one digest (in hex) of a key or of an invitation's token, for a lookup
--   that knows nothing else.
-- * `loggia.sought`: the id of one record, which tells its scope.
-- * `loggia.makers`: keys whose descendants are revoked, a `uuid[]` as text.
-- * `loggia.clearing_at`: the time by which stored responses that are deleted have expired.
-- * `loggia.ending`: the organization that is being deleted.
--
-- Policies read a setting in a scalar subquery, which is evaluated once for each statement and not once for each row. For scopes
-- they say `nullif(scope_id = ANY (…), false) IS NOT NULL`, which is `scope_id = ANY (…)` in a form that the planner cannot use: it would
-- look the scopes up in the index a second time, and expect far fewer rows than the statement's own `scope_id = …` gives,
-- because it takes the two conditions for independent.

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'loggia_service') THEN
        CREATE ROLE loggia_service NOLOGIN;
    END IF;
EXCEPTION
    -- Roles belong to the whole server: the migration of another database made it at the same time.
    WHEN duplicate_object OR unique_violation THEN NULL;
END
$$;

DO $$
BEGIN
    -- The login that migrates may then serve as well, so one login is enough on one's own machine. A superuser may take any role.
    IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
        EXECUTE format('GRANT loggia_service TO %I', current_user);
    END IF;
EXCEPTION
    -- An administrator made the role, and decides who may take it.
    WHEN insufficient_privilege THEN NULL;
END
$$;

CREATE TABLE instance (
    -- The CHECK and the key admit one row only.
    id integer NOT NULL PRIMARY KEY CHECK (id = 1),
    -- Authenticates cursors; it belongs to this database. Two random UUIDs have 244 random bits.
    secret bytea NOT NULL CHECK (length(secret) = 32),
    -- Whether the first start has made an organization, so that it happens once. It is a column here, because a session without a
    -- tenant context sees no organization.
    has_organizations boolean NOT NULL DEFAULT false,
    -- The version of the domain's search form in every column that is searched or ordered by. A program with a later version
    -- folds those columns anew when it migrates; 0 stands for rows that were never folded.
    folding bigint NOT NULL DEFAULT 0 CHECK (folding >= 0),
    -- Events are ordered by the numbers of their transactions, which each server counts for itself. After a restore on another
    -- server this offset is added to its numbers, so that new events come after the old ones.
    transaction_offset bigint NOT NULL DEFAULT 0 CHECK (transaction_offset >= 0),
    -- The server that the offset is for.
    system_identifier bigint NOT NULL
);

INSERT INTO instance (id, secret, system_identifier)
SELECT 1, uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()), system_identifier FROM pg_control_system();

-- `has_organizations` is never taken back: otherwise the first start would make a second organization and print its key.
CREATE FUNCTION loggia_keep_organizations() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the instance has organizations, which is never taken back' USING ERRCODE = 'check_violation';
END
$$;
REVOKE ALL ON FUNCTION loggia_keep_organizations() FROM PUBLIC;
CREATE TRIGGER keeps_organizations BEFORE UPDATE OF has_organizations ON instance
    FOR EACH ROW WHEN (OLD.has_organizations AND NOT NEW.has_organizations)
    EXECUTE FUNCTION loggia_keep_organizations();

GRANT SELECT, UPDATE (has_organizations) ON instance TO loggia_service;
-- The schema's version is read before serving and by the readiness check.
GRANT SELECT ON _sqlx_migrations TO loggia_service;
