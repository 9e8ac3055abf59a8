//! An update writes every field that can change, sets it and clears it.

use loggia_domain::instant::DateRange;
use loggia_domain::organization::Organization;
use loggia_domain::port::{Inserted, MemberInserted};
use loggia_domain::project::{Project, Visibility};
use loggia_domain::role::{RosterRole, ScopeRole};
use loggia_domain::space::{Priority, Space, SpaceStatus, Strength};
use loggia_domain::task::{Task, TaskStatus};
use loggia_domain::text::{
    AvatarUrl, EmployeeNumber, OrganizationName, PersonName, ProjectDescription, ProjectName,
    SpaceDescription, SpaceName, TaskDescription, TaskName, Username,
};
use loggia_domain::user::{Member, Profile};

use super::Fixture;
use super::extremes::{STRANGE, earliest, exact, latest, strange_lines};
use crate::builders::{self, outline};
use crate::seed::{self, World, commit};

/// Updates a space.
pub async fn an_update_writes_every_field_of_a_space(fixture: &Fixture) {
    let world = World::seed(&fixture.ports).await;
    let plain = builders::space(&fixture.ports, world.scope, world.member.user, "Tides");
    let bystander = builders::space(&fixture.ports, world.scope, world.member.user, "Tides");
    seed::spaces(&fixture.ports, &[plain.clone(), bystander.clone()]).await;
    let full = Space {
        name: SpaceName::parse(STRANGE).expect("a name"),
        description: SpaceDescription::parse(&strange_lines()).ok(),
        project: Some(world.project.id),
        status: SpaceStatus::Archived,
        priority: Priority::Urgent,
        strength: Strength::new(10).expect("a strength"),
        updated_at: exact(),
        revision: 2,
        ..plain.clone()
    };
    let back = Space { updated_at: latest(), revision: 3, ..plain };
    for space in [full, back] {
        let mut work = fixture.begin().await;
        assert!(work.lock_space(&world.as_member(), space.id).await.expect("a lock").is_some());
        work.update_space(&space).await.expect("an update");
        commit(work).await;
        let mut work = fixture.begin().await;
        let found = work.lock_space(&world.as_member(), space.id).await.expect("a lock");
        assert_eq!(found, Some((space, ScopeRole::Member)));
        let other = work.lock_space(&world.as_member(), bystander.id).await.expect("a lock");
        assert_eq!(other.map(|(space, _)| space).as_ref(), Some(&bystander), "others are as they were");
    }
}

/// Updates a project.
pub async fn an_update_writes_every_field_of_a_project(fixture: &Fixture) {
    let world = World::seed(&fixture.ports).await;
    let bystander = seed::project(&fixture.ports, world.scope, world.admin.user, "Harbour", |_| ()).await;
    let full = Project {
        name: ProjectName::parse(STRANGE).expect("a name"),
        description: ProjectDescription::parse(&strange_lines()).ok(),
        dates: DateRange::new(Some(earliest()), Some(exact())).expect("a range"),
        visibility: Visibility::Private,
        updated_at: exact(),
        revision: 2,
        ..world.project.clone()
    };
    let back = Project { updated_at: latest(), revision: 3, ..world.project.clone() };
    for project in [full, back] {
        let mut work = fixture.begin().await;
        assert!(work.lock_project(&world.as_admin(), project.id).await.expect("a lock").is_some());
        work.update_project(&project).await.expect("an update");
        commit(work).await;
        let found = fixture.views().project(&world.as_admin(), project.id).await.expect("a look-up");
        let (view, standing) = found.expect("a project");
        assert_eq!((&view.record, standing.visibility), (&project, project.visibility));
        let other = fixture.views().project(&world.as_admin(), bystander.id).await.expect("a look-up");
        assert_eq!(other.map(|(view, _)| view.record).as_ref(), Some(&bystander), "others are as they were");
    }
}

/// Updates a task.
pub async fn an_update_writes_every_field_of_a_task(fixture: &Fixture) {
    let world = World::seed(&fixture.ports).await;
    let plain = seed::task(&fixture.ports, &world.project, "1", |_| ()).await;
    let bystander = seed::task(&fixture.ports, &world.project, "2", |_| ()).await;
    let full = Task {
        outline: outline("1.2.3"),
        name: TaskName::parse(STRANGE).expect("a name"),
        description: TaskDescription::parse(&strange_lines()).ok(),
        status: TaskStatus::Cancelled,
        dates: DateRange::new(Some(exact()), Some(latest())).expect("a range"),
        assignee: Some(world.member.user),
        updated_at: exact(),
        revision: 2,
        ..plain.clone()
    };
    let back = Task { updated_at: latest(), revision: 3, ..plain };
    for task in [full, back] {
        let mut work = fixture.begin().await;
        assert!(work.lock_task(&world.as_member(), task.id).await.expect("a lock").is_some());
        assert_eq!(work.update_task(&task).await.expect("an answer"), Inserted::Yes);
        commit(work).await;
        let found = fixture.views().task(&world.as_member(), task.id).await.expect("a look-up");
        assert_eq!(found.map(|(view, _)| view.task), Some(task));
        let other = fixture.views().task(&world.as_member(), bystander.id).await.expect("a look-up");
        assert_eq!(other.map(|(view, _)| view.task).as_ref(), Some(&bystander), "others are as they were");
    }
}

