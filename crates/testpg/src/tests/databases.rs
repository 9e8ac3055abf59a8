use std::convert::Infallible;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::{ask, start};
use crate::{DatabaseError, TestDatabases};

/// Fills a template with a table of one row.
async fn one_row(url: String) -> Result<(), sqlx::Error> {
    ask(&url, "CREATE TABLE things (name text); INSERT INTO things VALUES ('from the template')").await?;
    Ok(())
}

async fn names(databases: &str) -> Vec<String> {
    ask(databases, "SELECT datname::text FROM pg_database WHERE datname LIKE 'loggia%' ORDER BY 1")
        .await
        .unwrap()
}

#[tokio::test]
async fn two_databases_of_one_template_are_isolated_and_dropped_after_use() {
    let server = start();
    let databases = TestDatabases::at(&server.url("anything"));
    let prepared = AtomicUsize::new(0);
    let prepare = |url| {
        prepared.fetch_add(1, Ordering::Relaxed);
        one_row(url)
    };
    let one = databases.fresh("v1", prepare).await.unwrap();
    let other = databases.fresh("v1", prepare).await.unwrap();
    ask(one.url(), "INSERT INTO things VALUES ('from one')").await.unwrap();
    let things = "SELECT name FROM things ORDER BY name";
    assert_eq!(ask(one.url(), things).await.unwrap(), ["from one", "from the template"]);
    assert_eq!(ask(other.url(), things).await.unwrap(), ["from the template"]);
    assert_eq!(prepared.load(Ordering::Relaxed), 1);
    assert_eq!(ask(one.url(), "SELECT current_database()::text").await.unwrap(), [one.name()]);
    assert_eq!(ask(one.admin_url(), "SELECT current_database()::text").await.unwrap(), ["postgres"]);

    // A second handle behaves as another process would: it finds the template.
    let third = TestDatabases::at(&server.url("")).fresh("v1", prepare).await.unwrap();
    assert_eq!(prepared.load(Ordering::Relaxed), 1);
    let empty = databases.fresh_empty().await.unwrap();
    assert!(ask(empty.url(), things).await.is_err(), "it is not empty");
    databases.fresh("v2", prepare).await.unwrap();
    assert_eq!(prepared.load(Ordering::Relaxed), 2);

    drop((one, other, third, empty, databases));
    let left = names(&server.url("postgres")).await;
    assert!(left.len() == 2 && left.iter().all(|name| name.starts_with("loggia_template_")), "{left:?}");
}

#[tokio::test]
async fn a_failed_preparation_leaves_no_template_and_is_repeated() {
    let server = start();
    let databases = TestDatabases::at(&server.url("postgres"));
    let fails = |url: String| async move {
        ask(&url, "CREATE TABLE things (half int)").await?;
        ask(&url, "SELECT no_such_function()").await.map(|_| ())
    };
    let error = databases.fresh("v1", fails).await.unwrap_err();
    assert!(
        matches!(error, DatabaseError::Prepare(_)) && error.to_string().contains("no_such_function"),
        "{error}"
    );
    let database = databases.fresh("v1", one_row).await.unwrap();
    assert_eq!(ask(database.url(), "SELECT name FROM things").await.unwrap(), ["from the template"]);
}

/// Each thread has its own handle and runtimes, as each process has.
#[test]
fn concurrent_tests_share_one_template() {
    const THREADS: usize = 4;
    const TESTS: usize = 5;
    let server = start();
    let url = server.url("postgres");
    let prepared = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                let databases = TestDatabases::at(&url);
                for _ in 0..TESTS {
                    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                    runtime.block_on(async {
                        let prepare = |url| {
                            prepared.fetch_add(1, Ordering::Relaxed);
                            one_row(url)
                        };
                        let database = databases.fresh("shared", prepare).await.unwrap();
                        let rows = ask(database.url(), "DELETE FROM things RETURNING name").await.unwrap();
                        assert_eq!(rows, ["from the template"]);
                    });
                }
            });
        }
    });
    assert_eq!(prepared.load(Ordering::Relaxed), 1);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    assert_eq!(runtime.block_on(names(&url)).len(), 1, "the template alone is left");
}

#[tokio::test]
async fn databases_of_a_killed_process_are_dropped_and_those_in_use_are_kept() {
    let server = start();
    let admin = server.url("postgres");
    let alive = TestDatabases::at(&admin);
    let in_use = alive.fresh_empty().await.unwrap();
    ask(&admin, "CREATE DATABASE loggia_test_2147483647_1").await.unwrap();
    ask(&admin, "CREATE DATABASE loggia_test_of_somebody").await.unwrap();
    let next = TestDatabases::at(&admin);
    next.fresh("v1", |_| async { Ok::<_, Infallible>(()) }).await.unwrap();
    // Dropping it waits until its thread has dropped all its databases.
    drop(next);
    let left = names(&admin).await;
    assert!(left.iter().any(|name| name == in_use.name()), "{left:?}");
    assert!(left.iter().any(|name| name == "loggia_test_of_somebody"), "{left:?}");
    assert!(!left.iter().any(|name| name == "loggia_test_2147483647_1"), "{left:?}");
}

#[tokio::test]
async fn an_unreachable_server_is_an_error() {
    let error = TestDatabases::at("postgres://postgres@127.0.0.1:1/x").fresh_empty().await.unwrap_err();
    assert!(matches!(error, DatabaseError::Server { .. }), "{error}");
}
