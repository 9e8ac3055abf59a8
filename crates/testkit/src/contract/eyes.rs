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
use super::walk::whole;
use crate::builders::{self, ADA, ALAN, GRACE, viewer};
use crate::seed::{self, World, commit};

/// A world with a space and a task.
struct Place {
    world: World,
    space: Space,
    task: Task,
}

impl Place {
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
    async fn found_by(&self, fixture: &Fixture, eyes: &Viewer) -> Vec<&'static str> {
        let mut found = self.shown_to(fixture, eyes).await;
        found.extend(self.locked_by(fixture, eyes).await);
        found
    }

    async fn shown_to(&self, fixture: &Fixture, eyes: &Viewer) -> Vec<&'static str> {
        let (views, scope, project) = (fixture.views(), self.world.scope, self.world.project.id);
        let (space_query, project_query) = (SpaceQuery::default(), ProjectQuery::default());
        let (task_query, all, window) = (TaskQuery::default(), Includes::default(), whole());
        let own = OwnTasksQuery { status: None, tasks_limit: builders::at_most(5) };
        let organization = self.world.organization.id;
        let organizations = views.organizations(eyes, &whole()).await.expect("a list");
        let shown = [
            ("organizations", organizations.iter().any(|(found, _)| found.id == organization)),
            ("organization", views.organization(eyes, organization).await.expect("a look-up").is_some()),
            ("role_in_scope", views.role_in_scope(eyes, scope).await.expect("a look-up").is_some()),
            ("space", views.space(eyes, self.space.id, all).await.expect("a look-up").is_some()),
            (
                "spaces",
                !views.spaces(eyes, scope, &space_query, all, &window).await.expect("a list").is_empty(),
            ),
            ("count_spaces", views.count_spaces(eyes, scope, &space_query).await.expect("a count") > 0),
            ("project", views.project(eyes, project).await.expect("a look-up").is_some()),
            ("project_standing", views.project_standing(eyes, project).await.expect("a look-up").is_some()),
            (
                "projects",
                !views.projects(eyes, scope, &project_query, &window).await.expect("a list").is_empty(),
            ),
            ("count_projects", views.count_projects(eyes, scope, &project_query).await.expect("a count") > 0),
            ("roster", !views.roster(eyes, project, &window).await.expect("a list").is_empty()),
            ("count_roster", views.count_roster(eyes, project).await.expect("a count") > 0),
            ("task", views.task(eyes, self.task.id).await.expect("a look-up").is_some()),
            ("tasks", !views.tasks(eyes, project, &task_query, &window).await.expect("a list").is_empty()),
            ("count_tasks", views.count_tasks(eyes, project, &task_query).await.expect("a count") > 0),
            ("my_tasks", !views.my_tasks(eyes, scope, &own, &window).await.expect("a list").is_empty()),
            ("count_my_tasks", views.count_my_tasks(eyes, scope, &own).await.expect("a count") > 0),
        ];
        shown.into_iter().filter(|(_, shown)| *shown).map(|(name, _)| name).collect()
    }

    async fn locked_by(&self, fixture: &Fixture, eyes: &Viewer) -> Vec<&'static str> {
        let mut work = fixture.begin().await;
        let organization = self.world.organization.id;
        let project = self.world.project.id;
        let locked = [
            (
                "lock_organization",
                work.lock_organization(eyes, organization).await.expect("a lock").is_some(),
            ),
            (
                "role in a unit of work",
                work.role_in_scope(eyes, self.world.scope).await.expect("a role").is_some(),
            ),
            ("hold_project", work.hold_project(eyes, project).await.expect("a hold").is_some()),
            ("lock_project", work.lock_project(eyes, project).await.expect("a lock").is_some()),
            ("lock_space", work.lock_space(eyes, self.space.id).await.expect("a lock").is_some()),
            ("project_of_task", work.project_of_task(eyes, self.task.id).await.expect("a look-up").is_some()),
            ("lock_task", work.lock_task(eyes, self.task.id).await.expect("a lock").is_some()),
        ];
        locked.into_iter().filter(|(_, locked)| *locked).map(|(name, _)| name).collect()
    }
}

/// The number of look-ups and lists that are tried.
const WAYS: usize = 24;

/// Members of a scope find its records: without this promise an empty store would keep those below.
pub async fn an_active_member_finds_what_is_in_the_scope(fixture: &Fixture) {
    let place = Place::seed(fixture).await;
    let found = place.found_by(fixture, &place.world.as_member()).await;
    assert_eq!(found.len(), WAYS, "the member whose task it is finds it all: {found:?}");
    let reach = Reach::Only(place.world.organization.id);
    let found = place.found_by(fixture, &Viewer { reach, ..place.world.as_member() }).await;
    assert_eq!(found.len(), WAYS, "also with a key for this organization alone: {found:?}");
    let found = place.found_by(fixture, &place.world.as_viewer()).await;
    assert_eq!(found.len(), WAYS - 2, "a viewer finds all but tasks of their own: {found:?}");
}

/// An admin of another organization finds nothing of this one, and neither does a user without any membership.
pub async fn a_stranger_finds_nothing(fixture: &Fixture) {
    let place = Place::seed(fixture).await;
    let other = seed::organization(&fixture.ports, "Elsewhere").await;
    let alan = seed::member(&fixture.ports, other.id, ALAN, ScopeRole::Admin).await;
    let nobody = builders::user(&fixture.ports, ADA).id;
    for reach in [Reach::Everywhere, Reach::Only(other.id), Reach::Only(place.world.organization.id)] {
        for user in [alan.user, nobody] {
            let found = place.found_by(fixture, &Viewer { reach, ..viewer(user) }).await;
            assert_eq!(found, [""; 0], "through the eyes of {user} who reaches {reach:?}");
            let own = fixture.views().own_member(&Viewer { reach, ..viewer(user) }, place.world.scope).await;
            assert_eq!(own.expect("a look-up"), None);
        }
    }
    let own = fixture.views().organizations(&viewer(alan.user), &whole()).await.expect("a list");
    assert_eq!(own, [(other, ScopeRole::Admin)]);
}

