//! Filters return exactly the rows that match, and a count is the length of the list.

use loggia_domain::page::{AssigneeFilter, Direction, ProjectQuery, SpaceOrder, SpaceQuery, TaskQuery};
use loggia_domain::port::{Includes, OwnTasksQuery};
use loggia_domain::space::{Priority, Space, SpaceStatus};
use loggia_domain::task::{Task, TaskStatus};
use loggia_domain::text::{ProjectName, SearchText, SpaceName};

use super::Fixture;
use super::pagination::whole;
use crate::builders;
use crate::seed::{self, World};

/// The names that are searched. The searches below ignore case, normalization form and accents, and have no wild cards.
const NAMES: [&str; 16] = [
    "100% sure",
    "1000 sure",
    "under_score",
    "underXscore",
    "back\\slash",
    "backslash",
    "STRASSE 1",
    "kleine Straße",
    "Caf\u{e9}",
    "quo'te\" \u{1F680}",
    "Ärzte",
    "ΠΑΡΑΔΕΙΓΜΑΤΟΣ",
    "\u{130}STANBUL",
    "Łódź",
    "Ørsted",
    "カガミ",
];
const SEARCHES: [(&str, &[&str]); 28] = [
    ("%", &["100% sure"]),
    ("0%", &["100% sure"]),
    ("_", &["under_score"]),
    ("r_s", &["under_score"]),
    ("\\", &["back\\slash"]),
    ("k\\s", &["back\\slash"]),
    ("strasse", &["STRASSE 1", "kleine Straße"]),
    ("straẞe", &["STRASSE 1", "kleine Straße"]),
    ("CAFE\u{301}", &["Caf\u{e9}"]),
    ("cafe", &["Caf\u{e9}"]),
    ("caf\u{e8}", &["Caf\u{e9}"]),
    ("arzte", &["Ärzte"]),
    ("ärzte", &["Ärzte"]),
    ("A\u{308}RZ", &["Ärzte"]),
    ("παραδείγματος", &["ΠΑΡΑΔΕΙΓΜΑΤΟΣ"]),
    ("γματοσ", &["ΠΑΡΑΔΕΙΓΜΑΤΟΣ"]),
    ("istanbul", &["\u{130}STANBUL"]),
    ("\u{131}stanbul", &["\u{130}STANBUL"]),
    ("i\u{307}stan", &["\u{130}STANBUL"]),
    ("lodz", &["Łódź"]),
    ("orsted", &["Ørsted"]),
    // These marks make other letters, and a mark alone is not found in letters that contain it.
    ("カカミ", &[]),
    ("\u{301}", &[]),
    ("ｶｶﾞﾐ", &["カガミ"]),
    ("\u{1F680}", &["quo'te\" \u{1F680}"]),
    ("'TE\"", &["quo'te\" \u{1F680}"]),
    ("SURE", &["1000 sure", "100% sure"]),
    ("*", &[]),
];

/// Spaces are searched without regard to case, and literally.
pub async fn spaces_are_searched_in_any_case_and_literally(fixture: &Fixture) {
    let world = World::seed(&fixture.ports).await;
    let make = |name: &&str| builders::space(&fixture.ports, world.scope, world.admin.user, name);
    seed::spaces(&fixture.ports, &NAMES.iter().map(make).collect::<Vec<Space>>()).await;
    for (search, expected) in SEARCHES {
        let query = SpaceQuery { search: SearchText::parse(search).ok(), ..SpaceQuery::default() };
        let views = fixture.views();
        let found =
            views.spaces(&world.as_viewer(), world.scope, &query, Includes::default(), &whole()).await;
        let mut found: Vec<SpaceName> =
            found.expect("a list").into_iter().map(|view| view.space.name).collect();
        found.sort_by(|one, other| one.as_str().cmp(other.as_str()));
        let mut expected = expected.to_vec();
        expected.sort_unstable();
        assert_eq!(found.iter().map(SpaceName::as_str).collect::<Vec<_>>(), expected, "for {search:?}");
        let count = views.count_spaces(&world.as_viewer(), world.scope, &query).await.expect("a count");
        assert_eq!(usize::try_from(count).expect("a count"), expected.len(), "for {search:?}");
    }
}

/// Projects are searched without regard to case, and literally.
pub async fn projects_are_searched_in_any_case_and_literally(fixture: &Fixture) {
    let world = World::seed(&fixture.ports).await;
    for name in NAMES {
        seed::project(&fixture.ports, world.scope, world.admin.user, name, |_| ()).await;
    }
    for (search, expected) in SEARCHES {
        let query = ProjectQuery { search: SearchText::parse(search).ok(), ..ProjectQuery::default() };
        let views = fixture.views();
        let found = views.projects(&world.as_viewer(), world.scope, &query, &whole()).await.expect("a list");
        let mut found: Vec<ProjectName> = found.into_iter().map(|view| view.record.name).collect();
        found.sort_by(|one, other| one.as_str().cmp(other.as_str()));
        let mut expected = expected.to_vec();
        expected.sort_unstable();
        assert_eq!(found.iter().map(ProjectName::as_str).collect::<Vec<_>>(), expected, "for {search:?}");
        let count = views.count_projects(&world.as_viewer(), world.scope, &query).await.expect("a count");
        assert_eq!(usize::try_from(count).expect("a count"), expected.len(), "for {search:?}");
    }
}

