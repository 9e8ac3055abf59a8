-- Spaces. A space may refer to a project of its own scope, which then cannot be deleted before the space lets go of it.

CREATE TABLE spaces (
    scope_id BLOB NOT NULL CHECK (length(scope_id) = 16) REFERENCES scopes (id),
    id BLOB NOT NULL CHECK (length(id) = 16),
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    description TEXT,
    project_id BLOB,
    status TEXT NOT NULL CHECK (status IN ('Draft', 'Active', 'Archived')),
    -- The rank of the word, by which lists are ordered: 0 none, 1 low, 2 medium, 3 high, 4 urgent.
    priority INTEGER NOT NULL CHECK (priority BETWEEN 0 AND 4),
    strength INTEGER NOT NULL CHECK (strength BETWEEN 0 AND 10),
    created_by BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    revision INTEGER NOT NULL CHECK (revision >= 1),
    PRIMARY KEY (scope_id, id),
    FOREIGN KEY (scope_id, project_id) REFERENCES projects (scope_id, id),
    FOREIGN KEY (scope_id, created_by) REFERENCES members (scope_id, user_id)
) STRICT;

CREATE UNIQUE INDEX spaces_by_id ON spaces (id);
-- One index for each order of the list, ids last as the lists break ties.
CREATE INDEX spaces_by_created_at ON spaces (scope_id, created_at, id);
CREATE INDEX spaces_by_updated_at ON spaces (scope_id, updated_at, id);
CREATE INDEX spaces_by_name ON spaces (scope_id, name_key, id);
CREATE INDEX spaces_by_priority ON spaces (scope_id, priority, id);
CREATE INDEX spaces_by_strength ON spaces (scope_id, strength, id);
-- The spaces that refer to a project: for the filter, and for deleting the project.
CREATE INDEX spaces_by_project ON spaces (scope_id, project_id, id) WHERE project_id IS NOT NULL;
