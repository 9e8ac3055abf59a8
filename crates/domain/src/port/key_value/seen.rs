//! The records that a viewer finds.

use uuid::Uuid;

use super::record::key_of_organization;
use super::{Key, ReadRecords, Record, Snapshot};
use crate::id::{OrganizationId, ProjectId, SpaceId, TaskId, UserId};
use crate::organization::Organization;
use crate::policy::ProjectStanding;
use crate::port::StoreError;
use crate::project::Project;
use crate::role::ScopeRole;
use crate::roster::Membership;
use crate::scope::{Scope, Viewer};
use crate::space::Space;
use crate::task::Task;
use crate::text::EmailAddress;
use crate::user::{Member, User};

/// A record and the viewer's standing towards it, if the viewer finds it.
pub(super) type Found<R, S> = Result<Option<(R, S)>, StoreError>;

/// Returns a record by its key.
pub(super) fn get<R: Record>(
    rows: &impl ReadRecords<R>,
    owner: Uuid,
    id: Uuid,
) -> Result<Option<R>, StoreError> {
    rows.get(Key { owner, id })
}

/// Returns the records of an owner.
pub(super) fn list<R: Record>(rows: &impl ReadRecords<R>, owner: Uuid) -> Result<Vec<R>, StoreError> {
    rows.list(Key::first(owner))
}

/// Returns a record by an id that one record of its kind has.
fn only<R: Record>(rows: &impl ReadRecords<R>, id: Uuid) -> Result<Option<R>, StoreError> {
    Ok(rows.with_id(id)?.pop())
}

/// Returns the records of a scope; none if the viewer is not an active member of it.
pub(super) fn in_scope<R: Record, S: Snapshot + ReadRecords<R>>(
    rows: &S,
    viewer: &Viewer,
    scope: Scope,
) -> Result<Vec<R>, StoreError> {
    match role(rows, viewer, scope)? {
        Some(_) => list(rows, scope.id().as_uuid()),
        None => Ok(Vec::new()),
    }
}

/// Returns the user with this home who has the address.
pub(super) fn by_address(
    rows: &impl Snapshot,
    home: Option<OrganizationId>,
    email: &EmailAddress,
) -> Result<Option<User>, StoreError> {
    let user = rows.address(home, &email.key())?;
    user.map_or(Ok(None), |user| rows.get(Key::alone(user.as_uuid())))
}

/// Returns a membership for any viewer. A user's id is that of their personal scope, too, and names no organization.
pub(super) fn member(rows: &impl Snapshot, scope: Scope, user: UserId) -> Result<Option<Member>, StoreError> {
    let found: Option<Member> = get(rows, scope.id().as_uuid(), user.as_uuid())?;
    Ok(found.filter(|member| member.scope == scope))
}

/// Returns the viewer's membership of a scope, active or not, if the viewer's key gives access to it.
pub(super) fn own_member(
    rows: &impl Snapshot,
    viewer: &Viewer,
    scope: Scope,
) -> Result<Option<Member>, StoreError> {
    if !viewer.reach.covers(scope) {
        return Ok(None);
    }
    let own = member(rows, scope, viewer.user)?;
    let (_, readmissions) = rows.readmissions(viewer.user, scope)?;
    Ok(own.filter(|_| readmissions <= viewer.readmissions))
}

/// Returns the viewer's role in a scope.
pub(super) fn role(
    rows: &impl Snapshot,
    viewer: &Viewer,
    scope: Scope,
) -> Result<Option<ScopeRole>, StoreError> {
    Ok(own_member(rows, viewer, scope)?.filter(|own| own.active).map(|own| own.role))
}

pub(super) fn organization(
    rows: &impl Snapshot,
    viewer: &Viewer,
    id: OrganizationId,
) -> Found<Organization, ScopeRole> {
    let Some(role) = role(rows, viewer, Scope::Organization(id))? else { return Ok(None) };
    let organization: Option<Organization> = rows.get(key_of_organization(id))?;
    Ok(organization.map(|organization| (organization, role)))
}

pub(super) fn space(rows: &impl Snapshot, viewer: &Viewer, id: SpaceId) -> Found<Space, ScopeRole> {
    let Some(space) = only::<Space>(rows, id.as_uuid())? else { return Ok(None) };
    Ok(role(rows, viewer, space.scope)?.map(|role| (space, role)))
}

fn standing(
    rows: &impl Snapshot,
    viewer: &Viewer,
    project: &Project,
) -> Result<Option<ProjectStanding>, StoreError> {
    let Some(scope_role) = role(rows, viewer, project.scope)? else { return Ok(None) };
    let membership: Option<Membership> = get(rows, project.id.as_uuid(), viewer.user.as_uuid())?;
    let roster_role = membership.map(|membership| membership.role);
    Ok(Some(ProjectStanding { scope_role, roster_role, visibility: project.visibility }))
}

pub(super) fn project(
    rows: &impl Snapshot,
    viewer: &Viewer,
    id: ProjectId,
) -> Found<Project, ProjectStanding> {
    let Some(project) = only::<Project>(rows, id.as_uuid())? else { return Ok(None) };
    Ok(standing(rows, viewer, &project)?.map(|standing| (project, standing)))
}

/// Returns the projects of a scope that the viewer sees.
pub(super) fn projects(
    rows: &impl Snapshot,
    viewer: &Viewer,
    scope: Scope,
) -> Result<Vec<Project>, StoreError> {
    let mut seen = Vec::new();
    for project in in_scope::<Project, _>(rows, viewer, scope)? {
        if standing(rows, viewer, &project)?.is_some_and(ProjectStanding::sees) {
            seen.push(project);
        }
    }
    Ok(seen)
}

pub(super) fn task(rows: &impl Snapshot, viewer: &Viewer, id: TaskId) -> Found<Task, ProjectStanding> {
    let Some(task) = only::<Task>(rows, id.as_uuid())? else { return Ok(None) };
    Ok(project(rows, viewer, task.project)?.map(|(_, standing)| (task, standing)))
}
