//! A unit of work is committed as a whole or not at all.

use loggia_domain::event::{SubjectKind, Verb};
use loggia_domain::id::DisplayNumber;
use loggia_domain::key::{ApiKey, KeyOrigin};
use loggia_domain::organization::Organization;
use loggia_domain::port::{Includes, Inserted, MemberInserted, UnitOfWork};
use loggia_domain::project::{Project, Visibility};
use loggia_domain::role::{RosterRole, ScopeRole};
use loggia_domain::scope::Scope;
use loggia_domain::space::Space;
use loggia_domain::task::Task;
use loggia_domain::user::User;

use super::Fixture;
use super::events::all;
use super::pagination::whole;
use crate::builders::{self, KATHERINE};
use crate::seed::{self, World, commit};

/// The rows that exist before the unit of work and are changed or deleted by it.
struct Before {
    world: World,
    space: Space,
    task: Task,
}

/// The rows that the unit of work inserts.
struct Added {
    user: User,
    organization: Organization,
    space: Space,
    project: Project,
    task: Task,
}

impl Before {
    async fn seed(fixture: &Fixture) -> Self {
        let ports = &fixture.ports;
        let world = World::seed(ports).await;
        let space = builders::space(ports, world.scope, world.admin.user, "Tides");
        seed::spaces(ports, std::slice::from_ref(&space)).await;
        let task = seed::task(ports, &world.project, "1", |_| ()).await;
        Self { world, space, task }
    }

    /// Writes to every table of the core.
    async fn write_everything(&self, fixture: &Fixture, work: &mut dyn UnitOfWork) -> Added {
        let (ports, world) = (&fixture.ports, &self.world);
        let viewer = world.as_admin();
        let user = builders::user(ports, KATHERINE);
        let organization = builders::organization(ports, "Elsewhere");
        assert_eq!(work.insert_user(&user).await.expect("a user"), Inserted::Yes);
        work.insert_organization(&organization).await.expect("an organization");
        assert!(work.lock_organization(&viewer, world.organization.id).await.expect("a lock").is_some());
        let number = work.next_member_number(world.scope).await.expect("a number");
        let member = builders::member(ports, world.scope, &user, KATHERINE, number, ScopeRole::Viewer);
        let number = work.next_project_number(world.scope).await.expect("a number");
        let mut project = builders::project(ports, world.scope, world.admin.user, number, "Lighthouse");
        project.visibility = Visibility::Private;
        work.insert_project(&project).await.expect("a project");
        assert!(work.lock_project(&viewer, project.id).await.expect("a lock").is_some());
        let mut space = builders::space(ports, world.scope, world.admin.user, "Winds");
        space.project = Some(project.id);
        work.insert_space(&space).await.expect("a space");
        assert!(work.lock_space(&viewer, self.space.id).await.expect("a lock").is_some());
        work.delete_space(world.scope, self.space.id).await.expect("a deletion");
        assert_eq!(work.insert_member(&member).await.expect("a member"), MemberInserted::Yes);
        let number = work.next_membership_numbers(world.scope, project.id, 1).await.expect("a number");
        let membership = builders::membership(ports, project.id, user.id, number, RosterRole::Member);
        assert_eq!(
            work.insert_membership(world.scope, &membership).await.expect("a membership"),
            Inserted::Yes
        );
        let number = work.next_task_number(world.scope, project.id).await.expect("a number");
        let task = builders::task(ports, &project, world.admin.user, number, "1");
        assert_eq!(work.insert_task(&task).await.expect("a task"), Inserted::Yes);
        let event = builders::event(ports, world.scope, SubjectKind::Task, task.id.as_uuid(), Verb::Created);
        work.append(&event).await.expect("an event");
        // The project is deleted last, since its roster and its tasks are deleted with it.
        assert!(work.lock_project(&viewer, world.project.id).await.expect("a lock").is_some());
        work.delete_project(world.scope, world.project.id).await.expect("a deletion");
        Added { user, organization, space, project, task }
    }

