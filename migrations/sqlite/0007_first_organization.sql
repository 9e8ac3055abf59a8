-- Whether the first organization was made yet: a fact of the instance, which is asked before any scope is known.

ALTER TABLE instance ADD COLUMN has_organizations INTEGER NOT NULL DEFAULT 0 CHECK (has_organizations IN (0, 1));
UPDATE instance SET has_organizations = EXISTS (SELECT 1 FROM organizations);
