//! Records as the read side returns them: each is read from the columns of one joined row, with its relations.

use std::collections::HashMap;
use std::sync::Arc;

use loggia_domain::organization::Organization;
use loggia_domain::policy::ProjectStanding;
use loggia_domain::port::{
    CreatorView, Includes, MembershipView, MyTasksView, ProjectView, SpaceView, StoreError, TaskView,
};
use loggia_domain::project::Project;
use loggia_domain::role::ScopeRole;
use loggia_domain::scope::Scope;
use loggia_domain::user::Member;
use uuid::Uuid;

use crate::columns::{AnyRow, Columns};
use crate::corrupt::RowName;
use crate::rows::{
    MemberRow, MembershipRow, OrganizationRow, ProjectRefRow, ProjectRow, SpaceRow, TaskRow, scope_role,
    standing,
};

/// Reads an organization, and then the role of the user in it.
///
/// # Errors
/// Fails with [`StoreError::Corrupt`], as all functions of this module do, if a value breaks a rule of the domain.
pub fn read_organization<R: AnyRow>(
    columns: &mut Columns<R>,
    user: Uuid,
) -> Result<(Organization, ScopeRole), StoreError> {
    let organization: OrganizationRow = columns.record()?;
    let role: String = columns.value()?;
    Ok((organization.decode()?, scope_role(&role, user)?))
}

/// Reads a member who must be there: a row names it in `column`.
fn read_member<R: AnyRow>(
    columns: &mut Columns<R>,
    scope: Scope,
    row: RowName,
    column: &'static str,
) -> Result<Member, StoreError> {
    let member = columns.optional::<MemberRow>()?;
    member.ok_or_else(|| row.corrupt(column, "is no member of the scope"))?.decode(scope)
}

/// Relations that the spaces of a scope share, each decoded from the first row that has it.
#[derive(Debug, Default)]
pub struct SharedRelations {
    /// `None` for a project that the viewer does not see.
    projects: HashMap<Uuid, Option<Arc<Project>>>,
    organizations: HashMap<Uuid, Arc<Organization>>,
    creators: HashMap<Uuid, Arc<Member>>,
}

/// Reads the viewer's id and role in the scope, a space, and those of its relations that are included: the viewer's role on the roster
/// and the project, the organization, the creator.
///
/// # Errors
/// Fails with [`StoreError::Corrupt`] if a value breaks a rule of the domain.
pub fn read_space<R: AnyRow>(
    columns: &mut Columns<R>,
    scope: impl FnOnce(Uuid) -> Scope,
    includes: Includes,
    shared: &mut SharedRelations,
) -> Result<(SpaceView, ScopeRole), StoreError> {
    let user_id: Uuid = columns.value()?;
    let scope = scope(user_id);
    let role: String = columns.value()?;
    let space: SpaceRow = columns.record()?;
    let name = RowName { table: "spaces", id: space.id };
    let mut view =
        SpaceView { space: space.decode(scope)?, project: None, organization: None, creator: None };
    if includes.project {
        let roster_role: Option<String> = columns.value()?;
        let project = columns.shared(&mut shared.projects, |project: ProjectRow| {
            let standing = standing(user_id, project.id, &role, roster_role.as_deref(), &project.visibility)?;
            Ok(if standing.sees() { Some(Arc::new(project.decode(scope)?)) } else { None })
        })?;
        view.project = project.flatten();
    }
    if includes.organization {
        let make = |row: OrganizationRow| row.decode().map(Arc::new);
        view.organization = columns.shared(&mut shared.organizations, make)?;
    }
    if includes.creator {
        let make = |row: MemberRow| row.decode(scope).map(Arc::new);
        let creator = columns.shared(&mut shared.creators, make)?;
        view.creator = Some(creator.ok_or_else(|| name.corrupt("created_by", "is no member of the scope"))?);
    }
    Ok((view, scope_role(&role, user_id)?))
}

/// Reads a project and its creator.
///
/// # Errors
/// Fails with [`StoreError::Corrupt`] if a value breaks a rule of the domain.
pub fn read_project<R: AnyRow>(columns: &mut Columns<R>, scope: Scope) -> Result<ProjectView, StoreError> {
    let project: ProjectRow = columns.record()?;
    let name = RowName { table: "projects", id: project.id };
    let creator = read_member(columns, scope, name, "created_by")?;
    Ok(CreatorView { record: project.decode(scope)?, creator })
}

/// Reads a standing from these columns: the user, the user's roles in the scope and on the roster, the project, its visibility.
///
/// # Errors
/// Fails with [`StoreError::Corrupt`] if a value breaks a rule of the domain.
pub fn read_standing<R: AnyRow>(columns: &mut Columns<R>) -> Result<ProjectStanding, StoreError> {
    let user_id: Uuid = columns.value()?;
    let scope_role: String = columns.value()?;
    let roster_role: Option<String> = columns.value()?;
    let project_id: Uuid = columns.value()?;
    let visibility: String = columns.value()?;
    standing(user_id, project_id, &scope_role, roster_role.as_deref(), &visibility)
}

/// Reads a membership on a roster, the project and the member.
///
/// # Errors
/// Fails with [`StoreError::Corrupt`] if a value breaks a rule of the domain.
pub fn read_membership<R: AnyRow>(
    columns: &mut Columns<R>,
    scope: Scope,
) -> Result<MembershipView, StoreError> {
    let membership: MembershipRow = columns.record()?;
    let name = RowName { table: "project_members", id: membership.id };
    let project: ProjectRefRow = columns.record()?;
    let member = read_member(columns, scope, name, "user_id")?;
    Ok(MembershipView { membership: membership.decode()?, project: project.decode(scope)?, member })
}

/// Reads a task, its project, its creator and its assignee.
///
/// # Errors
/// Fails with [`StoreError::Corrupt`] if a value breaks a rule of the domain.
pub fn read_task<R: AnyRow>(columns: &mut Columns<R>, scope: Scope) -> Result<TaskView, StoreError> {
    let task: TaskRow = columns.record()?;
    let name = RowName { table: "tasks", id: task.id };
    let project: ProjectRefRow = columns.record()?;
    let creator = read_member(columns, scope, name, "created_by")?;
    let assignee = columns.optional::<MemberRow>()?;
    if assignee.is_none() && task.assignee_id.is_some() {
        return Err(name.corrupt("assignee_id", "is no member of the scope"));
    }
    Ok(TaskView {
        task: task.decode(scope)?,
        project: project.decode(scope)?,
        assignee: assignee.map(|person| person.decode(scope)).transpose()?,
        creator,
    })
}

/// Groups tasks by their project, each with the number of the viewer's tasks in the project. Tasks of one project must follow each other.
pub fn by_project(tasks: impl IntoIterator<Item = (u64, TaskView)>) -> Vec<MyTasksView> {
    let mut groups: Vec<MyTasksView> = Vec::new();
    for (total, task) in tasks {
        match groups.last_mut() {
            Some(group) if group.project.id == task.project.id => group.tasks.push(task),
            _ => groups.push(MyTasksView { project: task.project.clone(), total, tasks: vec![task] }),
        }
    }
    groups
}