    /// Returns how many of the checked rows are as they were before the unit of work, and how many as they are after it.
    async fn judge(&self, fixture: &Fixture, added: &Added) -> (usize, usize) {
        let (views, world) = (fixture.views(), &self.world);
        let (viewer, none) = (world.as_admin(), Includes::default());
        let project = views.project(&viewer, world.project.id).await.expect("a look-up");
        let roster = views.count_roster(&viewer, world.project.id).await.expect("a count");
        let before = [
            views.space(&viewer, self.space.id, none).await.expect("a look-up").is_some(),
            project.is_some_and(|(view, _)| view.record == world.project),
            roster == 2,
            views.task(&viewer, self.task.id).await.expect("a look-up").is_some(),
        ];
        let scope = Scope::Organization(added.organization.id);
        let after = [
            views.user(added.user.id).await.expect("a look-up").is_some(),
            views.account_by_email(&KATHERINE.email()).await.expect("a lookup").is_some(),
            views
                .role_in_scope(&builders::viewer(added.user.id), world.scope)
                .await
                .expect("a role")
                .is_some(),
            views.space(&viewer, added.space.id, none).await.expect("a look-up").is_some(),
            views.project(&viewer, added.project.id).await.expect("a look-up").is_some(),
            views.count_roster(&viewer, added.project.id).await.expect("a count") == 1,
            views.task(&viewer, added.task.id).await.expect("a look-up").is_some(),
            !all(fixture, world.scope, 10).await.is_empty(),
        ];
        assert_eq!(views.events(scope, None, 10).await.expect("events"), [], "nothing happened there");
        (before.iter().filter(|is| **is).count(), after.iter().filter(|is| **is).count())
    }
}

/// No change is visible before the commit, and every change is after it.
pub async fn changes_are_visible_after_the_commit_and_not_before(fixture: &Fixture) {
    let before = Before::seed(fixture).await;
    let mut work = fixture.begin().await;
    let added = before.write_everything(fixture, work.as_mut()).await;
    assert_eq!(before.judge(fixture, &added).await, (4, 0), "not committed yet");
    commit(work).await;
    assert_eq!(before.judge(fixture, &added).await, (0, 8), "committed");
    let mut work = fixture.begin().await;
    let found = work.lock_any_organization(added.organization.id).await.expect("a lock");
    assert_eq!(found, Some(added.organization));
}

/// A dropped unit of work leaves no trace; its numbers are assigned again, and its natural keys are free.
pub async fn a_dropped_unit_of_work_leaves_no_trace(fixture: &Fixture) {
    let before = Before::seed(fixture).await;
    let world = &before.world;
    for _ in 0..3 {
        let mut work = fixture.begin().await;
        let added = before.write_everything(fixture, work.as_mut()).await;
        drop(work);
        assert_eq!(before.judge(fixture, &added).await, (4, 0), "undone");
        let mut work = fixture.begin().await;
        let found = work.lock_any_organization(added.organization.id).await.expect("a lock");
        assert_eq!(found, None);
        let project = work.next_project_number(world.scope).await.expect("a number");
        let member = work.next_member_number(world.scope).await.expect("a number");
        assert_eq!(
            (project, member),
            (DisplayNumber::new(2), DisplayNumber::new(4)),
            "numbers were given back"
        );
    }
    let mut work = fixture.begin().await;
    let added = before.write_everything(fixture, work.as_mut()).await;
    commit(work).await;
    assert_eq!(before.judge(fixture, &added).await, (0, 8), "the same goes through when it is not undone");
    assert_eq!(added.project.number, DisplayNumber::new(2));
}

/// Keys that a dropped unit of work has written are as they were before it; those of a committed one are as it has written them.
pub async fn keys_are_written_with_the_commit_and_not_before(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    let before = builders::key(ports, world.admin.user, world.scope);
    seed::key(ports, &before, "before").await;
    let user = builders::user(ports, KATHERINE);
    let added = builders::key(ports, user.id, world.scope);
    let revoked = ApiKey { revoked_at: Some(ports.clock.now()), ..before.clone() };
    let hash = ports.secrets.digest("added");
    let written = async || {
        let mut work = fixture.begin().await;
        assert_eq!(work.insert_user(&user).await.expect("a user"), Inserted::Yes);
        work.insert_key(&added, &hash, &KeyOrigin::default()).await.expect("a key");
        work.update_key(&revoked).await.expect("an update");
        work
    };
    let there = async || {
        let views = fixture.views();
        let listed = views.keys(&builders::viewer(added.user), &whole()).await.expect("a list");
        let found = views.key_by_hash(&hash).await.expect("a look-up");
        (views.key(before.user, before.id).await.expect("a look-up"), found, listed)
    };
    let nothing = (Some(before.clone()), None, Vec::new());
    for _ in 0..2 {
        let work = written().await;
        assert_eq!(there().await, nothing, "not committed yet");
        drop(work);
        assert_eq!(there().await, nothing, "undone");
    }
    commit(written().await).await;
    assert_eq!(there().await, (Some(revoked), Some(added.clone()), vec![added]), "committed");
}
