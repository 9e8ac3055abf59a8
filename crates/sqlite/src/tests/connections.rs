//! Tests of the settings of open connections, and of what they guarantee.

use futures_util::future::poll_immediate;
use loggia_domain::id::SpaceId;
use loggia_domain::instant::Timestamp;
use loggia_domain::port::{InstanceViews, Store, StoreError, Views};
use loggia_domain::space::{NewSpace, Space};
use loggia_domain::text::{SpaceDescription, SpaceName};
use rusqlite::Connection;
use uuid::Uuid;

use super::{ada, fill, scope, store};
use crate::SqliteStore;

/// Returns a pragma's value as text.
fn pragma_value(connection: &Connection, name: &str) -> String {
    connection
        .query_row(&format!("PRAGMA {name}"), (), |row| {
            row.get::<_, i64>(0).map(|number| number.to_string()).or_else(|_| row.get(0))
        })
        .expect(name)
}

async fn of_writer(store: &SqliteStore, name: &str) -> String {
    store.writer.with(|connection| pragma_value(connection, name)).await
}

async fn of_reader(store: &SqliteStore, name: &str) -> String {
    pragma_value(&store.readers.take().await.expect("the reader"), name)
}

#[tokio::test]
async fn every_connection_uses_wal_full_synchronization_and_foreign_keys() {
    let (store, _folder) = store().await;
    store.begin().await.expect("a unit of work").commit().await.expect("a commit");
    for (pragma, value) in [
        ("journal_mode", "wal"),
        // FULL.
        ("synchronous", "2"),
        ("foreign_keys", "1"),
        ("busy_timeout", "4000"),
        ("mmap_size", "0"),
        // MEMORY.
        ("temp_store", "2"),
        ("trusted_schema", "0"),
        ("integrity_check", "ok"),
    ] {
        assert_eq!(of_writer(&store, pragma).await, value, "{pragma} of the writer");
        assert_eq!(of_reader(&store, pragma).await, value, "{pragma} of a reader");
    }
}

#[tokio::test]
async fn there_is_one_writer_and_readers_refuse_to_write() {
    let (store, _folder) = store().await;
    assert_eq!(of_writer(&store, "query_only").await, "0");
    assert_eq!(of_reader(&store, "query_only").await, "1");
    let reader = store.readers.take().await.expect("the reader");
    let refused = reader.execute("DELETE FROM instance", ());
    assert!(refused.expect_err("a reader").to_string().contains("readonly"));
    let writer = store.begin().await.expect("the writer");
    assert!(poll_immediate(store.begin()).await.is_none(), "there is no other writer");
    drop(writer);
}

#[tokio::test]
async fn a_full_file_refuses_writes_and_serves_reads_until_there_is_room_again() {
    let (store, _folder) = store().await;
    fill(&store, 1).await;
    // Fewer pages than the file has already, so no page can be added.
    of_writer(&store, "max_page_count = 1").await;
    let mut work = store.begin().await.expect("a unit of work");
    let large = space(SpaceDescription::parse(&"x".repeat(10_000)).expect("text"));
    let refused = work.insert_space(&large).await.expect_err("there is no room");
    assert!(matches!(refused, StoreError::Unavailable(Some(_))), "{refused:?}");
    drop(work);
    assert!(store.has_organizations().await.expect("reading goes on"));

    of_writer(&store, "max_page_count = 1000000").await;
    let mut work = store.begin().await.expect("a unit of work");
    work.insert_space(&space(SpaceDescription::parse("there is room").expect("text")))
        .await
        .expect("a space");
    work.commit().await.expect("a commit");
    assert_eq!(of_reader(&store, "integrity_check").await, "ok");
}

fn space(description: SpaceDescription) -> Space {
    let now = Timestamp::from_micros(1).expect("a time");
    let quay = NewSpace::named(SpaceName::parse("Quay").expect("a name"));
    let id = SpaceId::from_uuid(Uuid::from_u128(0xffff));
    NewSpace { description: Some(description), ..quay }.create(id, scope(), ada().user, now)
}

#[tokio::test]
async fn a_unit_of_work_that_is_dropped_leaves_the_writer_free() {
    let (store, _folder) = store().await;
    for _ in 0..20 {
        let mut work = store.begin().await.expect("a unit of work");
        assert!(!work.lock_instance().await.expect("a result"));
    }
}

#[tokio::test]
async fn every_table_is_strict() {
    let (store, _folder) = store().await;
    let reader = store.readers.take().await.expect("the reader");
    let mut tables = reader
        .prepare(
            "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND NOT strict
                 AND name NOT LIKE 'sqlite_%' AND name <> '_sqlx_migrations'",
        )
        .expect("a statement");
    let lax = tables.query_map((), |row| row.get(0)).expect("tables");
    let lax: Vec<String> = lax.map(|name| name.expect("a name")).collect();
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