/// A key that reaches another organization only hides this one from its own admin.
pub async fn a_key_for_one_organization_hides_the_others(fixture: &Fixture) {
    let place = Place::seed(fixture).await;
    let other = seed::organization(&fixture.ports, "Elsewhere").await;
    let ada = seed::member(&fixture.ports, other.id, ADA, ScopeRole::Viewer).await;
    assert_eq!(ada.user, place.world.admin.user);
    let eyes = Viewer { reach: Reach::Only(other.id), ..viewer(ada.user) };
    assert_eq!(place.found_by(fixture, &eyes).await, [""; 0]);
    let views = fixture.views();
    assert_eq!(
        views.organizations(&eyes, &whole()).await.expect("a list"),
        [(other.clone(), ScopeRole::Viewer)]
    );
    assert_eq!(views.own_member(&eyes, place.world.scope).await.expect("a look-up"), None);
    assert_eq!(views.own_member(&eyes, ada.scope).await.expect("a look-up").as_ref(), Some(&ada));
    let personal = Scope::Personal(ada.user);
    assert_eq!(views.own_member(&eyes, personal).await.expect("a look-up"), None);
    assert_eq!(views.role_in_scope(&eyes, personal).await.expect("a look-up"), None);
    let everything = views.organizations(&viewer(ada.user), &whole()).await.expect("a list");
    let names: Vec<&str> = everything.iter().map(|(organization, _)| organization.name.as_str()).collect();
    assert_eq!(names, ["Harbour Works", "Elsewhere"], "by id, for a key without bounds");
}

/// A key from before a readmission gives access to everything of its user but that organization; a later key gives access to that too.
pub async fn a_key_from_before_a_readmission_finds_nothing_there(fixture: &Fixture) {
    let ports = &fixture.ports;
    let place = Place::seed(fixture).await;
    let (member, eyes, views) = (&place.world.member, place.world.as_member(), fixture.views());
    let elsewhere = seed::organization(ports, "Elsewhere").await;
    let there = seed::member(ports, elsewhere.id, GRACE, ScopeRole::Member).await;
    assert_eq!(there.user, member.user);
    let own = builders::key(ports, member.user, place.world.scope);
    let own = ApiKey { reach: Reach::Only(place.world.organization.id), ..own };
    seed::key(ports, &own, "own").await;
    let keys = async |eyes: &Viewer| {
        let keys = views.member_keys(eyes, place.world.organization.id, member.user, &whole()).await;
        let keys = keys.expect("a list");
        keys.len()
    };
    let before = Viewer { readmissions: Readmissions::NONE, ..eyes };
    assert_eq!(place.found_by(fixture, &before).await.len(), WAYS, "as long as nobody was readmitted");
    assert_eq!(keys(&before).await, 1);

    let readmissions = seed::readmission(ports, member).await;
    let before = [before, Viewer { reach: Reach::Only(place.world.organization.id), ..before }];
    for before in before {
        assert_eq!(place.found_by(fixture, &before).await, [""; 0], "through {before:?}");
        assert_eq!(views.own_member(&before, place.world.scope).await.expect("a look-up"), None);
        assert_eq!(views.member(&before, place.world.scope, member.user).await.expect("a look-up"), None);
        assert_eq!(keys(&before).await, 0);
    }
    let [before, _] = before;
    assert!(views.own_member(&before, there.scope).await.expect("a look-up").is_some(), "elsewhere");
    let personal = Scope::Personal(member.user);
    assert_eq!(views.role_in_scope(&before, personal).await.expect("a role"), Some(ScopeRole::Admin));
    let after = Viewer { readmissions, ..before };
    assert_eq!(place.found_by(fixture, &after).await.len(), WAYS, "with a key from afterwards");
    assert_eq!(place.found_by(fixture, &eyes).await.len(), WAYS, "without a key");
    assert_eq!(keys(&after).await, 1);
    let found = place.found_by(fixture, &place.world.as_viewer()).await;
    assert_eq!(found.len(), WAYS - 2, "others are not concerned: {found:?}");
}

/// A deactivated member finds nothing but their own inactive membership.
pub async fn an_inactive_member_finds_nothing(fixture: &Fixture) {
    let place = Place::seed(fixture).await;
    // The address of an account that has left is not shown.
    let left = Member { active: false, email: None, ..place.world.member.clone() };
    let mut work = fixture.begin().await;
    let locked = work.lock_organization(&place.world.as_admin(), place.world.organization.id).await;
    assert!(locked.expect("a lock").is_some());
    assert_eq!(work.update_member(&left).await.expect("an answer"), MemberInserted::Yes);
    commit(work).await;
    let eyes = place.world.as_member();
    assert_eq!(place.found_by(fixture, &eyes).await, [""; 0]);
    assert_eq!(
        fixture.views().own_member(&eyes, place.world.scope).await.expect("a look-up"),
        Some(left.clone())
    );
    let all = Includes { project: true, organization: true, creator: true };
    let found = fixture.views().task(&place.world.as_viewer(), place.task.id).await.expect("a look-up");
    assert_eq!(found.expect("a task").0.assignee, Some(left), "who left stays readable");
    let found = fixture.views().space(&place.world.as_admin(), place.space.id, all).await.expect("a look-up");
    assert!(found.is_some());
}
