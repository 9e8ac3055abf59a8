-- Members who are readmitted, and the first start, which happens once.

-- How many times the user was given access to an organization again after it was taken, over all organizations.
ALTER TABLE users ADD COLUMN readmissions INTEGER NOT NULL DEFAULT 0 CHECK (readmissions >= 0);
-- The user's number as of the last readmission of this membership; 0 if there was none. What was before this migration is none.
ALTER TABLE members ADD COLUMN readmissions INTEGER NOT NULL DEFAULT 0 CHECK (readmissions >= 0);
-- The user's number as of the making of the key, or that of the key that made it. The key opens no membership with a greater one.
ALTER TABLE api_keys ADD COLUMN readmissions INTEGER NOT NULL DEFAULT 0 CHECK (readmissions >= 0);

-- That the instance has organizations is never taken back: the first start would make another one.
CREATE TRIGGER instance_keeps_organizations BEFORE UPDATE OF has_organizations ON instance
WHEN OLD.has_organizations = 1 AND NEW.has_organizations = 0
BEGIN
    SELECT RAISE(ABORT, 'the instance has organizations, which is never taken back');
END;
