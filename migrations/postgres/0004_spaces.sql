-- Spaces. A space may refer to a project of its own scope, which then cannot be deleted before the space lets go of it.

CREATE TABLE spaces (
    scope_id uuid NOT NULL REFERENCES scopes (id),
    id uuid NOT NULL,
    name text NOT NULL,
    name_key text COLLATE "C" NOT NULL,
    description text,
    project_id uuid,
    status text NOT NULL CHECK (status IN ('Draft', 'Active', 'Archived')),
    -- The rank of the word, by which lists are ordered: 0 none, 1 low, 2 medium, 3 high, 4 urgent.
    priority bigint NOT NULL CHECK (priority BETWEEN 0 AND 4),
    strength bigint NOT NULL CHECK (strength BETWEEN 0 AND 10),
    created_by uuid NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    revision bigint NOT NULL CHECK (revision >= 1),
    PRIMARY KEY (scope_id, id),
    FOREIGN KEY (scope_id, project_id) REFERENCES projects (scope_id, id),
    FOREIGN KEY (scope_id, created_by) REFERENCES members (scope_id, user_id)
);

CREATE UNIQUE INDEX spaces_by_id ON spaces (id);
-- One index for each order of the list, ids last as the lists break ties.
CREATE INDEX spaces_by_created_at ON spaces (scope_id, created_at, id);
CREATE INDEX spaces_by_updated_at ON spaces (scope_id, updated_at, id);
CREATE INDEX spaces_by_name ON spaces (scope_id, name_key, id);
CREATE INDEX spaces_by_priority ON spaces (scope_id, priority, id);
CREATE INDEX spaces_by_strength ON spaces (scope_id, strength, id);
-- The spaces that refer to a project: for the filter, and for deleting the project.
CREATE INDEX spaces_by_project ON spaces (scope_id, project_id, id) WHERE project_id IS NOT NULL;

ALTER TABLE spaces ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

CREATE POLICY entered ON spaces
    USING (nullif(scope_id = ANY ((SELECT nullif(current_setting('loggia.scopes', true), '')::uuid[])::uuid[]), false) IS NOT NULL);
CREATE POLICY sought ON spaces FOR SELECT
    USING (id = (SELECT nullif(current_setting('loggia.sought', true), '')::uuid));

GRANT SELECT, INSERT, DELETE ON spaces TO loggia_service;
GRANT UPDATE (name, name_key, description, project_id, status, priority, strength, updated_at, revision)
    ON spaces TO loggia_service;