/// Updates a member's role, access, profile, time of change and revision.
pub async fn an_update_writes_every_field_of_a_member(fixture: &Fixture) {
    let world = World::seed(&fixture.ports).await;
    let full = Member {
        role: ScopeRole::Admin,
        active: false,
        email: None,
        profile: Profile {
            first_name: PersonName::parse(STRANGE).expect("a name"),
            last_name: PersonName::parse("O'Hopper").expect("a name"),
            username: Username::parse("Amazing Grace").ok(),
            employee_number: EmployeeNumber::parse("0042").ok(),
            avatar: AvatarUrl::parse("https://example.com/grace.png").ok(),
        },
        updated_at: exact(),
        revision: 2,
        ..world.member.clone()
    };
    let back = Member { updated_at: latest(), revision: 3, ..world.member.clone() };
    for member in [full, back] {
        let mut work = fixture.begin().await;
        let locked = work.lock_organization(&world.as_admin(), world.organization.id).await.expect("a lock");
        assert!(locked.is_some());
        assert_eq!(work.update_member(&member).await.expect("an answer"), MemberInserted::Yes);
        commit(work).await;
        let mut work = fixture.begin().await;
        let found = work.members(world.scope, &[member.user, world.viewer.user]).await.expect("a look-up");
        assert!(
            found.contains(&member) && found.contains(&world.viewer),
            "others are as they were: {found:?}"
        );
        let personal = builders::viewer(member.user);
        let own =
            fixture.views().own_member(&personal, loggia_domain::scope::Scope::Personal(member.user)).await;
        let own = own.expect("a look-up").expect("a personal scope");
        assert_eq!(own.profile, builders::GRACE.profile(), "each scope knows a person in its own way");
    }
}

/// Updates an organization's name and the role of a roster's membership.
pub async fn an_update_writes_an_organization_and_a_membership(fixture: &Fixture) {
    let world = World::seed(&fixture.ports).await;
    let renamed = Organization {
        name: OrganizationName::parse(STRANGE).expect("a name"),
        updated_at: exact(),
        revision: 2,
        ..world.organization.clone()
    };
    let mut promoted = world.roster_member.clone();
    promoted.role = RosterRole::Admin;
    let mut work = fixture.begin().await;
    let locked = work.lock_organization(&world.as_admin(), world.organization.id).await.expect("a lock");
    assert!(locked.is_some());
    work.update_organization(&renamed).await.expect("an update");
    assert!(work.lock_project(&world.as_admin(), world.project.id).await.expect("a lock").is_some());
    assert_eq!(work.count_roster_admins(world.scope, world.project.id).await.expect("a count"), 1);
    work.update_membership(world.scope, &promoted).await.expect("an update");
    assert_eq!(work.count_roster_admins(world.scope, world.project.id).await.expect("a count"), 2);
    commit(work).await;
    let found = fixture.views().organization(&world.as_viewer(), renamed.id).await.expect("a look-up");
    assert_eq!(found, Some((renamed, ScopeRole::Viewer)));
    let mut work = fixture.begin().await;
    let people = [promoted.user, world.admin.user];
    let memberships = work.memberships(world.scope, world.project.id, &people).await.expect("a look-up");
    assert_eq!(memberships.len(), 2);
    assert!(memberships.contains(&promoted) && memberships.contains(&world.roster_admin), "{memberships:?}");
}

/// Only active admins count as admins of a scope.
pub async fn only_active_admins_are_counted(fixture: &Fixture) {
    let world = World::seed(&fixture.ports).await;
    let barbara =
        seed::member(&fixture.ports, world.organization.id, builders::BARBARA, ScopeRole::Admin).await;
    let mut work = fixture.begin().await;
    assert!(work.lock_any_organization(world.organization.id).await.expect("a lock").is_some());
    assert_eq!(work.count_active_admins(world.scope).await.expect("a count"), 2);
    let left = Member { active: false, ..barbara };
    assert_eq!(work.update_member(&left).await.expect("an answer"), MemberInserted::Yes);
    assert_eq!(work.count_active_admins(world.scope).await.expect("a count"), 1, "as this work has left it");
}