/// Every filter of spaces is combined with every other one.
pub async fn spaces_are_filtered_by_all_requested_criteria(fixture: &Fixture) {
    let world = World::seed(&fixture.ports).await;
    let mut spaces = Vec::new();
    for (index, status) in SpaceStatus::ALL.iter().cycle().take(45).enumerate() {
        let name = if index % 2 == 0 { "Low tide" } else { "High water" };
        let mut space = builders::space(&fixture.ports, world.scope, world.admin.user, name);
        space.status = *status;
        space.priority = Priority::ALL[index / 3 % Priority::ALL.len()];
        space.project = (index % 4 == 0).then_some(world.project.id);
        spaces.push(space);
    }
    seed::spaces(&fixture.ports, &spaces).await;
    let statuses = SpaceStatus::ALL.iter().map(|status| Some(*status)).chain([None]);
    for status in statuses {
        for priority in Priority::ALL.iter().map(|priority| Some(*priority)).chain([None]) {
            for project in [None, Some(world.project.id)] {
                for search in [None, SearchText::parse("TIDE").ok()] {
                    let (order, direction) = (SpaceOrder::CreatedAt, Direction::Ascending);
                    let fits = |space: &&Space| {
                        status.is_none_or(|status| space.status == status)
                            && priority.is_none_or(|priority| space.priority == priority)
                            && (project.is_none() || space.project == project)
                            && (search.is_none() || space.name.as_str() == "Low tide")
                    };
                    let expected: Vec<Space> = spaces.iter().filter(fits).cloned().collect();
                    let query = SpaceQuery { project, status, priority, search, order, direction };
                    let (viewer, views) = (world.as_viewer(), fixture.views());
                    let found =
                        views.spaces(&viewer, world.scope, &query, Includes::default(), &whole()).await;
                    let found: Vec<Space> =
                        found.expect("a list").into_iter().map(|view| view.space).collect();
                    assert_eq!(found, expected, "for {query:?}");
                    let count = views.count_spaces(&viewer, world.scope, &query).await.expect("a count");
                    assert_eq!(usize::try_from(count).expect("a count"), expected.len(), "for {query:?}");
                }
            }
        }
    }
}

/// Every filter of tasks is combined with every other one; the viewer's own tasks are filtered by status.
pub async fn tasks_are_filtered_by_all_requested_criteria(fixture: &Fixture) {
    let world = World::seed(&fixture.ports).await;
    let people = [None, Some(world.admin.user), Some(world.member.user)];
    let mut tasks = Vec::new();
    for index in 0..24 {
        let change = |task: &mut Task| {
            task.status = TaskStatus::ALL[index % TaskStatus::ALL.len()];
            task.assignee = people[index / 5 % people.len()];
        };
        tasks.push(seed::task(&fixture.ports, &world.project, &(index + 1).to_string(), change).await);
    }
    let (viewer, views) = (world.as_member(), fixture.views());
    for status in TaskStatus::ALL.iter().map(|status| Some(*status)).chain([None]) {
        let assignees = people.map(|who| Some(who.map_or(AssigneeFilter::Nobody, AssigneeFilter::User)));
        for assignee in assignees.into_iter().chain([None, Some(AssigneeFilter::User(world.viewer.user))]) {
            let fits = |task: &&Task| {
                let person = match assignee {
                    None => true,
                    Some(AssigneeFilter::Nobody) => task.assignee.is_none(),
                    Some(AssigneeFilter::User(user)) => task.assignee == Some(user),
                };
                person && status.is_none_or(|status| task.status == status)
            };
            let expected: Vec<Task> = tasks.iter().filter(fits).cloned().collect();
            let query = TaskQuery { status, assignee };
            let found = views.tasks(&viewer, world.project.id, &query, &whole()).await.expect("a list");
            let found: Vec<Task> = found.into_iter().map(|view| view.task).collect();
            assert_eq!(found, expected, "for {query:?}");
            let count = views.count_tasks(&viewer, world.project.id, &query).await.expect("a count");
            assert_eq!(usize::try_from(count).expect("a count"), expected.len(), "for {query:?}");
        }
        let own = |task: &&Task| {
            task.assignee == Some(viewer.user) && status.is_none_or(|status| task.status == status)
        };
        let expected: Vec<Task> = tasks.iter().filter(own).cloned().collect();
        let query = OwnTasksQuery { status, tasks_limit: builders::at_most(50) };
        let mut found = views.my_tasks(&viewer, world.scope, &query, &whole()).await.expect("a list");
        let group = found.pop().expect("the one project");
        assert_eq!(usize::try_from(group.total).expect("a count"), expected.len(), "for {status:?}");
        assert_eq!(
            group.tasks.into_iter().map(|view| view.task).collect::<Vec<_>>(),
            expected,
            "for {status:?}"
        );
        // At most the limit is returned, but all tasks are counted; tasks with another status do not count against the limit.
        let query = OwnTasksQuery { status, tasks_limit: builders::at_most(2) };
        let mut found = views.my_tasks(&viewer, world.scope, &query, &whole()).await.expect("a list");
        let group = found.pop().expect("the one project");
        let first: Vec<Task> = expected.iter().take(2).cloned().collect();
        assert_eq!(
            group.tasks.into_iter().map(|view| view.task).collect::<Vec<_>>(),
            first,
            "for {status:?}"
        );
        assert_eq!(usize::try_from(group.total).expect("a count"), expected.len(), "for {status:?}");
    }
    let done = OwnTasksQuery { status: Some(TaskStatus::Done), tasks_limit: builders::at_most(1) };
    let nobody = views.my_tasks(&world.as_viewer(), world.scope, &done, &whole()).await.expect("a list");
    assert_eq!(nobody, [], "a project without tasks of one's own is not in the list");
    assert_eq!(views.count_my_tasks(&world.as_viewer(), world.scope, &done).await.expect("a count"), 0);
}
