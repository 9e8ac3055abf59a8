//! Spaces, projects, rosters and tasks are stored unchanged, to the byte and the microsecond.

use loggia_domain::id::{DisplayNumber, ProjectId, SpaceId};
use loggia_domain::policy::ProjectStanding;
use loggia_domain::port::{Includes, Inserted};
use loggia_domain::project::Visibility;
use loggia_domain::role::{RosterRole, ScopeRole};
use loggia_domain::space::{Priority, SpaceStatus, Strength};
use loggia_domain::task::{OutlineNumber, TaskStatus};
use loggia_domain::text::{
    ProjectDescription, ProjectName, SpaceDescription, SpaceName, TaskDescription, TaskName,
};

use super::Fixture;
use super::extremes::{GREATEST_REVISION, ROCKET, STRANGE, earliest, exact, latest, ranges, strange_lines};
use crate::builders;
use crate::seed::{self, World, commit};

/// Spaces are stored unchanged, with every status and priority, linked or not, with descriptions that are absent, empty and long.
pub async fn spaces_are_stored_unchanged(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    let plain = builders::space(ports, world.scope, world.member.user, "x");
    let mut spaces = vec![plain.clone()];
    for (index, text) in
        [String::new(), strange_lines(), ROCKET.repeat(SpaceDescription::MAX)].iter().enumerate()
    {
        let mut space = plain.clone();
        space.name = SpaceName::parse(STRANGE).expect("a name");
        space.description = SpaceDescription::parse(text).ok();
        assert!(space.description.is_some(), "an empty text is not the same as none");
        space.project = (index > 0).then_some(world.project.id);
        (space.created_at, space.updated_at) = (earliest(), exact());
        spaces.push(space);
    }
    for status in SpaceStatus::ALL {
        for priority in Priority::ALL {
            let mut space = plain.clone();
            space.name = SpaceName::parse(&ROCKET.repeat(SpaceName::MAX)).expect("a name");
            (space.status, space.priority) = (*status, *priority);
            space.strength = Strength::new(i64::from(Strength::MAX)).expect("a strength");
            (space.updated_at, space.revision) = (latest(), GREATEST_REVISION);
            spaces.push(space);
        }
    }
    for space in &mut spaces {
        space.id = SpaceId::from_uuid(ports.ids.next());
    }
    seed::spaces(ports, &spaces).await;
    for space in spaces {
        let viewer = world.as_viewer();
        let found = fixture.views().space(&viewer, space.id, Includes::default()).await.expect("a look-up");
        let (view, role) = found.expect("the space is there");
        assert_eq!((&view.space, role), (&space, ScopeRole::Viewer));
        assert_eq!(
            (view.project, view.organization, view.creator),
            (None, None, None),
            "nothing was asked for"
        );
        let mut work = fixture.begin().await;
        let locked = work.lock_space(&world.as_admin(), space.id).await.expect("a lock");
        assert_eq!(locked, Some((space, ScopeRole::Admin)));
    }
}

/// Projects are stored unchanged, with every shape of their dates, each visibility, and descriptions that are absent, empty and long.
pub async fn projects_are_stored_unchanged(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    let mut projects = Vec::new();
    for (index, dates) in ranges().into_iter().enumerate() {
        let number = i64::try_from(index).expect("an index");
        let mut project = world.project.clone();
        project.id = ProjectId::from_uuid(ports.ids.next());
        project.number = DisplayNumber::new(i64::MAX - number);
        project.dates = dates;
        project.visibility = Visibility::ALL[index % Visibility::ALL.len()];
        project.created_by = world.member.user;
        let name = if index % 2 == 0 { STRANGE.to_owned() } else { ROCKET.repeat(ProjectName::MAX) };
        project.name = ProjectName::parse(&name).expect("a name");
        let text = [String::new(), strange_lines(), ROCKET.repeat(ProjectDescription::MAX)];
        project.description = text.get(index).and_then(|text| ProjectDescription::parse(text).ok());
        (project.created_at, project.updated_at, project.revision) = (exact(), latest(), GREATEST_REVISION);
        projects.push(project);
    }
    let mut work = fixture.begin().await;
    for project in &projects {
        work.insert_project(project).await.expect("a project");
    }
    commit(work).await;
    for project in projects {
        let standing = ProjectStanding {
            scope_role: ScopeRole::Admin,
            roster_role: None,
            visibility: project.visibility,
        };
        let found = fixture.views().project(&world.as_admin(), project.id).await.expect("a look-up");
        let (view, seen) = found.expect("the project is there");
        assert_eq!((&view.record, &view.creator, seen), (&project, &world.member, standing));
        let mut work = fixture.begin().await;
        let held = work.hold_project(&world.as_admin(), project.id).await.expect("a hold");
        assert_eq!(held.as_ref(), Some(&(project.clone(), standing)));
        let locked = work.lock_project(&world.as_admin(), project.id).await.expect("a lock");
        assert_eq!(locked, Some((project, standing)));
    }
}

