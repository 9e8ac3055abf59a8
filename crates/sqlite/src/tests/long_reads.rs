//! Tests that long reads have half of the connections, and that reads by key always find one.

use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};

use futures_util::FutureExt as _;
use futures_util::future::poll_immediate;
use loggia_domain::port::StoreError;
use loggia_observe::{Account, Observed, Stage};
use tempfile::TempDir;

use crate::sessions::readers::Readers;
use crate::statement::Statement;
use crate::{SqliteOptions, SqliteStore, limits};

/// Opens a store with two reading connections, and so one long-read permit.
async fn store() -> (SqliteStore, TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let options = SqliteOptions::new(folder.path().join("loggia.db")).readers(2);
    (SqliteStore::open_with(&options).await.expect("a store"), folder)
}

/// Starts a statement that counts as a long read and ends when the sender is dropped.
fn long_read(readers: &Readers) -> (Sender<()>, impl Future<Output = Result<Vec<()>, StoreError>> + Unpin) {
    let (end, ended): (_, Receiver<()>) = mpsc::channel();
    let (readers, ended) = (readers.clone(), Arc::new(Mutex::new(ended)));
    let statement = Statement::new("SELECT 1");
    let read = async move {
        let wait = move |_: &rusqlite::Row<'_>| {
            // Receiving fails when the sender is dropped.
            ended.lock().expect("the only one who reads it").recv().ok();
            Ok(())
        };
        readers.all(statement, wait).await
    };
    (end, Box::pin(read))
}

#[tokio::test]
async fn long_reads_leave_a_connection_for_short_reads() {
    let (store, _folder) = store().await;
    let (end_first, mut first) = long_read(&store.readers);
    let (end_second, mut second) = long_read(&store.readers);
    assert!(poll_immediate(&mut first).await.is_none(), "it runs");
    assert!(poll_immediate(&mut second).await.is_none(), "it waits for the first");
    let reader = store.readers.take().now_or_never().expect("at once").expect("a connection");
    drop((end_first, reader));
    first.await.expect("the first ends");
    assert!(poll_immediate(&mut second).await.is_none(), "it runs");
    drop(end_second);
    second.await.expect("the second ends");
}

#[tokio::test]
async fn a_long_read_is_counted_for_its_call_with_its_wait() {
    let (store, _folder) = store().await;
    let accounts = [Account::of_sums(), Account::of_sums()];
    let (end_first, first) = long_read(&store.readers);
    let (end_second, second) = long_read(&store.readers);
    let mut first = Box::pin(Observed::new(Some(accounts[0].clone()), first));
    let mut second = Box::pin(Observed::new(Some(accounts[1].clone()), second));
    assert!(poll_immediate(&mut first).await.is_none(), "it runs");
    assert!(poll_immediate(&mut second).await.is_none(), "it waits for the first");
    let [readers, _] = store.pools();
    assert_eq!((readers.max, readers.used, readers.waiting), (2, 1, 1));
    drop((end_first, end_second));
    first.await.expect("the first ends");
    second.await.expect("the second ends");
    assert_eq!(accounts.each_ref().map(Account::statements), [1, 1], "they ran on another thread");
    let has_waited = |account: &Account| account.spent_in(Stage::Queue).is_some();
    assert_eq!(accounts.each_ref().map(has_waited), [false, true]);
}

#[tokio::test]
async fn a_waiting_long_read_holds_no_connection() {
    let (store, _folder) = store().await;
    let (end_first, mut first) = long_read(&store.readers);
    assert!(poll_immediate(&mut first).await.is_none(), "it runs");
    let held = store.readers.hold().now_or_never().expect("at once").expect("the other connection");
    assert!(store.readers.take().now_or_never().is_none(), "there is no third");
    let (end_second, mut second) = long_read(&held);
    assert!(poll_immediate(&mut second).await.is_none(), "it waits for the first");
    assert!(store.readers.take().now_or_never().is_some(), "it has given back what it held");
    drop((end_first, end_second));
    first.await.expect("the first ends");
    second.await.expect("the second ends");
}

#[tokio::test(start_paused = true)]
async fn waiting_for_a_long_read_permit_and_a_connection_shares_one_timeout() {
    let (store, _folder) = store().await;
    let (end_first, mut first) = long_read(&store.readers);
    assert!(poll_immediate(&mut first).await.is_none(), "it runs");
    let reader = store.readers.take().now_or_never().expect("at once").expect("the other connection");
    let mut next = Box::pin(store.readers.take());
    assert!(poll_immediate(&mut next).await.is_none(), "there is no third");
    let (_end_second, mut second) = long_read(&store.readers);
    assert!(poll_immediate(&mut second).await.is_none(), "it waits for the first");
    tokio::time::advance(limits::READER_TIMEOUT * 2 / 3).await;
    drop(end_first);
    first.await.expect("the first ends");
    let next = next.await.expect("its connection");
    assert!(poll_immediate(&mut second).await.is_none(), "it may run, and waits for a connection");
    tokio::time::advance(limits::READER_TIMEOUT / 2).await;
    let refused = second.now_or_never().expect("it has waited for long enough");
    assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
    drop((reader, next));
}
