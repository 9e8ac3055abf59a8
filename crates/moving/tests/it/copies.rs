//! Copies of an instance.

use std::sync::atomic::{AtomicU32, Ordering};

use loggia_domain::port::StoreError;
use loggia_moving::{
    Beginning, CopyError, InstanceRow, InstanceWriter, Row, RowReader, Table, TargetIsNotEmpty, copy,
};
use loggia_sqlite::moving::SqliteRows;
use loggia_sqlite::{OpenError, SqliteStore};
use uuid::Uuid;

use crate::world::{Home, fill_home, found};

async fn copied(from: &Home, to: &Home) -> Result<loggia_moving::CopyReport, CopyError> {
    let mut source = SqliteRows::alone(&from.options()).unwrap();
    let mut target = SqliteRows::alone(&to.options()).unwrap();
    copy(&mut source, &mut target, &|_| ()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_has_every_row_and_the_parents_of_its_keys() {
    let (home, target) = (Home::new(), Home::empty().await);
    let world = fill_home(&home).await;
    let report = copied(&home, &target).await.unwrap();
    assert_eq!(report.beginning, Beginning::New);
    for (table, digest) in &report.tables {
        assert!(digest.rows > 0 || *table == "stored_responses", "{table} has rows");
    }
    assert_eq!(target.picture().await, home.picture().await);
    assert_eq!(target.export(world.organization).await, home.export(world.organization).await);
    let keys = "SELECT count(*) FROM api_keys WHERE parent_id IS NOT NULL";
    let connection = rusqlite::Connection::open(target.path("loggia.db")).unwrap();
    assert_eq!(connection.query_row(keys, (), |row| row.get::<_, i64>(0)).unwrap(), 3);
    let check: String = connection.query_row("PRAGMA integrity_check", (), |row| row.get(0)).unwrap();
    assert_eq!(check, "ok");
}

/// A target that fails before one of its writes, as if the process had been killed there.
struct Failing {
    target: SqliteRows,
    writes_left: AtomicU32,
}

impl Failing {
    fn count_down(&self) -> Result<(), StoreError> {
        let left =
            self.writes_left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        left.map(|_| ()).map_err(|_| StoreError::Unavailable(None))
    }
}

#[async_trait::async_trait]
impl RowReader for Failing {
    async fn count(&mut self, table: &'static Table) -> Result<u64, StoreError> {
        self.target.count(table).await
    }

    async fn rows(
        &mut self,
        table: &'static Table,
        after: Option<&Row>,
        limit: u32,
    ) -> Result<Vec<Row>, StoreError> {
        self.target.rows(table, after, limit).await
    }

    async fn instance(&mut self) -> Result<InstanceRow, StoreError> {
        self.target.instance().await
    }
}

#[async_trait::async_trait]
impl InstanceWriter for Failing {
    async fn begin(&mut self, source: &str) -> Result<Result<Beginning, TargetIsNotEmpty>, StoreError> {
        self.target.begin(source).await
    }

    async fn last(&mut self, table: &'static Table) -> Result<Option<Row>, StoreError> {
        self.target.last(table).await
    }

    async fn write(&mut self, table: &'static Table, mut rows: Vec<Row>) -> Result<(), StoreError> {
        self.count_down()?;
        // Half of a page is what a smaller page would have written.
        let half = rows.len().div_ceil(2);
        let rest = rows.split_off(half);
        self.target.write(table, rows).await?;
        self.count_down()?;
        if rest.is_empty() { Ok(()) } else { self.target.write(table, rest).await }
    }

    async fn link_keys(&mut self, links: &[(Uuid, Uuid)]) -> Result<(), StoreError> {
        self.count_down()?;
        self.target.link_keys(links).await
    }

    async fn finish(&mut self, instance: &InstanceRow) -> Result<(), StoreError> {
        self.count_down()?;
        self.target.finish(instance).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_stops_anywhere_continues_and_equals_one_that_did_not() {
    let home = Home::new();
    fill_home(&home).await;
    let expected = home.picture().await;
    let mut stops = 0;
    for writes in 0.. {
        let target = Home::empty().await;
        let mut source = SqliteRows::alone(&home.options()).unwrap();
        let alone = SqliteRows::alone(&target.options()).unwrap();
        let mut failing = Failing { target: alone, writes_left: AtomicU32::new(writes) };
        let outcome = copy(&mut source, &mut failing, &|_| ()).await;
        drop((source, failing));
        if outcome.is_ok() {
            break;
        }
        assert!(matches!(outcome, Err(CopyError::Write(_))), "{outcome:?}");
        stops += 1;
        let refused = SqliteStore::open_with(&target.options()).await;
        assert!(matches!(refused, Err(OpenError::Unfinished)), "an unfinished copy is not opened");
        let report = copied(&home, &target).await.unwrap();
        assert_eq!(report.beginning, Beginning::Continued);
        assert_eq!(target.picture().await, expected, "after {writes} writes");
    }
    assert!(stops > 20, "it stopped {stops} times");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_with_other_data_is_refused_and_left_alone() {
    let (home, target) = (Home::new(), Home::empty().await);
    fill_home(&home).await;
    target.with(async |loggia| found(loggia, "Other Works", "barbara@example.com").await).await;
    let before = target.picture().await;
    let refused = copied(&home, &target).await;
    assert!(matches!(refused, Err(CopyError::Target(TargetIsNotEmpty::Used))), "{refused:?}");
    assert_eq!(target.picture().await, before);
    SqliteStore::open_with(&target.options()).await.unwrap().close().await;

    // The unfinished copy of another instance.
    let other = Home::empty().await;
    SqliteRows::alone(&other.options()).unwrap().begin("another").await.unwrap().unwrap();
    let refused = copied(&home, &other).await;
    assert!(matches!(refused, Err(CopyError::Target(TargetIsNotEmpty::CopyOfAnother))), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_changed_between_two_runs_is_detected() {
    let (home, target) = (Home::new(), Home::empty().await);
    fill_home(&home).await;
    {
        let mut source = SqliteRows::alone(&home.options()).unwrap();
        let alone = SqliteRows::alone(&target.options()).unwrap();
        let mut failing = Failing { target: alone, writes_left: AtomicU32::new(9) };
        copy(&mut source, &mut failing, &|_| ()).await.unwrap_err();
    }
    let connection = rusqlite::Connection::open(home.path("loggia.db")).unwrap();
    connection.execute("UPDATE organizations SET name = 'Renamed'", ()).unwrap();
    drop(connection);
    match copied(&home, &target).await {
        Err(CopyError::Different(differences)) => {
            assert_eq!(differences.iter().map(|it| it.table).collect::<Vec<_>>(), ["organizations"]);
        }
        other => panic!("{other:?}"),
    }
    let refused = SqliteStore::open_with(&target.options()).await;
    assert!(matches!(refused, Err(OpenError::Unfinished)), "it is not opened");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_store_is_not_copied() {
    let home = Home::new();
    fill_home(&home).await;
    let store = home.store().await;
    assert!(matches!(SqliteRows::alone(&home.options()), Err(OpenError::Busy(_))));
    store.close().await;
    let rows = SqliteRows::alone(&home.options()).unwrap();
    assert!(
        matches!(SqliteStore::open_with(&home.options()).await, Err(OpenError::Busy(_))),
        "no process opens it meanwhile"
    );
    drop(rows);
    home.store().await.close().await;
}
