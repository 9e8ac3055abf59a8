-- Machine users, what members are ordered and searched by, and what is shown of an API key.

-- A machine has no address. So that addresses stay there for all and unique, its own is empty and its key is made of its id; no
-- e-mail address has that form.
ALTER TABLE users ADD COLUMN kind text NOT NULL DEFAULT 'person' CHECK (
    CASE kind
        WHEN 'person' THEN email <> ''
        WHEN 'machine' THEN email = '' AND email_key = 'machine:' || replace(id::text, '-', '')
        ELSE false
    END);

-- Folded by the domain, like every column named `…_key`: last and first name by which lists are ordered; and full name and
-- username, in which is searched. Each has a U+001F between its parts. Rows from before are empty here until the program that
-- migrates has folded them, and says so in `instance`.
ALTER TABLE members ADD COLUMN name_key text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE members ADD COLUMN search_key text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE instance ADD COLUMN names_folded boolean NOT NULL DEFAULT false;

CREATE INDEX members_by_name ON members (scope_id, name_key, user_id);
CREATE INDEX members_by_creation ON members (scope_id, created_at, user_id);

-- How the secret begins; empty for the keys from before, whose beginning nobody kept.
ALTER TABLE api_keys ADD COLUMN prefix text NOT NULL DEFAULT '' CHECK (length(prefix) IN (0, 12));
-- The hour of the last use.
ALTER TABLE api_keys ADD COLUMN last_used_at bigint;

-- Keys that reach one organization only are looked at by those who run it.
CREATE POLICY confined ON api_keys FOR SELECT
    USING (confined_to = ANY ((SELECT nullif(current_setting('loggia.scopes', true), '')::uuid[])::uuid[]));

GRANT UPDATE (name_key, search_key) ON members TO loggia_service;
GRANT UPDATE (expires_at, last_used_at) ON api_keys TO loggia_service;
