//! Tests of group commit: which units of work share a commit, and the outcome that each of them gets.

use futures_util::future::{join_all, poll_immediate};
use loggia_domain::port::{InstanceViews, OrganizationRows as _, Store, StoreError, UnitOfWork};
use loggia_domain::scope::Scope;
use loggia_observe::usage::SizeCounts;
use rusqlite::Connection;

use super::{fill, scope, store};
use crate::SqliteStore;
use crate::write::unit_of_work::SqliteUnitOfWork;

/// Counts the transactions that end with a commit.
async fn commits(store: &SqliteStore) -> impl Fn() -> usize {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    let counted = Arc::new(AtomicUsize::new(0));
    let counter = counted.clone();
    let count = move || {
        counter.fetch_add(1, Ordering::Relaxed);
        false
    };
    store.writer.with(|connection| connection.commit_hook(Some(count))).await.expect("a hook");
    move || counted.load(Ordering::Relaxed)
}

/// Makes every later commit fail, or succeed again.
async fn refuse_commits(store: &SqliteStore, refuse: bool) {
    let hook = refuse.then_some(|| true);
    store.writer.with(|connection| connection.commit_hook(hook)).await.expect("a hook");
}

/// Returns how many member numbers were given out: each unit of work in these tests takes one.
async fn given_out(store: &SqliteStore) -> i64 {
    let count = |connection: &Connection| {
        connection.query_row("SELECT next_member_number FROM scopes WHERE kind = 'organization'", (), |row| {
            row.get::<_, i64>(0)
        })
    };
    count(&store.readers.take().await.expect("the reader")).expect("a number") - 1
}

async fn give_out(work: &mut dyn UnitOfWork, scope: Scope) {
    work.next_member_number(scope).await.expect("a number");
}

async fn change(store: &SqliteStore) -> Result<(), StoreError> {
    let mut work = store.begin().await?;
    give_out(&mut *work, scope()).await;
    work.commit().await
}

#[tokio::test]
async fn waiting_units_of_work_are_committed_together() {
    let (store, _folder) = store().await;
    fill(&store, 1).await;
    let committed = commits(&store).await;
    let all = join_all((0..40).map(|_| change(&store))).await;
    assert!(all.iter().all(Result::is_ok), "{all:?}");
    assert_eq!(given_out(&store).await, 40);
    assert!(committed() < 20, "40 units of work took {} commits", committed());
    assert!(committed() > 0, "they are counted");
}

#[tokio::test]
async fn the_sizes_of_commit_groups_are_counted_and_those_of_failed_commits_are_not() {
    let (store, _folder) = store().await;
    fill(&store, 1).await;
    let (before, committed) = (store.commit_groups(), commits(&store).await);
    for outcome in join_all((0..40).map(|_| change(&store))).await {
        outcome.expect("a commit");
    }
    let after = store.commit_groups();
    let groups = |counts: SizeCounts| counts.counts.iter().sum::<u64>();
    assert_eq!(after.sum - before.sum, 40, "units of work");
    assert_eq!(groups(after) - groups(before), u64::try_from(committed()).expect("a number"), "commits");
    refuse_commits(&store, true).await;
    change(&store).await.expect_err("a refused commit");
    assert_eq!(store.commit_groups(), after);
}

#[tokio::test]
async fn a_unit_of_work_is_seen_at_the_writer_while_it_waits_and_while_it_runs() {
    let (store, _folder) = store().await;
    fill(&store, 1).await;
    let usage = || {
        let [_, writer] = store.pools();
        (writer.used, writer.waiting)
    };
    assert_eq!(usage(), (0, 0));
    let first = store.begin().await.expect("a unit of work");
    let mut second = Box::pin(store.begin());
    assert!(poll_immediate(&mut second).await.is_none(), "it waits for the first");
    assert_eq!(usage(), (1, 1));
    drop(first);
    let second = second.await.expect("a unit of work");
    assert_eq!(usage(), (1, 0));
    drop(second);
    assert_eq!(usage(), (0, 0));
}

#[tokio::test]
async fn a_single_unit_of_work_is_committed_at_once() {
    let (store, _folder) = store().await;
    fill(&store, 1).await;
    let committed = commits(&store).await;
    for round in 1..=3 {
        change(&store).await.expect("a commit");
        assert_eq!(committed(), round);
    }
}

#[tokio::test]
async fn writes_are_neither_acknowledged_nor_visible_before_the_commit() {
    let (store, _folder) = store().await;
    fill(&store, 1).await;
    let mut first = store.begin().await.expect("a unit of work");
    give_out(&mut *first, scope()).await;
    let mut first = Box::pin(first.commit());
    assert!(poll_immediate(&mut first).await.is_none(), "it is not committed yet");
    assert_eq!(given_out(&store).await, 0, "it is not visible");
    first.await.expect("a commit");
    assert_eq!(given_out(&store).await, 1);
}

