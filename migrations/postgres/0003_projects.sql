-- Projects and their rosters.
--
-- Foreign keys refer to `PRIMARY KEY (scope_id, id)`, so none can leave the scope. The unique index on the id alone serves ids in
-- paths, and keeps an id from naming two records.

CREATE TABLE projects (
    scope_id uuid NOT NULL REFERENCES scopes (id),
    id uuid NOT NULL,
    number bigint NOT NULL CHECK (number >= 1),
    name text NOT NULL,
    name_key text COLLATE "C" NOT NULL,
    description text,
    start_date bigint,
    end_date bigint,
    visibility text COLLATE "C" NOT NULL CHECK (visibility IN ('organization', 'private')),
    created_by uuid NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    revision bigint NOT NULL CHECK (revision >= 1),
    next_membership_number bigint NOT NULL DEFAULT 1 CHECK (next_membership_number >= 1),
    next_task_number bigint NOT NULL DEFAULT 1 CHECK (next_task_number >= 1),
    -- The next number at the top level of the outline: greater than each that was given or chosen in the project, also by tasks
    -- that are gone.
    next_top_number bigint NOT NULL DEFAULT 1 CHECK (next_top_number >= 1),
    PRIMARY KEY (scope_id, id),
    UNIQUE (scope_id, number),
    FOREIGN KEY (scope_id, created_by) REFERENCES members (scope_id, user_id),
    CHECK (start_date <= end_date)
);

CREATE UNIQUE INDEX projects_by_id ON projects (id);
-- One index for each order of the list, ids last as the lists break ties. A member sees the projects of the organization and,
-- among the private ones, their own: each visibility has its own order, so that a page steps over no hidden project.
CREATE INDEX projects_by_number ON projects (scope_id, visibility, number, id);
CREATE INDEX projects_by_name ON projects (scope_id, visibility, name_key, id);
CREATE INDEX projects_by_updated_at ON projects (scope_id, visibility, updated_at, id);

CREATE TABLE project_members (
    scope_id uuid NOT NULL,
    project_id uuid NOT NULL,
    user_id uuid NOT NULL,
    id uuid NOT NULL,
    number bigint NOT NULL CHECK (number >= 1),
    role text NOT NULL CHECK (role IN ('admin', 'member')),
    created_at bigint NOT NULL,
    PRIMARY KEY (scope_id, project_id, user_id),
    UNIQUE (scope_id, id),
    UNIQUE (scope_id, project_id, number),
    FOREIGN KEY (scope_id, project_id) REFERENCES projects (scope_id, id) ON DELETE CASCADE,
    FOREIGN KEY (scope_id, user_id) REFERENCES members (scope_id, user_id)
);

-- The rosters that one user is on.
CREATE INDEX project_members_by_user ON project_members (scope_id, user_id, project_id);

ALTER TABLE projects ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE project_members ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

CREATE POLICY entered ON projects
    USING (nullif(scope_id = ANY ((SELECT nullif(current_setting('loggia.scopes', true), '')::uuid[])::uuid[]), false) IS NOT NULL);
CREATE POLICY entered ON project_members
    USING (nullif(scope_id = ANY ((SELECT nullif(current_setting('loggia.scopes', true), '')::uuid[])::uuid[]), false) IS NOT NULL);
-- A record that a path names by its id tells its scope while `loggia.sought` is that id.
CREATE POLICY sought ON projects FOR SELECT
    USING (id = (SELECT nullif(current_setting('loggia.sought', true), '')::uuid));

GRANT SELECT, INSERT, DELETE ON projects, project_members TO loggia_service;
GRANT UPDATE (name, name_key, description, start_date, end_date, visibility, updated_at, revision, next_membership_number,
    next_task_number, next_top_number) ON projects TO loggia_service;
GRANT UPDATE (role) ON project_members TO loggia_service;
