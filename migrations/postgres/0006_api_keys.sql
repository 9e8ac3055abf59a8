-- API keys: the digests of secrets that are stored nowhere; and the functions by which a session gets its tenant context from a
-- key, and a unit of work its proof that the caller is still known.
--
-- A key belongs to a user and opens scopes; it is looked up by its digest before any scope is known.

CREATE TABLE api_keys (
    id uuid NOT NULL PRIMARY KEY,
    hash bytea NOT NULL UNIQUE CHECK (length(hash) = 32),
    -- How the secret begins, by which people recognize the key; empty if that is not known.
    prefix text NOT NULL CHECK (length(prefix) IN (0, 12)),
    user_id uuid NOT NULL REFERENCES users (id),
    name text NOT NULL,
    default_scope_id uuid NOT NULL REFERENCES scopes (id),
    -- The only organization that the key reaches; null if it reaches all that its user does.
    confined_to uuid REFERENCES organizations (id),
    ability text NOT NULL CHECK (ability IN ('read', 'write')),
    -- The key that made this one; revoking that key revokes this one, or hands it to that key's own parent. Null if an operator
    -- made it.
    parent_id uuid REFERENCES api_keys (id),
    -- Whether an admin of the organization in `confined_to` issued the key for a member; otherwise its user or an operator made it.
    issued boolean NOT NULL,
    -- The user's `readmissions` when the key was made or last accepted an invitation, or that of the key that made it. The key opens
    -- no membership with a greater number.
    readmissions bigint NOT NULL CHECK (readmissions >= 0),
    created_at bigint NOT NULL,
    expires_at bigint,
    -- Whether the first use of the key takes `expires_at` away.
    ends_unless_used boolean NOT NULL,
    -- The hour of the last use.
    last_used_at bigint,
    revoked_at bigint
);

CREATE INDEX api_keys_by_user ON api_keys (user_id, created_at, id);
-- The keys that a revocation takes along.
CREATE INDEX api_keys_by_parent ON api_keys (parent_id) WHERE parent_id IS NOT NULL;
-- For counting a user's live keys.
CREATE INDEX api_keys_unrevoked ON api_keys (user_id, issued, expires_at) WHERE revoked_at IS NULL;
-- A user's keys for one organization, which may lie between any number of others.
CREATE INDEX api_keys_by_organization ON api_keys (confined_to, user_id, created_at, id) WHERE confined_to IS NOT NULL;

ALTER TABLE api_keys ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

-- A key is shown to a caller that presents its digest or names its id, and to its user.
CREATE POLICY presented ON api_keys
    USING (encode(hash, 'hex') = (SELECT nullif(current_setting('loggia.identity', true), ''))
        OR id::text = (SELECT nullif(current_setting('loggia.identity', true), ''))
        OR user_id = (SELECT nullif(current_setting('loggia.person', true), '')::uuid));
-- The keys for one organization are shown to those who run it.
CREATE POLICY confined ON api_keys FOR SELECT
    USING (confined_to = ANY ((SELECT nullif(current_setting('loggia.scopes', true), '')::uuid[])::uuid[]));
-- A revocation finds every key that was made with a revoked one, whoever its user is. A unit of work sets `loggia.makers` until its end.
CREATE POLICY descended ON api_keys
    USING (parent_id = ANY ((SELECT nullif(current_setting('loggia.makers', true), '')::uuid[])::uuid[]))
    WITH CHECK (false);

GRANT SELECT, INSERT ON api_keys TO loggia_service;
GRANT UPDATE (parent_id, readmissions, expires_at, ends_unless_used, last_used_at, revoked_at) ON api_keys TO loggia_service;

-- The tenant context of a session is made by a function, because a plan is made for each statement inside a function by itself:
-- every one compares the columns of one unique index with parameters of the columns' own types. No statistics and no planner can
-- turn that into a scan. In one statement, a value that an earlier part returns and a later part casts is no index condition
-- behind row-level security, because a cast of text is not leakproof; Postgres 15.20 read all of `members` for each call for
-- that reason.
--
-- Both functions run with the rights of their caller, behind row-level security. They grant nothing that `loggia_service` could not
-- grant itself by the same settings.

-- Grants a session one scope as a user who is an active member of it, beside the scopes of `granted`. With a `digest`, the user is
-- that of the API key with that digest, whose reach and `readmissions` are the bounds; without such a key, nothing is granted.
-- `target` says which scope:
--   'scope'                     the one with the id `sought`
--   'space', 'project', 'task'  the one in which the record with the id `sought` lies
--   'default', 'personal'       the key's default scope, and the user's own
--   'none'                      no further one
-- With `confined_to`, no other scope than that one; and no membership with a greater number than `known_readmissions`. Returns the
-- key, the scope, and the user's role there, or nulls.
-- The settings last until the end of the transaction if `is_local`, otherwise until they are set anew.
CREATE FUNCTION loggia_enter(
    digest bytea, caller uuid, confined_to uuid, known_readmissions bigint, granted uuid[], target text, sought uuid,
    is_local boolean,
    OUT key api_keys, OUT scope_id uuid, OUT role text)
