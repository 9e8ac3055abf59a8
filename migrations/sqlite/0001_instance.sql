-- The instance: what belongs to this file as a whole and to no scope.
--
-- Rules for every table of this schema:
-- * STRICT, so that a column holds only values of its declared type.
-- * Ids are UUIDs as 16-byte blobs, times are microseconds since 1970 in UTC as integers, words of closed sets are text with a
--   CHECK, flags are 0 or 1. Columns named `…_key` hold the form that the domain computes for comparing, searching or ordering.
-- * Every row carries the id of its scope, and every unique key and every index that a list is read by begins with it, so
--   that one organization's rows lie together and can be moved together. The exceptions are lookups that do not know the scope yet:
--   an id in a path, an e-mail address, the digest of an API key or of an invitation's token.
-- * A row is never found by such an id alone: each statement also goes through the viewer's membership in `members`.
-- * Only counters and the instance's own state have defaults. The program states every other value, so that no statement can
--   forget one.

CREATE TABLE instance (
    -- The CHECK and the key admit one row only.
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    -- Authenticates cursors; it belongs to this file.
    secret BLOB NOT NULL CHECK (length(secret) = 32),
    -- Whether the first start has made an organization, so that it happens once.
    has_organizations INTEGER NOT NULL DEFAULT 0 CHECK (has_organizations IN (0, 1)),
    -- The version of the domain's search form in every column that is searched or ordered by. A program with a later version
    -- folds those columns anew when it migrates; 0 stands for rows that were never folded.
    folding INTEGER NOT NULL DEFAULT 0 CHECK (folding >= 0)
) STRICT;

INSERT INTO instance (id, secret) VALUES (1, randomblob(32));

-- `has_organizations` is never taken back: otherwise the first start would make a second organization and print its key.
CREATE TRIGGER instance_keeps_organizations BEFORE UPDATE OF has_organizations ON instance
WHEN OLD.has_organizations = 1 AND NEW.has_organizations = 0
BEGIN
    SELECT RAISE(ABORT, 'the instance has organizations, which is never taken back');
END;
