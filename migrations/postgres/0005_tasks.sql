-- Tasks. They are deleted with their project.

CREATE TABLE tasks (
    scope_id uuid NOT NULL,
    id uuid NOT NULL,
    project_id uuid NOT NULL,
    number bigint NOT NULL CHECK (number >= 1),
    -- Four bytes for each number of the outline, most significant first: the order of the bytes is that of the numbers.
    outline bytea NOT NULL CHECK (length(outline) BETWEEN 4 AND 32 AND length(outline) % 4 = 0),
    name text NOT NULL,
    description text,
    status text NOT NULL CHECK (status IN ('todo', 'in_progress', 'done', 'cancelled')),
    start_date bigint,
    end_date bigint,
    -- A member of the scope, not of the roster: a finished task keeps its assignee after they left the project.
    assignee_id uuid,
    created_by uuid NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    revision bigint NOT NULL CHECK (revision >= 1),
    PRIMARY KEY (scope_id, id),
    UNIQUE (scope_id, project_id, outline),
    UNIQUE (scope_id, project_id, number),
    FOREIGN KEY (scope_id, project_id) REFERENCES projects (scope_id, id) ON DELETE CASCADE,
    FOREIGN KEY (scope_id, assignee_id) REFERENCES members (scope_id, user_id),
    FOREIGN KEY (scope_id, created_by) REFERENCES members (scope_id, user_id),
    CHECK (start_date <= end_date)
);

CREATE UNIQUE INDEX tasks_by_id ON tasks (id);
-- The tasks of one assignee, by project and in the order of the outline.
CREATE INDEX tasks_by_assignee ON tasks (scope_id, assignee_id, project_id, outline) WHERE assignee_id IS NOT NULL;

ALTER TABLE tasks ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

CREATE POLICY entered ON tasks
    USING (nullif(scope_id = ANY ((SELECT nullif(current_setting('loggia.scopes', true), '')::uuid[])::uuid[]), false) IS NOT NULL);
CREATE POLICY sought ON tasks FOR SELECT
    USING (id = (SELECT nullif(current_setting('loggia.sought', true), '')::uuid));

GRANT SELECT, INSERT, DELETE ON tasks TO loggia_service;
GRANT UPDATE (outline, name, description, status, start_date, end_date, assignee_id, updated_at, revision)
    ON tasks TO loggia_service;