LANGUAGE plpgsql AS $$
#variable_conflict use_variable
DECLARE
    ignored text;
    home uuid := sought;
BEGIN
    IF digest IS NOT NULL THEN
        ignored := set_config('loggia.scopes', '', is_local) || set_config('loggia.person', '', is_local)
            || set_config('loggia.identity', encode(digest, 'hex'), is_local);
        SELECT * INTO key FROM api_keys k WHERE k.hash = digest;
        IF NOT FOUND THEN
            ignored := set_config('loggia.identity', '', is_local);
            RETURN;
        END IF;
        caller := key.user_id;
        confined_to := key.confined_to;
        known_readmissions := key.readmissions;
    END IF;
    ignored := set_config('loggia.person', caller::text, is_local) || set_config('loggia.identity', '', is_local)
        || set_config('loggia.scopes', granted::text, is_local);
    IF target = 'none' THEN
        RETURN;
    ELSIF target = 'default' THEN
        home := key.default_scope_id;
    ELSIF target = 'personal' THEN
        home := caller;
    ELSIF target <> 'scope' THEN
        ignored := set_config('loggia.sought', sought::text, is_local);
        IF target = 'space' THEN
            SELECT r.scope_id INTO home FROM spaces r WHERE r.id = sought;
        ELSIF target = 'project' THEN
            SELECT r.scope_id INTO home FROM projects r WHERE r.id = sought;
        ELSIF target = 'task' THEN
            SELECT r.scope_id INTO home FROM tasks r WHERE r.id = sought;
        ELSE
            RAISE EXCEPTION 'no such target: %', target;
        END IF;
        ignored := set_config('loggia.sought', '', is_local);
    END IF;
    -- A record of another organization must take as long as an id without a record, so a membership is looked up for either. Nobody is
    -- a member of the nil scope.
    IF home IS NULL OR home <> confined_to THEN
        home := '00000000-0000-0000-0000-000000000000';
    END IF;
    SELECT m.role INTO role FROM members m
    WHERE m.scope_id = home AND m.user_id = caller AND m.active AND m.readmissions <= known_readmissions;
    IF FOUND THEN
        scope_id := home;
        ignored := set_config('loggia.scopes', (granted || home)::text, is_local);
    END IF;
END
$$;

-- Fails unless the caller is still who they were when the call came: `key` is one of theirs and live at `moment` (as
-- `ApiKey::is_live` in the domain defines it), and they are an active member of each of `scopes`, with no greater number of
-- readmissions than the key's. A null key is not checked. With `is_last`, the commit comes next and both stay so until then: rows are
-- locked, and what the transaction itself has changed counts as it was before. Raises LG001 for the key, LG002 for a membership.
CREATE FUNCTION loggia_recognize(caller uuid, key uuid, moment bigint, scopes uuid[], is_last boolean) RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_variable
DECLARE
    ignored text := set_config('loggia.person', caller::text, true) || set_config('loggia.scopes', scopes::text, true);
    found_scopes bigint;
    known_readmissions bigint := 9223372036854775807;
BEGIN
    IF key IS NOT NULL THEN
        IF is_last THEN
            SELECT k.readmissions INTO known_readmissions FROM api_keys k
            WHERE k.id = key AND k.user_id = caller
                AND ((k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > moment))
                    OR k.xmin = pg_current_xact_id()::xid)
            FOR SHARE;
        ELSE
            SELECT k.readmissions INTO known_readmissions FROM api_keys k
            WHERE k.id = key AND k.user_id = caller AND k.revoked_at IS NULL
                AND (k.expires_at IS NULL OR k.expires_at > moment);
        END IF;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'the key of the caller was revoked or has expired' USING ERRCODE = 'LG001';
        END IF;
    END IF;
    IF cardinality(scopes) > 0 THEN
        PERFORM FROM members m
        WHERE m.scope_id = ANY (scopes) AND m.user_id = caller
            AND ((m.active AND m.readmissions <= known_readmissions) OR m.xmin = pg_current_xact_id()::xid)
        ORDER BY m.scope_id FOR SHARE;
        GET DIAGNOSTICS found_scopes = ROW_COUNT;
        IF found_scopes < cardinality(scopes) THEN
            RAISE EXCEPTION 'the caller has lost a membership' USING ERRCODE = 'LG002';
        END IF;
    END IF;
    ignored := set_config('loggia.person', '', true) || set_config('loggia.scopes', '', true);
END
$$;

REVOKE ALL ON FUNCTION loggia_enter(bytea, uuid, uuid, bigint, uuid[], text, uuid, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION loggia_enter(bytea, uuid, uuid, bigint, uuid[], text, uuid, boolean) TO loggia_service;
REVOKE ALL ON FUNCTION loggia_recognize(uuid, uuid, bigint, uuid[], boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION loggia_recognize(uuid, uuid, bigint, uuid[], boolean) TO loggia_service;
