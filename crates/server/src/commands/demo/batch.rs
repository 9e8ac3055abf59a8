//! A store that lets many units of work share one transaction.
//!
//! Each commit to a disk waits for that disk. Someone who makes twenty thousand records and could as well begin anew has
//! no need to wait for each of them. So a commit here only ends the caller's turn; what was written becomes lasting,
//! and seen by others, once for every few hundred units of work.
//!
//! What is given up: a unit of work that is dropped cannot be undone by itself any more. The whole batch is undone then, and
//! the store refuses everything that comes later.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use loggia_domain::port::{Store, StoreError, UnitOfWork};
use tokio::sync::{Mutex, OwnedMutexGuard};

/// How many units of work share a transaction at most.
const MOST: usize = 500;
/// How long others who want to write are kept waiting, more or less.
const LONGEST: Duration = Duration::from_millis(250);
/// How long the store is left to others between two batches: a process that waits for SQLite's lock looks for it only
/// now and then.
const PAUSE: Duration = Duration::from_millis(20);

/// Shares the transactions of another store.
pub(super) struct BatchingStore {
    inner: Arc<dyn Store>,
    batch: Arc<Mutex<Batch>>,
}

/// The transaction that is shared at present.
#[derive(Default)]
pub(super) struct Batch {
    shared: Option<Box<dyn UnitOfWork>>,
    began: Option<Instant>,
    units: usize,
    /// A unit of work was dropped, and the whole batch with it.
    broken: bool,
}

#[derive(Debug, thiserror::Error)]
#[error("an earlier unit of work was given up, and those that shared its transaction with it")]
struct BatchBroken;

impl BatchingStore {
    /// Stands before another store.
    pub(super) fn new(inner: Arc<dyn Store>) -> Self {
        Self { inner, batch: Arc::default() }
    }

    /// Makes the rest of it last.
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

/// A caller's turn in the transaction that is shared.
pub(super) struct BatchedUnit {
    batch: OwnedMutexGuard<Batch>,
    done: bool,
}

impl BatchedUnit {
    /// Where the rows are.
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
