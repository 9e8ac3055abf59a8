-- Invitations to join an organization. A row exists until the invitation is accepted or withdrawn, also after its token has expired.
--
-- An invitation is looked up by the digest of its token before any scope is known.

CREATE TABLE invitations (
    scope_id uuid NOT NULL REFERENCES organizations (id),
    id uuid NOT NULL,
    -- The address that the token is meant for. Nothing depends on whether a user has it.
    email text NOT NULL CHECK (email <> ''),
    email_key text COLLATE "C" NOT NULL,
    role text NOT NULL CHECK (role IN ('admin', 'member', 'viewer')),
    token_hash bytea NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    -- The member who invited; null for the operator.
    invited_by uuid,
    created_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    PRIMARY KEY (scope_id, id),
    UNIQUE (scope_id, email_key),
    FOREIGN KEY (scope_id, invited_by) REFERENCES members (scope_id, user_id)
);

-- The projects whose rosters the account joins: at most 100 of an invitation. A project that is deleted is removed from the invitations.
CREATE TABLE invitation_projects (
    scope_id uuid NOT NULL,
    invitation_id uuid NOT NULL,
    project_id uuid NOT NULL,
    role text NOT NULL CHECK (role IN ('admin', 'member')),
    PRIMARY KEY (scope_id, invitation_id, project_id),
    FOREIGN KEY (scope_id, invitation_id) REFERENCES invitations (scope_id, id) ON DELETE CASCADE,
    FOREIGN KEY (scope_id, project_id) REFERENCES projects (scope_id, id) ON DELETE CASCADE
);

-- The invitations with a project, for deleting the project.
CREATE INDEX invitation_projects_by_project ON invitation_projects (scope_id, project_id);

ALTER TABLE invitations ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE invitation_projects ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

CREATE POLICY entered ON invitations
    USING (nullif(scope_id = ANY ((SELECT nullif(current_setting('loggia.scopes', true), '')::uuid[])::uuid[]), false) IS NOT NULL);
CREATE POLICY entered ON invitation_projects
    USING (nullif(scope_id = ANY ((SELECT nullif(current_setting('loggia.scopes', true), '')::uuid[])::uuid[]), false) IS NOT NULL);
-- An invitation tells its scope to a caller that presents the token.
CREATE POLICY presented ON invitations FOR SELECT
    USING (encode(token_hash, 'hex') = (SELECT nullif(current_setting('loggia.identity', true), '')));

-- The foreign keys delete the projects of an invitation, with the rights of the owner of the table.
GRANT SELECT, INSERT, DELETE ON invitations TO loggia_service;
GRANT UPDATE (token_hash, invited_by, expires_at) ON invitations TO loggia_service;
GRANT SELECT, INSERT ON invitation_projects TO loggia_service;
