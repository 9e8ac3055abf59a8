//! Lists are in the requested order, with ties ordered by id, and every way of paging returns each row exactly once.

use loggia_domain::id::{ProjectId, SpaceId, TaskId};
use loggia_domain::page::{
    Direction, Position, ProjectOrder, ProjectQuery, SpaceOrder, SpaceQuery, TaskQuery, membership_position,
    numbered_position, task_position,
};
use loggia_domain::port::{Includes, OwnTasksQuery};
use loggia_domain::role::{RosterRole, ScopeRole};
use loggia_domain::scope::Scope;
use loggia_domain::space::{Priority, Space, Strength};
use loggia_domain::text::{ProjectName, SpaceName};
use uuid::Uuid;

use super::Fixture;
use super::pagination::{check_pagination, sorted, whole};
use crate::builders::{self, ADA, ALAN, BARBARA, EDSGER, GRACE, KATHERINE, viewer};
use crate::seed::{self, World};

/// Names, some of which are equal when folded, in no particular order. U+1F600 and U+E000 are ordered differently by bytes and by UTF-16
/// code units.
const NAMES: [&str; 14] = [
    "zebra",
    "Alpha",
    "ALPHA",
    "\u{1F600} smile",
    "\u{E000} private",
    "Ähre",
    "a\u{308}hre",
    "Émile",
    "emile",
    "10 tides",
    "9 tides",
    "_under",
    "alpha",
    "Straße",
];

/// Returns ids that descend with the index, while names and times have other orders.
fn falling_id(index: usize) -> Uuid {
    Uuid::from_u128(0x0193_ffff_0000_7000_8000_0000_0000_0000 - u128::try_from(index).expect("an index"))
}

/// Returns one space for each name, with ties in every order.
fn tied_spaces(fixture: &Fixture, world: &World) -> Vec<Space> {
    let make = |(index, name): (usize, &&str)| {
        let step = i64::try_from(index).expect("an index");
        let mut space = builders::space(&fixture.ports, world.scope, world.member.user, "x");
        space.id = SpaceId::from_uuid(falling_id(index));
        space.name = SpaceName::parse(name).expect("a name");
        space.created_at = space.created_at.plus_seconds(step * 5 % 4);
        space.updated_at = space.updated_at.plus_seconds(60 + step * 3 % 5);
        space.priority = Priority::ALL[index * 7 % Priority::ALL.len()];
        space.strength = Strength::new(step * 5 % 3 * 5).expect("a strength");
        space
    };
    NAMES.iter().enumerate().map(make).collect()
}

/// Spaces are listed in every order, in both directions.
pub async fn spaces_are_listed_once_each_in_every_order(fixture: &Fixture) {
    let world = World::seed(&fixture.ports).await;
    let spaces = tied_spaces(fixture, &world);
    seed::spaces(&fixture.ports, &spaces).await;
    let personal = Scope::Personal(world.admin.user);
    seed::spaces(&fixture.ports, &[builders::space(&fixture.ports, personal, world.admin.user, "mine")])
        .await;
    for order in SpaceOrder::ALL {
        for direction in Direction::ALL {
            let query = SpaceQuery { order: *order, direction: *direction, ..SpaceQuery::default() };
            let expected = sorted(spaces.iter().map(|space| order.position(space)).collect(), *direction);
            let (viewer, query) = (&world.as_admin(), &query);
            check_pagination(
                &format!("spaces by {order:?} {direction}"),
                &expected,
                *direction,
                |window| async move {
                    let views = fixture.views();
                    let found = views.spaces(viewer, world.scope, query, Includes::default(), &window).await;
                    found.expect("a list").iter().map(|view| order.position(&view.space)).collect()
                },
            )
            .await;
        }
    }
}

/// Projects are listed in every order, in both directions.
pub async fn projects_are_listed_once_each_in_every_order(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    let mut projects = vec![world.project.clone()];
    let personal = Scope::Personal(world.viewer.user);
    seed::project(ports, personal, world.viewer.user, "My boat", |_| ()).await;
    for (index, name) in NAMES.iter().enumerate() {
        let step = i64::try_from(index).expect("an index");
        let change = |project: &mut loggia_domain::project::Project| {
            project.id = ProjectId::from_uuid(falling_id(index));
            project.name = ProjectName::parse(name).expect("a name");
            project.updated_at = project.updated_at.plus_seconds(step * 3 % 5);
        };
        projects.push(seed::project(ports, world.scope, world.admin.user, "Lighthouse", change).await);
    }
    for order in ProjectOrder::ALL {
        for direction in Direction::ALL {
            let query = ProjectQuery { order: *order, direction: *direction, ..ProjectQuery::default() };
            let expected =
                sorted(projects.iter().map(|project| order.position(project)).collect(), *direction);
            let (viewer, query) = (&world.as_viewer(), &query);
            check_pagination(
                &format!("projects by {order:?} {direction}"),
                &expected,
                *direction,
                |window| async move {
                    let found = fixture.views().projects(viewer, world.scope, query, &window).await;
                    found.expect("a list").iter().map(|view| order.position(&view.record)).collect()
                },
            )
            .await;
        }
    }
}

