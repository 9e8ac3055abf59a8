//! Visibility: no look-up or list returns a record outside the viewer's scopes.

use loggia_domain::key::ApiKey;
use loggia_domain::page::{ProjectQuery, SpaceQuery, TaskQuery};
use loggia_domain::port::{Includes, MemberInserted, OwnTasksQuery};
use loggia_domain::role::ScopeRole;
use loggia_domain::scope::{Reach, Readmissions, Scope, Viewer};
use loggia_domain::space::Space;
use loggia_domain::task::Task;
use loggia_domain::user::Member;

use super::Fixture;
use super::pagination::whole;
use crate::builders::{self, ADA, ALAN, GRACE, viewer};
use crate::seed::{self, World, commit};

/// A world with a space and a task.
struct Records {
    world: World,
    space: Space,
    task: Task,
}

impl Records {
    async fn seed(fixture: &Fixture) -> Self {
        let ports = &fixture.ports;
        let world = World::seed(ports).await;
        let mut space = builders::space(ports, world.scope, world.admin.user, "Tides");
        space.project = Some(world.project.id);
        seed::spaces(ports, std::slice::from_ref(&space)).await;
        let member = world.member.user;
        let task = seed::task(ports, &world.project, "1", |task| task.assignee = Some(member)).await;
        Self { world, space, task }
    }

    /// Returns the names of the look-ups and lists by which the viewer finds a record of this world.
    async fn found_by(&self, fixture: &Fixture, viewer: &Viewer) -> Vec<&'static str> {
        let mut found = self.shown_to(fixture, viewer).await;
        found.extend(self.locked_by(fixture, viewer).await);
        found
    }

    async fn shown_to(&self, fixture: &Fixture, viewer: &Viewer) -> Vec<&'static str> {
        let (views, scope, project) = (fixture.views(), self.world.scope, self.world.project.id);
        let (space_query, project_query) = (SpaceQuery::default(), ProjectQuery::default());
        let (task_query, all, window) = (TaskQuery::default(), Includes::default(), whole());
        let own = OwnTasksQuery { status: None, tasks_limit: builders::at_most(5) };
        let organization = self.world.organization.id;
        let organizations = views.organizations(viewer, &whole()).await.expect("a list");
        let shown = [
            ("organizations", organizations.iter().any(|(found, _)| found.id == organization)),
            ("organization", views.organization(viewer, organization).await.expect("a look-up").is_some()),
            ("role_in_scope", views.role_in_scope(viewer, scope).await.expect("a look-up").is_some()),
            ("space", views.space(viewer, self.space.id, all).await.expect("a look-up").is_some()),
            (
                "spaces",
                !views.spaces(viewer, scope, &space_query, all, &window).await.expect("a list").is_empty(),
            ),
            ("count_spaces", views.count_spaces(viewer, scope, &space_query).await.expect("a count") > 0),
            ("project", views.project(viewer, project).await.expect("a look-up").is_some()),
            ("project_standing", views.project_standing(viewer, project).await.expect("a look-up").is_some()),
            (
                "projects",
                !views.projects(viewer, scope, &project_query, &window).await.expect("a list").is_empty(),
            ),
            (
                "count_projects",
                views.count_projects(viewer, scope, &project_query).await.expect("a count") > 0,
            ),
            ("roster", !views.roster(viewer, project, &window).await.expect("a list").is_empty()),
            ("count_roster", views.count_roster(viewer, project).await.expect("a count") > 0),
            ("task", views.task(viewer, self.task.id).await.expect("a look-up").is_some()),
            ("tasks", !views.tasks(viewer, project, &task_query, &window).await.expect("a list").is_empty()),
            ("count_tasks", views.count_tasks(viewer, project, &task_query).await.expect("a count") > 0),
            ("my_tasks", !views.my_tasks(viewer, scope, &own, &window).await.expect("a list").is_empty()),
            ("count_my_tasks", views.count_my_tasks(viewer, scope, &own).await.expect("a count") > 0),
        ];
        shown.into_iter().filter(|(_, shown)| *shown).map(|(name, _)| name).collect()
    }

    async fn locked_by(&self, fixture: &Fixture, viewer: &Viewer) -> Vec<&'static str> {
        let mut work = fixture.begin().await;
        let organization = self.world.organization.id;
        let project = self.world.project.id;
        let locked = [
            (
                "lock_organization",
                work.lock_organization(viewer, organization).await.expect("a lock").is_some(),
            ),
            (
                "role in a unit of work",
                work.role_in_scope(viewer, self.world.scope).await.expect("a role").is_some(),
            ),
            ("hold_project", work.hold_project(viewer, project).await.expect("a hold").is_some()),
            ("lock_project", work.lock_project(viewer, project).await.expect("a lock").is_some()),
            ("lock_space", work.lock_space(viewer, self.space.id).await.expect("a lock").is_some()),
            (
                "project_of_task",
                work.project_of_task(viewer, self.task.id).await.expect("a look-up").is_some(),
            ),
            ("lock_task", work.lock_task(viewer, self.task.id).await.expect("a lock").is_some()),
        ];
        locked.into_iter().filter(|(_, locked)| *locked).map(|(name, _)| name).collect()
    }
}

