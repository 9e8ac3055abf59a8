//! Kept totals: that a wrong one would be noticed, and what a file from before 0015 gets.

use loggia_domain::id::ProjectId;
use loggia_domain::port::Views;
use loggia_domain::project::{Project, Visibility};
use loggia_domain::role::RosterRole;
use loggia_sqlite::SqliteStore;
use loggia_testkit::builders;
use loggia_testkit::seed::{self, World};
use loggia_testkit::totals::wrong_totals;

use crate::support::{Temporary, ports};

const LISTS: [&str; 7] = [
    "members",
    "spaces",
    "organization_projects",
    "private_projects",
    "own_private_projects",
    "roster",
    "tasks",
];

/// A private project with a task and a roster beside the world's own, and two spaces.
async fn seeded(temporary: &Temporary) -> (World, [ProjectId; 2]) {
    let ports = &temporary.ports;
    let world = World::seed(ports).await;
    let hide = |project: &mut Project| project.visibility = Visibility::Private;
    let hidden = seed::project(ports, world.scope, world.admin.user, "Hidden", hide).await;
    seed::place(ports, &hidden, world.member.user, RosterRole::Member).await;
    seed::task(ports, &hidden, "1", |_| ()).await;
    let space = || builders::space(ports, world.scope, world.admin.user, "Tides");
    seed::spaces(ports, &[space(), space()]).await;
    let projects = [world.project.id, hidden.id];
    (world, projects)
}

async fn wrong(views: &dyn Views, world: &World, projects: &[ProjectId]) -> Vec<String> {
    let viewers = [world.as_admin(), world.as_member(), world.as_viewer()];
    wrong_totals(views, &viewers, world.scope, projects).await.expect("totals")
}

/// The promises about totals compare them with the lists, and would notice.
#[tokio::test]
async fn a_total_that_is_wrong_by_one_is_noticed() {
    let temporary = Temporary::new().await;
    let (world, projects) = seeded(&temporary).await;
    assert_eq!(wrong(&temporary.store, &world, &projects).await, Vec::<String>::new());
    for list in LISTS {
        let change = async |by: &str| {
            let sql = format!("UPDATE list_totals SET total = total {by} WHERE list = '{list}'");
            assert!(temporary.execute(sql).await.expect("a change") > 0, "{list} has a total");
        };
        change("+ 1").await;
        assert_ne!(wrong(&temporary.store, &world, &projects).await, Vec::<String>::new(), "{list}");
        change("- 1").await;
        assert_eq!(wrong(&temporary.store, &world, &projects).await, Vec::<String>::new(), "{list}");
    }
}

#[tokio::test]
async fn no_total_but_a_part_of_one_falls_below_nothing() {
    let temporary = Temporary::new().await;
    seeded(&temporary).await;
    for list in LISTS {
        let sql = format!("UPDATE list_totals SET total = -1 WHERE list = '{list}'");
        assert_eq!(temporary.execute(sql).await.is_ok(), list == "spaces", "{list}");
    }
}

#[tokio::test]
async fn a_file_from_before_has_what_it_holds_counted() {
    let temporary = Temporary::new().await;
    let (world, projects) = seeded(&temporary).await;
    temporary.store.close().await;
    for (table, change) in [
        ("members", "added"),
        ("members", "deleted"),
        ("spaces", "added"),
        ("spaces", "deleted"),
        ("tasks", "added"),
        ("tasks", "deleted"),
        ("places", "added"),
        ("places", "deleted"),
        ("projects", "added"),
        ("projects", "moved"),
        ("projects", "deleted"),
    ] {
        let name = format!("list_totals_{}_{change}", table.trim_end_matches('s'));
        temporary.execute(format!("DROP TRIGGER {name}")).await.expect("a trigger");
    }
    for sql in [
        "DROP TABLE list_totals",
        "DROP INDEX projects_by_number",
        "DELETE FROM _sqlx_migrations WHERE version = 15",
        "DELETE FROM project_members WHERE role = 'admin'",
    ] {
        temporary.execute(sql).await.expect("a change");
    }
    let again = SqliteStore::open(temporary.path()).await.expect("the same file");
    assert_eq!(wrong(&again, &world, &projects).await, Vec::<String>::new());
    let space = builders::space(&temporary.ports, world.scope, world.admin.user, "Tides");
    seed::spaces(&ports(&again), &[space]).await;
    assert_eq!(wrong(&again, &world, &projects).await, Vec::<String>::new());
}
