//! The promises of the live connections.

use loggia_domain::id::SpaceId;
use loggia_domain::instant::Timestamp;
use loggia_domain::port::{Store, StoreError, UnitOfWork as _, Views};
use loggia_domain::space::{Priority, Space, SpaceStatus, Strength};
use loggia_domain::text::{SpaceDescription, SpaceName};
use sqlx::{QueryBuilder, Row, Sqlite, SqlitePool};
use uuid::Uuid;

use super::{ada, fill, scope, store};
use crate::unit_of_work::SqliteUnitOfWork;

async fn pragma(pool: &SqlitePool, name: &str) -> String {
    let row =
        QueryBuilder::<Sqlite>::new(format!("PRAGMA {name}")).build().fetch_one(pool).await.expect(name);
    row.try_get::<i64, _>(0).map_or_else(|_| row.get::<String, _>(0), |number| number.to_string())
}

#[tokio::test]
async fn every_connection_logs_ahead_reaches_the_disk_and_keeps_foreign_keys() {
    let (store, _folder) = store().await;
    for pool in [store.writer(), &store.readers] {
        assert_eq!(pragma(pool, "journal_mode").await, "wal");
        assert_eq!(pragma(pool, "synchronous").await, "2", "FULL");
        assert_eq!(pragma(pool, "foreign_keys").await, "1");
        assert_eq!(pragma(pool, "busy_timeout").await, "4000");
        assert_eq!(pragma(pool, "mmap_size").await, "0");
        assert_eq!(pragma(pool, "trusted_schema").await, "0");
        assert_eq!(pragma(pool, "integrity_check").await, "ok");
    }
}

#[tokio::test]
async fn there_is_one_writer_and_readers_refuse_to_write() {
    let (store, _folder) = store().await;
    assert_eq!(store.writer().options().get_max_connections(), 1);
    assert_eq!(pragma(store.writer(), "query_only").await, "0");
    assert_eq!(pragma(&store.readers, "query_only").await, "1");
    let refused = sqlx::query("DELETE FROM instance").execute(&store.readers).await;
    assert!(refused.expect_err("a reader").to_string().contains("readonly"));
}

#[tokio::test]
async fn a_transaction_that_sqlite_ended_itself_does_not_block_those_after_it() {
    let (store, _folder) = store().await;
    // What SQLite does when the disk is full, done by hand: the transaction is gone and sqlx does not know it.
    let mut transaction = store.writer().begin_with("BEGIN IMMEDIATE").await.expect("a transaction");
    sqlx::query("ROLLBACK").execute(&mut *transaction).await.expect("an end");
    drop(transaction);
    let work = store.begin().await.expect("another unit of work");
    work.commit().await.expect("a commit");
}

#[tokio::test]
async fn a_full_file_refuses_writes_lets_reads_go_on_and_takes_writes_again_when_there_is_room() {
    let (store, _folder) = store().await;
    fill(&store, 1).await;
    // Less than there is already, so no page can be added.
    pragma(store.writer(), "max_page_count = 1").await;
    let mut work = store.begin().await.expect("a unit of work");
    let large = space(SpaceDescription::parse(&"x".repeat(10_000)).expect("text"));
    let refused = work.insert_space(&large).await.expect_err("there is no room");
    assert!(matches!(refused, StoreError::Unavailable(Some(_))), "{refused:?}");
    drop(work);
    assert!(store.has_organizations().await.expect("reading goes on"));

    pragma(store.writer(), "max_page_count = 1000000").await;
    let mut work = store.begin().await.expect("a unit of work");
    work.insert_space(&space(SpaceDescription::parse("there is room").expect("text")))
        .await
        .expect("a space");
    work.commit().await.expect("a commit");
    assert_eq!(pragma(&store.readers, "integrity_check").await, "ok");
}

fn space(description: SpaceDescription) -> Space {
    let now = Timestamp::from_micros(1).expect("a time");
    Space {
        id: SpaceId::from_uuid(Uuid::from_u128(0xffff)),
        scope: scope(),
        name: SpaceName::parse("Quay").expect("a name"),
        description: Some(description),
        project: None,
        status: SpaceStatus::Draft,
        priority: Priority::None,
        strength: Strength::default(),
        created_by: ada().user,
        created_at: now,
        updated_at: now,
        revision: 1,
    }
}

#[tokio::test]
async fn a_unit_of_work_that_is_dropped_leaves_the_writer_free() {
    let (store, _folder) = store().await;
    for _ in 0..20 {
        let mut work = store.begin().await.expect("a unit of work");
        assert!(!work.lock_instance().await.expect("an answer"));
    }
}

#[tokio::test]
async fn every_table_is_strict() {
    let (store, _folder) = store().await;
    let lax: Vec<String> = sqlx::query_scalar(
        "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND NOT strict
             AND name NOT LIKE 'sqlite_%' AND name <> '_sqlx_migrations'",
    )
    .fetch_all(&store.readers)
    .await
    .expect("tables");
    assert_eq!(lax, Vec::<String>::new());
}

#[tokio::test]
async fn a_closed_store_is_unavailable() {
    let (store, _folder) = store().await;
    store.check_ready().await.expect("ready");
    store.close().await;
    assert!(matches!(store.check_ready().await, Err(StoreError::Unavailable(_))));
    assert!(matches!(store.begin().await, Err(StoreError::Unavailable(_))));
}

#[tokio::test]
async fn a_commit_that_sqlite_refuses_for_no_known_reason_has_an_unknown_outcome() {
    let (store, _folder) = store().await;
    let transaction = store.writer().begin_with("BEGIN IMMEDIATE").await.expect("a transaction");
    let mut work = SqliteUnitOfWork::new(transaction);
    sqlx::query("ROLLBACK").execute(work.connection()).await.expect("an end");
    let refused = Box::new(work).commit().await.expect_err("there is nothing to commit");
    assert!(matches!(refused, StoreError::OutcomeUnknown(Some(_))), "{refused:?}");
}