/// Rosters are listed by the numbers of the memberships.
pub async fn roster_memberships_are_listed_once_each_by_number(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    let mut memberships = vec![world.roster_admin.clone(), world.roster_member.clone()];
    for who in [KATHERINE, ALAN, BARBARA] {
        let member = seed::member(ports, world.organization.id, who, ScopeRole::Member).await;
        memberships.push(seed::membership(ports, &world.project, member.user, RosterRole::Member).await);
    }
    let viewer = &world.as_member();
    let views = fixture.views();
    let found = views.roster(viewer, world.project.id, &whole()).await.expect("a list");
    let people: Vec<_> = found.iter().map(|view| view.member.email.clone()).collect();
    assert_eq!(people, [ADA, GRACE, KATHERINE, ALAN, BARBARA].map(|who| Some(who.email())));
    for (view, membership) in found.iter().zip(&memberships) {
        assert_eq!((&view.membership, view.member.user), (membership, membership.user));
        assert_eq!((view.project.id, &view.project.name), (world.project.id, &world.project.name));
    }
    let expected: Vec<Position> = memberships.iter().map(membership_position).collect();
    check_pagination("a roster", &expected, Direction::Ascending, |window| async move {
        let found = views.roster(viewer, world.project.id, &window).await.expect("a list");
        found.iter().map(|view| membership_position(&view.membership)).collect()
    })
    .await;
    assert_eq!(views.count_roster(viewer, world.project.id).await.expect("a count"), 5);
}

/// Tasks are listed by their positions in the outline, number by number.
pub async fn tasks_are_listed_once_each_by_outline(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    let mut tasks = Vec::new();
    let outlines = ["10", "1.10", "1.2", "2", "1", "1.10.1", "255", "256", "1.65536", "1.9", "999999999"];
    for (index, position) in outlines.into_iter().enumerate() {
        let change = |task: &mut loggia_domain::task::Task| task.id = TaskId::from_uuid(falling_id(index));
        tasks.push(seed::task(ports, &world.project, position, change).await);
    }
    let viewer = &world.as_viewer();
    let expected = sorted(tasks.iter().map(task_position).collect(), Direction::Ascending);
    let found = fixture
        .views()
        .tasks(viewer, world.project.id, &TaskQuery::default(), &whole())
        .await
        .expect("a list");
    let found: Vec<String> = found.iter().map(|view| view.task.outline.to_string()).collect();
    let outline = ["1", "1.2", "1.9", "1.10", "1.10.1", "1.65536", "2", "10", "255", "256", "999999999"];
    assert_eq!(found, outline);
    check_pagination("tasks", &expected, Direction::Ascending, |window| async move {
        let query = TaskQuery::default();
        let found = fixture.views().tasks(viewer, world.project.id, &query, &window).await.expect("a list");
        found.iter().map(|view| task_position(&view.task)).collect()
    })
    .await;
}

/// The viewer's own tasks are listed by project number, the first few of each project by position in the outline.
pub async fn own_tasks_are_listed_once_per_project_by_project_number(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    let edsger = world.viewer.user;
    let boat = seed::project(ports, Scope::Personal(edsger), edsger, "My boat", |_| ()).await;
    seed::task(ports, &boat, "1", |task| task.assignee = Some(edsger)).await;
    let mut expected = Vec::new();
    for index in 0..6 {
        let change = |project: &mut loggia_domain::project::Project| {
            project.id = ProjectId::from_uuid(falling_id(index));
        };
        let project = seed::project(ports, world.scope, world.admin.user, "Lighthouse", change).await;
        for position in ["3", "1.10", "1.2", "1.1", "7"] {
            // The first and the last task are not assigned to the viewer.
            let assignee = (!["1.1", "7"].contains(&position)).then_some(edsger);
            seed::task(ports, &project, position, |task| task.assignee = assignee).await;
        }
        expected.push(numbered_position(project.number, project.id.as_uuid()));
    }
    let viewer = &viewer(edsger);
    let query = OwnTasksQuery { status: None, tasks_limit: builders::at_most(2) };
    let found = fixture.views().my_tasks(viewer, world.scope, &query, &whole()).await.expect("a list");
    for group in &found {
        let outlines: Vec<String> = group.tasks.iter().map(|view| view.task.outline.to_string()).collect();
        assert_eq!(
            (outlines, group.total),
            (vec!["1.2".to_owned(), "1.10".to_owned()], 3),
            "{EDSGER:?}'s first two"
        );
        for view in &group.tasks {
            assert_eq!((&view.project, view.assignee.as_ref()), (&group.project, Some(&world.viewer)));
            assert_eq!(view.creator, world.admin);
        }
    }
    let query = &query;
    check_pagination("own tasks", &expected, Direction::Ascending, |window| async move {
        let found = fixture.views().my_tasks(viewer, world.scope, query, &window).await.expect("a list");
        found
            .iter()
            .map(|group| numbered_position(group.project.number, group.project.id.as_uuid()))
            .collect()
    })
    .await;
    assert_eq!(fixture.views().count_my_tasks(viewer, world.scope, query).await.expect("a count"), 6);
}
