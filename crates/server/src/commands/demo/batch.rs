//! A store that lets many units of work share one transaction.
//!
//! Each commit waits for the disk. The demo makes tens of thousands of records and can be started anew, so it need not wait for each of
//! them. A commit here only ends the caller's unit of work. The data becomes durable, and visible to others, once for every few hundred
//! units of work.
//!
//! The price: a unit of work that is dropped cannot be rolled back by itself. The whole batch is rolled back then, and the store rejects
//! all later units of work.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use loggia_domain::port::{Store, StoreError, UnitOfWork};
use tokio::sync::{Mutex, OwnedMutexGuard};

/// The maximum number of units of work that share a transaction.
const MOST: usize = 500;
/// The approximate time after which a batch is committed, since other writers wait for it.
const LONGEST: Duration = Duration::from_millis(250);
/// The pause between two batches, in which other writers get the store: a process that waits for SQLite's lock polls it only now and then.
const PAUSE: Duration = Duration::from_millis(20);

/// Wraps a store, and lets its units of work share transactions.
pub(super) struct BatchingStore {
    inner: Arc<dyn Store>,
    batch: Arc<Mutex<Batch>>,
}

/// The current shared transaction.
#[derive(Default)]
pub(super) struct Batch {
    shared: Option<Box<dyn UnitOfWork>>,
    began: Option<Instant>,
    units: usize,
    /// `true` after a unit of work was dropped and the whole batch with it.
    broken: bool,
}

#[derive(Debug, thiserror::Error)]
#[error("an earlier unit of work in the shared transaction failed, so the whole transaction was rolled back")]
struct BatchBroken;

impl BatchingStore {
    /// Wraps a store.
    pub(super) fn new(inner: Arc<dyn Store>) -> Self {
        Self { inner, batch: Arc::default() }
    }

    /// Commits the last batch.
    pub(super) async fn finish(&self) -> Result<(), StoreError> {
        let mut batch = self.batch.lock().await;
        if batch.broken {
            return Err(StoreError::Failed(BatchBroken.into()));
        }
        batch.commit().await
    }
}

impl Batch {
    async fn commit(&mut self) -> Result<(), StoreError> {
        self.units = 0;
        match self.shared.take() {
            Some(shared) => shared.commit().await,
            None => Ok(()),
        }
    }

    fn is_full(&self) -> bool {
        self.units >= MOST || self.began.is_some_and(|began| began.elapsed() >= LONGEST)
    }
}

#[async_trait]
impl Store for BatchingStore {
    async fn begin(&self) -> Result<Box<dyn UnitOfWork>, StoreError> {
        let mut batch = self.batch.clone().lock_owned().await;
        if batch.broken {
            return Err(StoreError::Failed(BatchBroken.into()));
        }
        if batch.shared.is_none() {
            batch.shared = Some(self.inner.begin().await?);
            batch.began = Some(Instant::now());
        }
        Ok(Box::new(BatchedUnit { batch, done: false }))
    }
}

/// A caller's unit of work within the shared transaction.
pub(super) struct BatchedUnit {
    batch: OwnedMutexGuard<Batch>,
    done: bool,
}

impl BatchedUnit {
    /// Returns the shared transaction.
    pub(super) fn shared(&mut self) -> Result<&mut Box<dyn UnitOfWork>, StoreError> {
        self.batch.shared.as_mut().ok_or_else(|| StoreError::Failed(BatchBroken.into()))
    }
}

#[async_trait]
impl UnitOfWork for BatchedUnit {
    async fn commit(mut self: Box<Self>) -> Result<(), StoreError> {
        self.batch.units += 1;
        if self.batch.is_full() {
            self.batch.commit().await?;
            tokio::time::sleep(PAUSE).await;
        }
        self.done = true;
        Ok(())
    }
}

impl Drop for BatchedUnit {
    fn drop(&mut self) {
        if !self.done {
            self.batch.broken = true;
            self.batch.shared = None;
        }
    }
}
