-- Members who are readmitted, and the first start, which happens once.

-- How many times the user was given access to an organization again after it was taken, over all organizations.
ALTER TABLE users ADD COLUMN readmissions bigint NOT NULL DEFAULT 0 CHECK (readmissions >= 0);
-- The user's number as of the last readmission of this membership; 0 if there was none. What was before this migration is none.
ALTER TABLE members ADD COLUMN readmissions bigint NOT NULL DEFAULT 0 CHECK (readmissions >= 0);
-- The user's number as of the making of the key, or that of the key that made it. The key opens no membership with a greater one.
ALTER TABLE api_keys ADD COLUMN readmissions bigint NOT NULL DEFAULT 0 CHECK (readmissions >= 0);

GRANT UPDATE (readmissions) ON users, members TO loggia_service;

-- The function of 0010 with the bound `known_readmissions`: no membership with a greater number is looked at. With a `digest`, it is the
-- key's number. Replicas of the version before go on with the function of 0010, which has one parameter less.
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
    IF home IS NULL OR home <> confined_to THEN
        RETURN;
    END IF;
    SELECT m.role INTO role FROM members m
    WHERE m.scope_id = home AND m.user_id = caller AND m.active AND m.readmissions <= known_readmissions;
    IF FOUND THEN
        scope_id := home;
        ignored := set_config('loggia.scopes', (granted || home)::text, is_local);
    END IF;
END
$$;

-- The function of 0010: a membership with a greater number than the key's is lost for its caller.
CREATE OR REPLACE FUNCTION loggia_recognize(caller uuid, key uuid, moment bigint, scopes uuid[], is_last boolean) RETURNS void
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

-- That the instance has organizations is never taken back: the first start would make another one.
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
