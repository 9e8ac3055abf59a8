//! Tests of the upgrade of a file from before migration 0011, without counters of outline numbers and with another folding.

use loggia_domain::id::ProjectId;
use loggia_domain::page::{MemberQuery, ProjectQuery, SpaceQuery};
use loggia_domain::port::{Ports, Views};
use loggia_domain::text::SearchText;
use loggia_sqlite::SqliteStore;
use loggia_testkit::builders;
use loggia_testkit::seed::{self, World};

use crate::support::{Temporary, ports};

/// Projects by name: the outline numbers of their tasks, how many of the last ones are deleted, and the next number that the project
/// gives.
const PROJECTS: [(&str, &[&str], usize, i64); 7] = [
    ("Empty", &[], 0, 1),
    ("Flat", &["1", "2", "3"], 2, 4),
    ("Emptied", &["1", "2"], 2, 3),
    ("Deep", &["1", "1.1", "4.7", "1.2"], 0, 5),
    ("Great", &["16909060", "999999999", "7"], 0, 16_909_061),
    ("Greatest", &["99999999.1"], 0, 100_000_000),
    ("Beyond", &["100000000"], 0, 2),
];

/// Creates those projects as an earlier program would have left them.
async fn projects_from_before(temporary: &Temporary, world: &World) -> Vec<ProjectId> {
    let mut projects = Vec::new();
    for (name, numbers, deleted, _) in PROJECTS {
        let project = seed::project(&temporary.ports, world.scope, world.admin.user, name, |_| ()).await;
        let mut tasks = Vec::new();
        for number in numbers {
            tasks.push(seed::task(&temporary.ports, &project, number, |_| ()).await);
        }
        let mut work = seed::begin(&temporary.ports).await;
        for task in tasks.iter().rev().take(deleted) {
            assert!(work.lock_task(&world.as_admin(), task.id).await.expect("a lock").is_some());
            work.delete_task(world.scope, task.id).await.expect("a deletion");
        }
        seed::commit(work).await;
        projects.push(project.id);
    }
    projects
}

/// Asserts that each project gives the expected next number, after all that were given before.
async fn numbers_go_on(ports: &Ports, world: &World, projects: &[ProjectId]) {
    let mut work = seed::begin(ports).await;
    for (project, (name, _, _, next)) in projects.iter().zip(PROJECTS) {
        assert!(work.lock_project(&world.as_admin(), *project).await.expect("a lock").is_some());
        assert_eq!(work.next_top_number(world.scope, *project).await.expect("a number"), next, "{name}");
    }
}

/// Asserts that accented names of spaces, projects and members are found by a search without the accents.
async fn names_are_found(views: &dyn Views, world: &World) {
    let (eyes, search) = (world.as_viewer(), SearchText::parse("ARZTE").ok());
    let spaces = SpaceQuery { search: search.clone(), ..SpaceQuery::default() };
    assert_eq!(views.count_spaces(&eyes, world.scope, &spaces).await.expect("a count"), 700);
    let projects = ProjectQuery { search: search.clone(), ..ProjectQuery::default() };
    assert_eq!(views.count_projects(&eyes, world.scope, &projects).await.expect("a count"), 7);
    let members = MemberQuery { search, ..MemberQuery::default() };
    assert_eq!(views.count_members(&eyes, world.scope, &members).await.expect("a count"), 1);
}

#[tokio::test]
async fn a_file_from_before_gives_no_number_again_and_finds_names_without_their_accents() {
    let temporary = Temporary::new().await;
    let world = World::seed(&temporary.ports).await;
    let projects = projects_from_before(&temporary, &world).await;
    // More spaces than one batch of the folding.
    let spaces: Vec<_> =
        (0..700).map(|_| builders::space(&temporary.ports, world.scope, world.admin.user, "Ärzte")).collect();
    seed::spaces(&temporary.ports, &spaces).await;
    temporary.store.close().await;
    for sql in [
        "ALTER TABLE projects DROP COLUMN next_top_number".to_owned(),
        "ALTER TABLE instance DROP COLUMN folding".to_owned(),
        "DELETE FROM _sqlx_migrations WHERE version = 11".to_owned(),
        "UPDATE spaces SET name_key = 'ärzte'".to_owned(),
        "UPDATE projects SET name = 'Ärzte', name_key = 'ärzte' WHERE name <> 'Harbour'".to_owned(),
        "UPDATE organizations SET name_key = 'stale'".to_owned(),
        "UPDATE members SET last_name = 'Ärzte', name_key = 'stale', search_key = 'stale' WHERE role = 'viewer'".to_owned(),
    ] {
        temporary.execute(sql).await.expect("a change");
    }
    let again = SqliteStore::open(temporary.path()).await.expect("the same file");
    numbers_go_on(&ports(&again), &world, &projects).await;
    names_are_found(&again, &world).await;
    let left = temporary.execute("UPDATE organizations SET name_key = 'x' WHERE name_key = 'stale'").await;
    assert_eq!(left, Ok(0), "organizations are ordered by theirs");
}