/// The number of look-ups and lists that are tried.
const READS: usize = 24;

/// Members of a scope find its records: without this promise an empty store would keep those below.
pub async fn an_active_member_finds_the_records_of_the_scope(fixture: &Fixture) {
    let records = Records::seed(fixture).await;
    let found = records.found_by(fixture, &records.world.as_member()).await;
    assert_eq!(found.len(), READS, "the member whose task it is finds it all: {found:?}");
    let reach = Reach::Only(records.world.organization.id);
    let found = records.found_by(fixture, &Viewer { reach, ..records.world.as_member() }).await;
    assert_eq!(found.len(), READS, "also with a key for this organization alone: {found:?}");
    let found = records.found_by(fixture, &records.world.as_viewer()).await;
    assert_eq!(found.len(), READS - 2, "a viewer finds all but tasks of their own: {found:?}");
}

/// An admin of another organization finds nothing of this one, and neither does a user without any membership.
pub async fn a_stranger_finds_nothing(fixture: &Fixture) {
    let records = Records::seed(fixture).await;
    let other = seed::organization(&fixture.ports, "Elsewhere").await;
    let alan = seed::member(&fixture.ports, other.id, ALAN, ScopeRole::Admin).await;
    let nobody = builders::user(&fixture.ports, ADA).id;
    for reach in [Reach::Everywhere, Reach::Only(other.id), Reach::Only(records.world.organization.id)] {
        for user in [alan.user, nobody] {
            let found = records.found_by(fixture, &Viewer { reach, ..viewer(user) }).await;
            assert_eq!(found, [""; 0], "as {user} who reaches {reach:?}");
            let own =
                fixture.views().own_member(&Viewer { reach, ..viewer(user) }, records.world.scope).await;
            assert_eq!(own.expect("a look-up"), None);
        }
    }
    let own = fixture.views().organizations(&viewer(alan.user), &whole()).await.expect("a list");
    assert_eq!(own, [(other, ScopeRole::Admin)]);
}

/// A key that reaches another organization only hides this one from its own admin.
pub async fn a_key_for_one_organization_hides_the_others(fixture: &Fixture) {
    let records = Records::seed(fixture).await;
    let other = seed::organization(&fixture.ports, "Elsewhere").await;
    let ada = seed::member(&fixture.ports, other.id, ADA, ScopeRole::Viewer).await;
    assert_eq!(ada.user, records.world.admin.user);
    let confined = Viewer { reach: Reach::Only(other.id), ..viewer(ada.user) };
    assert_eq!(records.found_by(fixture, &confined).await, [""; 0]);
    let views = fixture.views();
    assert_eq!(
        views.organizations(&confined, &whole()).await.expect("a list"),
        [(other.clone(), ScopeRole::Viewer)]
    );
    assert_eq!(views.own_member(&confined, records.world.scope).await.expect("a look-up"), None);
    assert_eq!(views.own_member(&confined, ada.scope).await.expect("a look-up").as_ref(), Some(&ada));
    let personal = Scope::Personal(ada.user);
    assert_eq!(views.own_member(&confined, personal).await.expect("a look-up"), None);
    assert_eq!(views.role_in_scope(&confined, personal).await.expect("a look-up"), None);
    let everything = views.organizations(&viewer(ada.user), &whole()).await.expect("a list");
    let names: Vec<&str> = everything.iter().map(|(organization, _)| organization.name.as_str()).collect();
    assert_eq!(names, ["Harbour Works", "Elsewhere"], "by id, for a key without bounds");
}

