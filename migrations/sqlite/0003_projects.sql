-- Projects and their rosters.
--
-- Foreign keys refer to `PRIMARY KEY (scope_id, id)`, so none can leave the scope. The unique index on the id alone serves ids in
-- paths, and keeps an id from naming two records.
-- `projects` keeps its rowid: descriptions make its rows large.

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
    -- The next number at the top level of the outline: greater than each that was given or chosen in the project, also by tasks
    -- that are gone.
    next_top_number INTEGER NOT NULL DEFAULT 1 CHECK (next_top_number >= 1),
    PRIMARY KEY (scope_id, id),
    UNIQUE (scope_id, number),
    FOREIGN KEY (scope_id, created_by) REFERENCES members (scope_id, user_id),
    CHECK (start_date <= end_date)
) STRICT;

CREATE UNIQUE INDEX projects_by_id ON projects (id);
-- One index for each order of the list, ids last as the lists break ties. A member sees the projects of the organization and,
-- among the private ones, their own: each visibility has its own order, so that a page steps over no hidden project.
CREATE INDEX projects_by_number ON projects (scope_id, visibility, number, id);
CREATE INDEX projects_by_name ON projects (scope_id, visibility, name_key, id);
CREATE INDEX projects_by_updated_at ON projects (scope_id, visibility, updated_at, id);

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

-- The rosters that one user is on.
CREATE INDEX project_members_by_user ON project_members (scope_id, user_id, project_id);
