-- Machine users, what members are ordered and searched by, and what is shown of an API key.

-- A machine has no address. So that addresses stay there for all and unique, its own is empty and its key is made of its id; no
-- e-mail address has that form.
ALTER TABLE users ADD COLUMN kind TEXT NOT NULL DEFAULT 'person' CHECK (
    CASE kind
        WHEN 'person' THEN email <> ''
        WHEN 'machine' THEN email = '' AND email_key = 'machine:' || lower(hex(id))
        ELSE 0
    END);

-- Folded by the domain, like every column named `…_key`: last and first name by which lists are ordered; and full name and
-- username, in which is searched. Each has a U+001F between its parts. Rows from before are empty here until the program that
-- migrates has folded them, which it does before anybody else sees them.
ALTER TABLE members ADD COLUMN name_key TEXT NOT NULL DEFAULT '';
ALTER TABLE members ADD COLUMN search_key TEXT NOT NULL DEFAULT '';

CREATE INDEX members_by_name ON members (scope_id, name_key, user_id);
CREATE INDEX members_by_creation ON members (scope_id, created_at, user_id);

-- How the secret begins; empty for the keys from before, whose beginning nobody kept.
ALTER TABLE api_keys ADD COLUMN prefix TEXT NOT NULL DEFAULT '' CHECK (length(prefix) IN (0, 12));
-- The hour of the last use.
ALTER TABLE api_keys ADD COLUMN last_used_at INTEGER;
