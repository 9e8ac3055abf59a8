-- Whether the first organization was made yet.
--
-- It was asked of the organizations themselves. But whoever asks has entered no scope, so row-level security would show
-- none of them; and the first start locks this row instead of keeping everybody out.

ALTER TABLE instance ADD COLUMN has_organizations boolean NOT NULL DEFAULT false;
-- The owner of the tables is kept from the rows too, as long as row-level security is forced.
ALTER TABLE organizations NO FORCE ROW LEVEL SECURITY;
UPDATE instance SET has_organizations = EXISTS (SELECT FROM organizations);
ALTER TABLE organizations FORCE ROW LEVEL SECURITY;

GRANT UPDATE (has_organizations) ON instance TO loggia_service;
