//! The unit of work: its own copy of the tables, and its turn at writing.

use async_trait::async_trait;
use loggia_domain::port::{StoreError, UnitOfWork};
use tokio::sync::OwnedMutexGuard;

use super::MemoryStore;
use super::tables::Tables;

/// One change of the store. The row traits are implemented beside the rows they are about.
pub(super) struct MemoryUnit {
    pub(super) tables: Tables,
    /// What there was when a trial was begun, while one is under way.
    pub(super) before_trial: Option<Tables>,
    store: MemoryStore,
    turn: Turn,
}

enum Turn {
    /// Held until the end, which is what keeps every other writer out.
    Alone(OwnedMutexGuard<()>),
    /// Beside others, with what there was at the beginning: for proving that the contract notices.
    #[cfg(test)]
    Together(Box<Tables>),
}

impl MemoryUnit {
    pub(super) fn new(store: MemoryStore, turn: OwnedMutexGuard<()>) -> Self {
        Self { tables: store.read(), before_trial: None, store, turn: Turn::Alone(turn) }
    }

    #[cfg(test)]
    pub(super) fn together(store: MemoryStore) -> Self {
        let tables = store.read();
        Self { tables: tables.clone(), before_trial: None, store, turn: Turn::Together(Box::new(tables)) }
    }
}

#[async_trait]
impl UnitOfWork for MemoryUnit {
    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        match self.turn {
            Turn::Alone(turn) => {
                self.store.replace(self.tables);
                drop(turn);
            }
            #[cfg(test)]
            Turn::Together(begun) => {
                let mut committed = self.store.committed.write().expect("the tables");
                committed.merge(&begun, &self.tables);
            }
        }
        Ok(())
    }
}

/// A broken constraint: the caller asked for what the domain never does.
#[derive(Debug)]
struct Broken(&'static str);

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Broken {}

/// [`StoreError::Failed`] for a broken constraint.
pub(super) fn broken(constraint: &'static str) -> StoreError {
    StoreError::Failed(Box::new(Broken(constraint)))
}

/// Breaks off unless the constraint holds.
pub(super) fn ensure(holds: bool, constraint: &'static str) -> Result<(), StoreError> {
    if holds { Ok(()) } else { Err(broken(constraint)) }
}