/// Memberships of rosters are stored unchanged, in both roles.
pub async fn memberships_are_stored_unchanged(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    let project = seed::project(ports, world.scope, world.admin.user, "Lighthouse", |_| ()).await;
    let mut first =
        builders::membership(ports, project.id, world.member.user, DisplayNumber::new(1), RosterRole::Admin);
    first.created_at = exact();
    let number = DisplayNumber::new(i64::MAX);
    let mut last = builders::membership(ports, project.id, world.viewer.user, number, RosterRole::Member);
    last.created_at = latest();
    let mut work = fixture.begin().await;
    assert!(work.lock_project(&world.as_admin(), project.id).await.expect("a lock").is_some());
    for membership in [&first, &last] {
        assert_eq!(work.insert_membership(world.scope, membership).await.expect("an answer"), Inserted::Yes);
    }
    let people = [world.viewer.user, world.admin.user, world.member.user];
    let found = work.memberships(world.scope, project.id, &people).await.expect("a look-up");
    assert_eq!(found, [first.clone(), last.clone()], "by ascending user id, and none for who is not on it");
    commit(work).await;
    let (_, standing) =
        fixture.views().project(&world.as_member(), project.id).await.expect("a look-up").expect("a project");
    assert_eq!((standing.scope_role, standing.roster_role), (ScopeRole::Member, Some(RosterRole::Admin)));
    let mut work = fixture.begin().await;
    let locked = work.lock_project(&world.as_viewer(), project.id).await.expect("a lock").expect("a project");
    assert_eq!(locked.1.roster_role, Some(RosterRole::Member));
}

/// Tasks are stored unchanged, at the limits of the outline, with every status, assigned or not, with every shape of dates.
pub async fn tasks_are_stored_unchanged(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    let deepest = [OutlineNumber::MAX_PART.to_string().as_str(); OutlineNumber::MAX_DEPTH].join(".");
    let mut expected = Vec::new();
    for (index, position) in ["1", "1.10", "256.1", "65536", deepest.as_str()].into_iter().enumerate() {
        let text = [String::new(), strange_lines(), ROCKET.repeat(TaskDescription::MAX)];
        let task = seed::task(ports, &world.project, position, |task| {
            task.dates = ranges()[index];
            task.status = TaskStatus::ALL[index % TaskStatus::ALL.len()];
            task.assignee = (index % 2 == 0).then_some(world.member.user);
            task.created_by = world.member.user;
            let name = if index == 0 { STRANGE.to_owned() } else { ROCKET.repeat(TaskName::MAX) };
            task.name = TaskName::parse(&name).expect("a name");
            task.description = text.get(index).and_then(|text| TaskDescription::parse(text).ok());
            (task.created_at, task.updated_at, task.revision) = (exact(), latest(), GREATEST_REVISION);
            if position == deepest {
                task.number = DisplayNumber::new(i64::MAX);
            }
        });
        expected.push(task.await);
    }
    for task in expected {
        let found = fixture.views().task(&world.as_viewer(), task.id).await.expect("a look-up");
        let (view, standing) = found.expect("the task is there");
        assert_eq!(view.task, task);
        assert_eq!((view.project.id, view.project.number), (world.project.id, world.project.number));
        assert_eq!(view.project.name, world.project.name);
        assert_eq!(view.creator, world.member);
        assert_eq!(view.assignee, task.assignee.map(|_| world.member.clone()));
        assert_eq!((standing.scope_role, standing.roster_role), (ScopeRole::Viewer, None));
        let mut work = fixture.begin().await;
        let project = work.project_of_task(&world.as_member(), task.id).await.expect("a look-up");
        assert_eq!(project, Some(world.project.id));
        let (locked, standing) =
            work.lock_task(&world.as_member(), task.id).await.expect("a lock").expect("the task is there");
        assert_eq!((locked, standing.roster_role), (task, Some(RosterRole::Member)));
    }
}
