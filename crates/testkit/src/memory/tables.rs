//! The content of the store, and the standing of a viewer in it.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use loggia_domain::event::{Event, EventPosition};
use loggia_domain::id::{InvitationId, KeyId, OrganizationId, ProjectId, ScopeId, SpaceId, TaskId, UserId};
use loggia_domain::instant::Timestamp;
use loggia_domain::invitation::Invitation;
use loggia_domain::key::{ApiKey, KeyHash, KeyOrigin};
use loggia_domain::once::{IdempotencyKey, StoredResponse};
use loggia_domain::organization::Organization;
use loggia_domain::policy::ProjectStanding;
use loggia_domain::port::StoreError;
use loggia_domain::project::Project;
use loggia_domain::role::ScopeRole;
use loggia_domain::roster::Membership;
use loggia_domain::scope::{Readmissions, Scope, Viewer};
use loggia_domain::space::Space;
use loggia_domain::task::{OutlineNumber, Task};
use loggia_domain::user::{Member, User};
use uuid::Uuid;

use super::table::Table;

/// The counters of a scope: the last number of each kind.
#[derive(Clone, Debug, Default)]
pub(super) struct ScopeRow {
    pub(super) members: i64,
    pub(super) projects: i64,
}

/// A project and its counters.
#[derive(Clone, Debug)]
pub(super) struct ProjectRow {
    pub(super) project: Project,
    pub(super) memberships: i64,
    pub(super) tasks: i64,
    /// The maximum of the top-level numbers that the server assigned or a client chose.
    pub(super) top: i64,
}

/// An invitation and the digest of its token.
#[derive(Clone, Debug)]
pub(super) struct InvitationRow {
    pub(super) invitation: Invitation,
    pub(super) hash: KeyHash,
}

/// The key of a claim: the user, the one organization that their key reaches, the operation and the idempotency key.
pub(super) type ClaimKey = (UserId, Option<OrganizationId>, String, IdempotencyKey);

/// A claim and its response; withheld until one is stored.
#[derive(Clone, Debug)]
pub(super) struct KeptRow {
    pub(super) fingerprint: [u8; 32],
    pub(super) scope: Option<Scope>,
    pub(super) answer: StoredResponse,
    pub(super) expires_at: Timestamp,
}

/// An event of a scope and its position.
pub(super) type Logged = (EventPosition, Event);

/// The content of the store. Copies are cheap.
#[derive(Clone, Debug, Default)]
pub(super) struct Tables {
    pub(super) scopes: Table<Scope, ScopeRow>,
    pub(super) users: Table<UserId, User>,
    /// Users by their home and the keys of their addresses.
    pub(super) addresses: Table<(Option<OrganizationId>, String), UserId>,
    pub(super) organizations: Table<OrganizationId, Organization>,
    /// `true` once an organization was created.
    pub(super) had_organizations: bool,
    /// The closed organizations, with the times at which they were closed.
    pub(super) closed: Table<OrganizationId, Timestamp>,
    /// The number of organizations that each user has created.
    pub(super) organizations_made: Table<UserId, u64>,
    /// The number of readmissions of each user, over all organizations.
    pub(super) readmissions: Table<UserId, Readmissions>,
    pub(super) members: Table<(Scope, UserId), Member>,
    /// The number of readmissions that each readmitted membership has stored.
    pub(super) readmitted: Table<(Scope, UserId), Readmissions>,
    pub(super) invitations: Table<(OrganizationId, InvitationId), InvitationRow>,
    pub(super) spaces: Table<SpaceId, Space>,
    pub(super) projects: Table<ProjectId, ProjectRow>,
    pub(super) rosters: Table<(ProjectId, UserId), Membership>,
    pub(super) tasks: Table<TaskId, Task>,
    /// A project's tasks by their positions in the outline.
    pub(super) outlines: Table<ProjectId, BTreeMap<OutlineNumber, TaskId>>,
    pub(super) keys: Table<KeyId, ApiKey>,
    pub(super) origins: Table<KeyId, KeyOrigin>,
    /// Keys by the bytes of their digest.
    pub(super) digests: Table<[u8; 32], KeyId>,
    pub(super) stored_responses: Table<ClaimKey, KeptRow>,
    pub(super) events: Table<(ScopeId, EventPosition), Logged>,
    /// The number of events of all scopes.
    pub(super) sequence: u64,
}

/// The range of all user ids.
const EVERYBODY: RangeInclusive<UserId> = UserId::from_uuid(Uuid::nil())..=UserId::from_uuid(Uuid::max());

impl Tables {
    /// Returns the viewer's membership of a scope, active or not, if the viewer's key gives access to it.
    pub(super) fn own_member(&self, viewer: &Viewer, scope: Scope) -> Option<&Member> {
        let key = (scope, viewer.user);
        let readmitted = self.readmitted.get(&key).copied().unwrap_or_default();
        let is_open = viewer.reach.covers(scope) && readmitted <= viewer.readmissions;
        self.members.get(&key).filter(|_| is_open)
    }

    /// Returns the viewer's role in a scope if the viewer is an active member and the viewer's key gives access to the membership.
    pub(super) fn role(&self, viewer: &Viewer, scope: Scope) -> Option<ScopeRole> {
        self.own_member(viewer, scope).filter(|member| member.active).map(|member| member.role)
    }

    /// Returns the viewer's standing towards a project if the viewer is an active member of its scope.
    pub(super) fn standing(&self, viewer: &Viewer, project: &Project) -> Option<ProjectStanding> {
        let scope_role = self.role(viewer, project.scope)?;
        let roster_role = self.rosters.get(&(project.id, viewer.user)).map(|membership| membership.role);
        Some(ProjectStanding { scope_role, roster_role, visibility: project.visibility })
    }

    /// Returns a project if it belongs to the scope.
    pub(super) fn project_in(&self, scope: Scope, id: ProjectId) -> Option<&Project> {
        self.projects.get(&id).map(|row| &row.project).filter(|project| project.scope == scope)
    }

    /// Returns a project in a scope of which the viewer is an active member, and the viewer's standing.
    pub(super) fn project_for(&self, viewer: &Viewer, id: ProjectId) -> Option<(&Project, ProjectStanding)> {
        let project = &self.projects.get(&id)?.project;
        Some((project, self.standing(viewer, project)?))
    }

    /// Returns the members of a scope, by ascending user id.
    pub(super) fn members_of(&self, scope: Scope) -> impl Iterator<Item = &Member> {
        self.members.range((scope, *EVERYBODY.start())..=(scope, *EVERYBODY.end()))
    }

    /// Returns the memberships of a roster, by ascending user id.
    pub(super) fn roster(&self, project: ProjectId) -> impl Iterator<Item = &Membership> {
        self.rosters.range((project, *EVERYBODY.start())..=(project, *EVERYBODY.end()))
    }

    /// Returns a project's tasks by position in the outline.
    pub(super) fn tasks_of(&self, project: ProjectId) -> impl Iterator<Item = &Task> {
        self.outlines.get(&project).into_iter().flat_map(BTreeMap::values).filter_map(|id| self.tasks.get(id))
    }

    /// Returns a member of a scope. Fails with [`StoreError::Corrupt`] if there is none.
    pub(super) fn member(&self, scope: Scope, user: UserId) -> Result<Member, StoreError> {
        self.members
            .get(&(scope, user))
            .cloned()
            .ok_or_else(|| StoreError::Corrupt(format!("member {user} of scope {}", scope.id())))
    }
}
