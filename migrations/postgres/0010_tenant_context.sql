-- How a session gets its tenant context: which scope it may read, looked up by primary keys only.
--
-- What was done before in one statement of several subqueries is two functions here, since a plan is made for each statement
-- inside a function by itself: every one of them compares the columns of one unique index with parameters of the columns' own
-- types. No statistics and no planner can turn that into a scan. In one statement, a value that an earlier part returns
-- and a later part casts is no index condition behind row-level security, because a cast of text is not leakproof; Postgres
-- 15.20 read all of `members` for each call for that reason.
--
-- The functions run with the rights of their caller, as row-level security has it. They open nothing to `loggia_service` that it
-- could not open for itself by the same settings.

-- A record that a path names by its id tells in which scope it lies, while the setting names that id.
CREATE POLICY sought ON projects FOR SELECT
    USING (id = (SELECT nullif(current_setting('loggia.sought', true), '')::uuid));
CREATE POLICY sought ON spaces FOR SELECT
    USING (id = (SELECT nullif(current_setting('loggia.sought', true), '')::uuid));
CREATE POLICY sought ON tasks FOR SELECT
    USING (id = (SELECT nullif(current_setting('loggia.sought', true), '')::uuid));

-- Two policies look for a membership. Each is a scalar subquery by the columns of one index. As EXISTS, the planner may choose to read
-- all memberships of the user, or of the scope, into a hash table first.

-- An organization is shown to its active members without being granted: a list of one's organizations grants none.
CREATE POLICY own ON organizations FOR SELECT
    USING ((SELECT m.active FROM members m
        WHERE m.scope_id = organizations.id
            AND m.user_id = (SELECT nullif(current_setting('loggia.person', true), '')::uuid)));
-- A user belongs to no scope, and is seen in the scopes that were granted if they are a member of one.
ALTER POLICY known ON users
    USING (id = (SELECT nullif(current_setting('loggia.person', true), '')::uuid)
        OR email_key = (SELECT nullif(current_setting('loggia.identity', true), ''))
        OR (SELECT true FROM members m
            WHERE m.user_id = users.id
                AND m.scope_id = ANY ((SELECT nullif(current_setting('loggia.scopes', true), '')::uuid[])::uuid[])
            LIMIT 1));

-- Grants a session one scope as a user who is an active member of it, beside the scopes of `granted`. With a `digest`, the user is
-- that of the API key with that digest, whose reach is the bound; without such a key, nothing is open. `target` says which scope:
--   'scope'                     the one with the id `sought`
--   'space', 'project', 'task'  the one in which the record with the id `sought` lies
--   'default', 'personal'       the key's default scope, and the user's own
--   'none'                      no further one
-- With `confined_to`, no other scope than that one. Returns the key, the scope, and the user's role there; nulls for what there is not.
-- The settings last until the end of the transaction if `is_local`, otherwise until they are set anew.
CREATE FUNCTION loggia_enter(
    digest bytea, caller uuid, confined_to uuid, granted uuid[], target text, sought uuid, is_local boolean,
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
    IF home IS NULL OR home <> confined_to THEN
        RETURN;
    END IF;
    SELECT m.role INTO role FROM members m WHERE m.scope_id = home AND m.user_id = caller AND m.active;
    IF FOUND THEN
        scope_id := home;
        ignored := set_config('loggia.scopes', (granted || home)::text, is_local);
    END IF;
END
$$;

-- Judges in a transaction whether a caller is who they were when the call came: `key` is one of theirs and live at `moment` (as
-- `ApiKey::is_live` in the domain has it), and they are an active member of each of `scopes`. A null key is not asked for. With
-- `is_last`, both stay so until the commit, which comes next: rows are locked, and what the transaction has changed itself counts as it
-- was before. Raises LG001 for the key, LG002 for a membership.
CREATE FUNCTION loggia_recognize(caller uuid, key uuid, moment bigint, scopes uuid[], is_last boolean) RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_variable
DECLARE
    ignored text := set_config('loggia.person', caller::text, true) || set_config('loggia.scopes', scopes::text, true);
    found_scopes bigint;
BEGIN
    IF key IS NOT NULL THEN
        IF is_last THEN
            PERFORM FROM api_keys k
            WHERE k.id = key AND k.user_id = caller
                AND ((k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > moment))
                    OR k.xmin = pg_current_xact_id()::xid)
            FOR SHARE;
        ELSE
            PERFORM FROM api_keys k
            WHERE k.id = key AND k.user_id = caller AND k.revoked_at IS NULL
                AND (k.expires_at IS NULL OR k.expires_at > moment);
        END IF;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'the key of the caller was revoked or has expired' USING ERRCODE = 'LG001';
        END IF;
    END IF;
    IF cardinality(scopes) > 0 THEN
        PERFORM FROM members m
        WHERE m.scope_id = ANY (scopes) AND m.user_id = caller AND (m.active OR m.xmin = pg_current_xact_id()::xid)
        ORDER BY m.scope_id FOR SHARE;
        GET DIAGNOSTICS found_scopes = ROW_COUNT;
        IF found_scopes < cardinality(scopes) THEN
            RAISE EXCEPTION 'the caller has lost a membership' USING ERRCODE = 'LG002';
        END IF;
    END IF;
    ignored := set_config('loggia.person', '', true) || set_config('loggia.scopes', '', true);
END
$$;

REVOKE ALL ON FUNCTION loggia_recognize(uuid, uuid, bigint, uuid[], boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION loggia_recognize(uuid, uuid, bigint, uuid[], boolean) TO loggia_service;
REVOKE ALL ON FUNCTION loggia_enter(bytea, uuid, uuid, uuid[], text, uuid, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION loggia_enter(bytea, uuid, uuid, uuid[], text, uuid, boolean) TO loggia_service;
