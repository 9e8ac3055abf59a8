-- Tasks. They are deleted with their project.

CREATE TABLE tasks (
    scope_id BLOB NOT NULL,
    id BLOB NOT NULL CHECK (length(id) = 16),
    project_id BLOB NOT NULL,
    number INTEGER NOT NULL CHECK (number >= 1),
    -- Four bytes for each number of the outline, most significant first: the order of the bytes is that of the numbers.
    outline BLOB NOT NULL CHECK (length(outline) BETWEEN 4 AND 32 AND length(outline) % 4 = 0),
    name TEXT NOT NULL,
    description TEXT,
    status TEXT NOT NULL CHECK (status IN ('todo', 'in_progress', 'done', 'cancelled')),
    start_date INTEGER,
    end_date INTEGER,
    -- A member of the scope, not of the roster: a finished task keeps its assignee after they left the project.
    assignee_id BLOB,
    created_by BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    revision INTEGER NOT NULL CHECK (revision >= 1),
    PRIMARY KEY (scope_id, id),
    UNIQUE (scope_id, project_id, outline),
    UNIQUE (scope_id, project_id, number),
    FOREIGN KEY (scope_id, project_id) REFERENCES projects (scope_id, id) ON DELETE CASCADE,
    FOREIGN KEY (scope_id, assignee_id) REFERENCES members (scope_id, user_id),
    FOREIGN KEY (scope_id, created_by) REFERENCES members (scope_id, user_id),
    CHECK (start_date <= end_date)
) STRICT;

CREATE UNIQUE INDEX tasks_by_id ON tasks (id);
-- The tasks of one assignee, by project and in the order of the outline.
CREATE INDEX tasks_by_assignee ON tasks (scope_id, assignee_id, project_id, outline) WHERE assignee_id IS NOT NULL;
