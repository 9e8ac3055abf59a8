//! Tests of databases that this program refuses to use.

use sqlx::migrate::MigrateError;

use super::*;
use crate::{OpenError, PostgresStore, migrate};

#[tokio::test]
async fn a_schema_of_a_later_version_is_refused_and_left_alone() {
    let database = database().await;
    let (later, _folder) = migrations(0, &[("9000_later.sql", "CREATE TABLE later (one int)")]).await;
    apply(&options(&database), &later).await.expect("the later schema");
    for outcome in [
        PostgresStore::open(&options(&database)).await.map(|_| ()),
        PostgresStore::open_existing(&options(&database)).await.map(|_| ()),
        migrate(&options(&database)).await.map(|_| ()),
    ] {
        let Err(OpenError::SchemaAhead(version)) = outcome else { panic!("it is ahead: {outcome:?}") };
        assert_eq!((version.found, version.known), (9000, known()));
    }
}

/// The migrations before the first release had the numbers of today's: the last number identifies nothing.
#[tokio::test]
async fn a_schema_from_before_the_first_release_is_refused_and_left_alone() {
    let database = database().await;
    let mut outsider = superuser(&database).await;
    for last in [16, known()] {
        let applied = format!(
            "DELETE FROM _sqlx_migrations;
             INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
             SELECT i, 'before', true, '\\x00', 0 FROM generate_series(1, {last}) AS i"
        );
        run(&mut outsider, applied).await;
        for outcome in [
            PostgresStore::open(&options(&database)).await.map(|_| ()),
            PostgresStore::open_existing(&options(&database)).await.map(|_| ()),
            migrate(&options(&database)).await.map(|_| ()),
        ] {
            assert!(matches!(outcome, Err(OpenError::SchemaUnreleased)), "{last}: {outcome:?}");
        }
        let left = "SELECT count(*) FROM _sqlx_migrations WHERE description = 'before'";
        assert_eq!(number(&mut outsider, left).await, last, "nothing was applied");
    }
}

#[tokio::test]
async fn an_older_schema_is_not_served_before_it_was_migrated() {
    let database = empty_database().await;
    let refused = PostgresStore::open_existing(&options(&database)).await;
    let Err(OpenError::SchemaBehind(version)) = refused else { panic!("there is none: {refused:?}") };
    assert_eq!((version.found, version.known), (0, known()));
    apply_previous(&database).await;
    let refused = PostgresStore::open_existing(&options(&database)).await;
    assert!(matches!(refused, Err(OpenError::SchemaBehind(_))), "{refused:?}");
    assert_eq!(migrate(&options(&database)).await.expect("it is brought up to date").found, known());
    open(&options(&database)).await.close().await;
}

#[tokio::test]
async fn a_migration_that_was_changed_after_it_was_applied_is_refused() {
    let database = database().await;
    let mut outsider = superuser(&database).await;
    run(&mut outsider, "UPDATE _sqlx_migrations SET checksum = '\\x00' WHERE version = 2").await;
    let refused = migrate(&options(&database)).await;
    assert!(
        matches!(refused, Err(OpenError::Migration(MigrateError::VersionMismatch(2)))),
        "the applied migration is unknown: {refused:?}"
    );
}

#[tokio::test]
async fn a_failed_migration_is_reported_and_leaves_no_changes() {
    let database = database().await;
    let text = "CREATE TABLE half (one int); SELECT 1 / 0";
    let (broken, _folder) = migrations(0, &[("9000_broken.sql", text)]).await;
    let refused = apply(&options(&database), &broken).await;
    assert!(
        matches!(refused, Err(OpenError::Migration(MigrateError::ExecuteMigration(_, 9000)))),
        "{refused:?}"
    );
    let mut outsider = superuser(&database).await;
    until(&mut outsider, "to_regclass('half') IS NULL").await;
    // The refusal leaves no lock behind.
    migrate(&options(&database)).await.expect("all is as it was");
}

#[tokio::test]
async fn a_database_that_cannot_hold_every_text_is_refused() {
    let database = empty_database().await;
    let other: PostgresOptions = {
        let mut server =
            <PgConnection as sqlx::Connection>::connect(database.admin_url()).await.expect("a session");
        run(&mut server, format!("DROP DATABASE {}", database.name())).await;
        let lax = format!(
            "CREATE DATABASE {} TEMPLATE template0 ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'",
            database.name()
        );
        run(&mut server, lax).await;
        database.url().parse().expect("a URL")
    };
    let outcomes = [
        PostgresStore::open(&other).await.map(|_| ()),
        PostgresStore::open_existing(&other).await.map(|_| ()),
        migrate(&other).await.map(|_| ()),
    ];
    for outcome in outcomes {
        assert!(
            matches!(&outcome, Err(OpenError::Encoding { found }) if found == "SQL_ASCII"),
            "{outcome:?}"
        );
    }
}
