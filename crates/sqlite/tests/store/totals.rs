//! Tests of the stored totals: the contract's tests notice a wrong one, and the migration 0015 fills them for an older file.

use loggia_sqlite::SqliteStore;
use loggia_testkit::builders;
use loggia_testkit::seed;
use loggia_testkit::totals::{LISTS, seeded, wrong};

use crate::support::{Temporary, ports};

/// The contract's tests of totals compare them with the lists, and so notice a wrong total.
#[tokio::test]
async fn a_total_that_is_wrong_by_one_is_noticed() {
    let temporary = Temporary::new().await;
    let (world, projects) = seeded(&temporary.ports).await;
    assert_eq!(wrong(&temporary.store, &world, &projects).await.expect("totals"), Vec::<String>::new());
    for list in LISTS {
        let change = async |by: &str| {
            let sql = format!("UPDATE list_totals SET total = total {by} WHERE list = '{list}'");
            assert!(temporary.execute(sql).await.expect("a change") > 0, "{list} has a total");
        };
        change("+ 1").await;
        assert_ne!(
            wrong(&temporary.store, &world, &projects).await.expect("totals"),
            Vec::<String>::new(),
            "{list}"
        );
        change("- 1").await;
        assert_eq!(
            wrong(&temporary.store, &world, &projects).await.expect("totals"),
            Vec::<String>::new(),
            "{list}"
        );
    }
}

#[tokio::test]
async fn no_total_but_a_part_of_one_falls_below_nothing() {
    let temporary = Temporary::new().await;
    seeded(&temporary.ports).await;
    for list in LISTS {
        let sql = format!("UPDATE list_totals SET total = -1 WHERE list = '{list}'");
        assert_eq!(temporary.execute(sql).await.is_ok(), list == "spaces", "{list}");
    }
}

#[tokio::test]
async fn a_file_from_before_has_what_it_holds_counted() {
    let temporary = Temporary::new().await;
    let (world, projects) = seeded(&temporary.ports).await;
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
    assert_eq!(wrong(&again, &world, &projects).await.expect("totals"), Vec::<String>::new());
    let space = builders::space(&temporary.ports, world.scope, world.admin.user, "Tides");
    seed::spaces(&ports(&again), &[space]).await;
    assert_eq!(wrong(&again, &world, &projects).await.expect("totals"), Vec::<String>::new());
}
