-- Invitations to join an organization. A row exists until the invitation is accepted or withdrawn, also after its token has expired.
--
-- An invitation is looked up by the digest of its token before any scope is known.

CREATE TABLE invitations (
    scope_id BLOB NOT NULL CHECK (length(scope_id) = 16) REFERENCES organizations (id),
    id BLOB NOT NULL CHECK (length(id) = 16),
    -- The address that the token is meant for. Nothing depends on whether a user has it.
    email TEXT NOT NULL CHECK (email <> ''),
    email_key TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('admin', 'member', 'viewer')),
    token_hash BLOB NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    -- The member who invited; null for the operator.
    invited_by BLOB,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (scope_id, id),
    UNIQUE (scope_id, email_key),
    FOREIGN KEY (scope_id, invited_by) REFERENCES members (scope_id, user_id)
) STRICT, WITHOUT ROWID;

-- The projects whose rosters the account joins: at most 100 of an invitation. A project that is deleted is removed from the invitations.
CREATE TABLE invitation_projects (
    scope_id BLOB NOT NULL,
    invitation_id BLOB NOT NULL,
    project_id BLOB NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('admin', 'member')),
    PRIMARY KEY (scope_id, invitation_id, project_id),
    FOREIGN KEY (scope_id, invitation_id) REFERENCES invitations (scope_id, id) ON DELETE CASCADE,
    FOREIGN KEY (scope_id, project_id) REFERENCES projects (scope_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- The invitations with a project, for deleting the project.
CREATE INDEX invitation_projects_by_project ON invitation_projects (scope_id, project_id);