#[tokio::test]
async fn a_dropped_unit_of_work_rolls_back_only_its_own_writes() {
    let (store, _folder) = store().await;
    fill(&store, 1).await;
    let dropped = async {
        let mut work = store.begin().await.expect("a unit of work");
        give_out(&mut *work, scope()).await;
        drop(work);
    };
    let (first, (), last) = tokio::join!(change(&store), dropped, change(&store));
    assert!(first.is_ok() && last.is_ok());
    assert_eq!(given_out(&store).await, 2);
}

#[tokio::test]
async fn a_failed_commit_is_reported_to_the_whole_group_and_the_store_continues() {
    let (store, _folder) = store().await;
    fill(&store, 1).await;
    refuse_commits(&store, true).await;
    for outcome in join_all((0..5).map(|_| change(&store))).await {
        assert!(matches!(outcome, Err(StoreError::Failed(_))), "{outcome:?}");
    }
    assert_eq!(given_out(&store).await, 0);
    refuse_commits(&store, false).await;
    change(&store).await.expect("a commit");
    assert_eq!(given_out(&store).await, 1);
}

#[tokio::test]
async fn a_rollback_by_sqlite_fails_the_whole_group_and_allows_no_further_write() {
    let (store, _folder) = store().await;
    fill(&store, 1).await;
    let broken = async {
        let mut guard = store.writer.begin().await.expect("a unit of work");
        // SQLite does so if the disk is full.
        let full = guard.work(|connection| {
            connection.execute_batch("ROLLBACK").expect("an end");
            Err::<(), _>(StoreError::Unavailable(None))
        });
        assert!(full.is_err());
        let mut work = Box::new(SqliteUnitOfWork::new(guard));
        let refused = work.next_member_number(scope()).await.expect_err("there is no transaction");
        assert!(matches!(refused, StoreError::Unavailable(Some(_))), "{refused:?}");
        let refused = work.commit().await.expect_err("there is nothing to commit");
        assert!(matches!(refused, StoreError::Unavailable(Some(_))), "{refused:?}");
    };
    let (first, ()) = tokio::join!(change(&store), broken);
    assert!(matches!(first, Err(StoreError::Contended(None))), "it was in the same transaction: {first:?}");
    assert_eq!(given_out(&store).await, 0);
    change(&store).await.expect("the store goes on");
}

#[tokio::test]
async fn a_read_of_uncommitted_writes_depends_on_their_commit() {
    for refused in [false, true] {
        let (store, _folder) = store().await;
        fill(&store, 1).await;
        let alone = store.begin().await.expect("a unit of work");
        assert!(alone.settlement().is_none(), "it has read nothing of others");
        drop(alone);
        refuse_commits(&store, refused).await;
        let reader = async {
            let mut work = store.begin().await.expect("a unit of work");
            // The second unit of work sees what the first one has written.
            assert_eq!(work.next_member_number(scope()).await.expect("a number").get(), 2);
            let settlement = work.settlement().expect("it has read what another has written");
            drop(work);
            settlement.await
        };
        let (written, read) = tokio::join!(change(&store), reader);
        assert_eq!(written.is_err(), refused);
        assert_eq!(matches!(read, Err(StoreError::Contended(None))), refused, "{read:?}");
    }
}

#[tokio::test]
async fn a_dropped_call_neither_keeps_the_connection_nor_loses_its_commit() {
    let (store, _folder) = store().await;
    fill(&store, 1).await;
    // Dropped while it waits for the writer.
    let held = store.begin().await.expect("a unit of work");
    assert!(poll_immediate(Box::pin(store.begin())).await.is_none());
    drop(held);
    // Dropped while it waits for the commit.
    let mut work = store.begin().await.expect("a unit of work");
    give_out(&mut *work, scope()).await;
    assert!(poll_immediate(Box::pin(work.commit())).await.is_none());
    change(&store).await.expect("a commit");
    assert_eq!(given_out(&store).await, 2);
}

#[tokio::test]
async fn closing_a_store_commits_units_of_work_in_flight() {
    let (store, _folder) = store().await;
    fill(&store, 1).await;
    let mut work = store.begin().await.expect("a unit of work");
    give_out(&mut *work, scope()).await;
    let mut commit = Box::pin(work.commit());
    assert!(poll_immediate(&mut commit).await.is_none());
    store.close().await;
    commit.await.expect("a commit");
    assert!(matches!(change(&store).await, Err(StoreError::Unavailable(_))));
}

#[tokio::test]
async fn waiting_for_another_process_blocks_no_other_task() {
    let (store, folder) = store().await;
    let outsider = Connection::open(folder.path().join("loggia.db")).expect("a connection");
    outsider.execute_batch("BEGIN IMMEDIATE").expect("the write lock");
    let mut waiting = Box::pin(store.begin());
    // The test has one thread, so nothing would proceed if that were blocked.
    assert!(poll_immediate(&mut waiting).await.is_none());
    assert!(!store.has_organizations().await.expect("reading goes on"));
    outsider.execute_batch("ROLLBACK").expect("a rollback");
    waiting.await.expect("a unit of work").commit().await.expect("a commit");
}
