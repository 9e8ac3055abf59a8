//! Tests of a replica that is killed half-way through a migration, and of an index that takes long to build.

use std::sync::Arc;

use sqlx::Connection;

use super::replicas::migrate_eightfold;
use super::*;
use crate::OpenError;

/// Sleeps for an hour if the table `slow` has a row.
const SLOW: &str = "INSERT INTO book VALUES ('slow');
    DO $$ BEGIN IF EXISTS (SELECT FROM slow) THEN PERFORM pg_sleep(3600); END IF; END $$";

const IN_THE_SLOW_PART: &str =
    "EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep')";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_other_replicas_finish_after_one_is_killed_during_a_migration() {
    let database = empty_database().await;
    let mut outsider = superuser(&database).await;
    run(
        &mut outsider,
        "CREATE TABLE slow (one int); CREATE TABLE book (line text); INSERT INTO slow VALUES (1)",
    )
    .await;
    let (migrator, _folder) = migrations(
        0,
        &[
            ("0101_before.sql", "INSERT INTO book VALUES ('before')"),
            ("0102_slow.sql", SLOW),
            ("0103_after.sql", "INSERT INTO book VALUES ('after')"),
        ],
    )
    .await;
    let migrating = migrate_eightfold(&options(&database), &Arc::new(migrator)).await;
    until(&mut outsider, IN_THE_SLOW_PART).await;
    run(&mut outsider, "DELETE FROM slow").await;
    run(
        &mut outsider,
        "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
         WHERE datname = current_database() AND wait_event = 'PgSleep'",
    )
    .await;
    let outcomes = migrating.join_all().await;
    assert_eq!(
        outcomes.iter().filter(|outcome| outcome.is_err()).count(),
        1,
        "the one that was killed: {outcomes:?}"
    );
    for line in ["before", "slow", "after"] {
        let lines = number(&mut outsider, &format!("SELECT count(*) FROM book WHERE line = '{line}'")).await;
        assert_eq!(lines, 1, "{line}");
    }
    assert_eq!(
        number(&mut outsider, "SELECT count(*) FROM _sqlx_migrations WHERE success").await,
        known() + 3
    );
}

const INDEX: (&str, &str) = (
    "0101_index.sql",
    "-- no-transaction\nCREATE INDEX CONCURRENTLY spaces_by_status ON spaces (scope_id, status, id)",
);

/// The condition that the index exists and is invalid.
const UNFINISHED: &str =
    "EXISTS (SELECT FROM pg_index WHERE indexrelid = to_regclass('spaces_by_status') AND NOT indisvalid)";
const FINISHED: &str =
    "EXISTS (SELECT FROM pg_index WHERE indexrelid = to_regclass('spaces_by_status') AND indisvalid)";

/// Opens a transaction that uses the table; the index waits for its end.
async fn user_of_the_table(database: &TestDatabase) -> PgConnection {
    let mut user = superuser(database).await;
    run(&mut user, "BEGIN; LOCK TABLE spaces IN ROW EXCLUSIVE MODE").await;
    user
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_index_whose_creation_was_killed_is_created_again() {
    let database = database().await;
    let mut outsider = superuser(&database).await;
    let user = user_of_the_table(&database).await;
    let (migrator, _folder) = migrations(0, &[INDEX]).await;
    let migrator = Arc::new(migrator);
    let options = options(&database);
    let first = tokio::spawn({
        let (options, migrator) = (options.clone(), migrator.clone());
        async move { apply(&options, &migrator).await }
    });
    until(&mut outsider, UNFINISHED).await;
    run(
        &mut outsider,
        "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
         WHERE datname = current_database() AND query LIKE '%CREATE INDEX CONCURRENTLY%' AND pid <> pg_backend_pid()",
    )
    .await;
    let killed = first.await.expect("a task");
    assert!(killed.is_err(), "{killed:?}");
    until(&mut outsider, UNFINISHED).await;
    assert_eq!(number(&mut outsider, "SELECT count(*) FROM _sqlx_migrations").await, known());
    user.close().await.expect("closing");
    apply(&options, &migrator).await.expect("the next one finishes it");
    until(&mut outsider, FINISHED).await;
    assert_eq!(number(&mut outsider, "SELECT count(*) FROM _sqlx_migrations").await, known() + 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replicas_waiting_for_the_migration_lock_do_not_block_a_concurrent_index() {
    let database = database().await;
    let mut outsider = superuser(&database).await;
    let user = user_of_the_table(&database).await;
    let (migrator, _folder) = migrations(0, &[INDEX]).await;
    let migrating = migrate_eightfold(&options(&database), &Arc::new(migrator)).await;
    until(&mut outsider, UNFINISHED).await;
    user.close().await.expect("closing");
    for outcome in migrating.join_all().await {
        outcome.expect("it goes on when the table is free");
    }
    until(&mut outsider, FINISHED).await;
}

/// Control: without this the test above would pass even if waiting for the lock within a statement did no harm.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn waiting_for_the_migration_lock_within_a_statement_deadlocks_with_the_index() {
    let database = database().await;
    let mut outsider = superuser(&database).await;
    let user = user_of_the_table(&database).await;
    let (migrator, _folder) = migrations(0, &[INDEX]).await;
    let options = options(&database);
    let migrating = tokio::spawn(async move { apply(&options, &migrator).await });
    until(&mut outsider, UNFINISHED).await;
    let mut blocked = superuser(&database).await;
    let blocked = tokio::spawn(async move {
        let locked =
            sqlx::query("SELECT pg_advisory_lock($1)").bind(0x6c6f_6767_6961_i64).execute(&mut blocked).await;
        let ended = locked.err().map(|error| error.to_string()).unwrap_or_default();
        blocked.close().await.ok();
        ended
    });
    until(&mut outsider, "EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted)").await;
    user.close().await.expect("closing");
    let migrated = match migrating.await.expect("a task") {
        Err(OpenError::Migration(error)) => {
            std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default()
        }
        Err(error) => error.to_string(),
        Ok(_) => String::new(),
    };
    let blocked = blocked.await.expect("a task");
    let deadlocks = [migrated, blocked];
    let ended = deadlocks.iter().filter(|ended| ended.contains("deadlock detected")).count();
    assert_eq!(ended, 1, "one of the two was ended: {deadlocks:?}");
}