/// A key from before a readmission gives access to everything of its user but that organization; a later key gives access to that too.
pub async fn a_key_from_before_a_readmission_finds_nothing_of_the_organization(fixture: &Fixture) {
    let ports = &fixture.ports;
    let records = Records::seed(fixture).await;
    let (member, viewer, views) = (&records.world.member, records.world.as_member(), fixture.views());
    let elsewhere = seed::organization(ports, "Elsewhere").await;
    let there = seed::member(ports, elsewhere.id, GRACE, ScopeRole::Member).await;
    assert_eq!(there.user, member.user);
    let own = builders::key(ports, member.user, records.world.scope);
    let own = ApiKey { reach: Reach::Only(records.world.organization.id), ..own };
    seed::key(ports, &own, "own").await;
    let keys = async |viewer: &Viewer| {
        let keys = views.member_keys(viewer, records.world.organization.id, member.user, &whole()).await;
        let keys = keys.expect("a list");
        keys.len()
    };
    let before = Viewer { readmissions: Readmissions::NONE, ..viewer };
    assert_eq!(records.found_by(fixture, &before).await.len(), READS, "as long as nobody was readmitted");
    assert_eq!(keys(&before).await, 1);

    let readmissions = seed::readmission(ports, member).await;
    let before = [before, Viewer { reach: Reach::Only(records.world.organization.id), ..before }];
    for before in before {
        assert_eq!(records.found_by(fixture, &before).await, [""; 0], "through {before:?}");
        assert_eq!(views.own_member(&before, records.world.scope).await.expect("a look-up"), None);
        assert_eq!(views.member(&before, records.world.scope, member.user).await.expect("a look-up"), None);
        assert_eq!(keys(&before).await, 0);
    }
    let [before, _] = before;
    assert!(views.own_member(&before, there.scope).await.expect("a look-up").is_some(), "elsewhere");
    let personal = Scope::Personal(member.user);
    assert_eq!(views.role_in_scope(&before, personal).await.expect("a role"), Some(ScopeRole::Admin));
    let after = Viewer { readmissions, ..before };
    assert_eq!(records.found_by(fixture, &after).await.len(), READS, "with a key from afterwards");
    assert_eq!(records.found_by(fixture, &viewer).await.len(), READS, "without a key");
    assert_eq!(keys(&after).await, 1);
    let found = records.found_by(fixture, &records.world.as_viewer()).await;
    assert_eq!(found.len(), READS - 2, "others are not concerned: {found:?}");
}

/// A deactivated member finds nothing but their own inactive membership.
pub async fn an_inactive_member_finds_nothing(fixture: &Fixture) {
    let records = Records::seed(fixture).await;
    // The address of an account that has left is not shown.
    let left = Member { active: false, email: None, ..records.world.member.clone() };
    let mut work = fixture.begin().await;
    let locked = work.lock_organization(&records.world.as_admin(), records.world.organization.id).await;
    assert!(locked.expect("a lock").is_some());
    assert_eq!(work.update_member(&left).await.expect("an answer"), MemberInserted::Yes);
    commit(work).await;
    let viewer = records.world.as_member();
    assert_eq!(records.found_by(fixture, &viewer).await, [""; 0]);
    assert_eq!(
        fixture.views().own_member(&viewer, records.world.scope).await.expect("a look-up"),
        Some(left.clone())
    );
    let all = Includes { project: true, organization: true, creator: true };
    let found = fixture.views().task(&records.world.as_viewer(), records.task.id).await.expect("a look-up");
    assert_eq!(found.expect("a task").0.assignee, Some(left), "who left stays readable");
    let found =
        fixture.views().space(&records.world.as_admin(), records.space.id, all).await.expect("a look-up");
    assert!(found.is_some());
}
