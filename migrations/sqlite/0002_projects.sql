-- Projects and their rosters.
--
-- `PRIMARY KEY (scope_id, id)` is what foreign keys point at, so that nothing can point into another scope. The unique
-- index on the id alone is the way in for an id that a path names, and keeps an id from meaning two things.
-- Rows are kept by rowid rather than by key, for descriptions make them large.

CREATE TABLE projects (
    scope_id BLOB NOT NULL CHECK (length(scope_id) = 16) REFERENCES scopes (id),
    id BLOB NOT NULL CHECK (length(id) = 16),
    number INTEGER NOT NULL CHECK (number >= 1),
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    description TEXT,
    start_date INTEGER,
    end_date INTEGER,
    visibility TEXT NOT NULL CHECK (visibility IN ('organization', 'private')),
    created_by BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    revision INTEGER NOT NULL CHECK (revision >= 1),
    next_membership_number INTEGER NOT NULL DEFAULT 1 CHECK (next_membership_number >= 1),
    next_task_number INTEGER NOT NULL DEFAULT 1 CHECK (next_task_number >= 1),
    PRIMARY KEY (scope_id, id),
    UNIQUE (scope_id, number),
    FOREIGN KEY (scope_id, created_by) REFERENCES members (scope_id, user_id),
    CHECK (start_date <= end_date)
) STRICT;

CREATE UNIQUE INDEX projects_by_id ON projects (id);
-- One index for each order in which projects are listed, ids last, as the lists break ties. By number, the key above does.
CREATE INDEX projects_by_name ON projects (scope_id, name_key, id);
CREATE INDEX projects_by_updated_at ON projects (scope_id, updated_at, id);

CREATE TABLE project_members (
    scope_id BLOB NOT NULL,
    project_id BLOB NOT NULL,
    user_id BLOB NOT NULL,
    id BLOB NOT NULL CHECK (length(id) = 16),
    number INTEGER NOT NULL CHECK (number >= 1),
    role TEXT NOT NULL CHECK (role IN ('admin', 'member')),
    created_at INTEGER NOT NULL,
    PRIMARY KEY (scope_id, project_id, user_id),
    UNIQUE (scope_id, id),
    UNIQUE (scope_id, project_id, number),
    FOREIGN KEY (scope_id, project_id) REFERENCES projects (scope_id, id) ON DELETE CASCADE,
    FOREIGN KEY (scope_id, user_id) REFERENCES members (scope_id, user_id)
) STRICT, WITHOUT ROWID;

-- The rosters that one person is on.
CREATE INDEX project_members_by_user ON project_members (scope_id, user_id, project_id);
