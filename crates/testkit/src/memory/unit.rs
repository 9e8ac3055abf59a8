//! The unit of work: its own copy of the tables, and the exclusion of other writers.

use async_trait::async_trait;
use loggia_domain::port::{StoreError, UnitOfWork};
use tokio::sync::OwnedMutexGuard;

use super::MemoryStore;
use super::tables::Tables;

/// A unit of work. The row traits are implemented in the modules of their rows.
pub(super) struct MemoryUnit {
    pub(super) tables: Tables,
    /// The tables as of the savepoint, while there is one.
    store: MemoryStore,
    turn: Turn,
}

enum Turn {
    /// Holds the lock that excludes every other writer until the unit of work ends.
    Alone(OwnedMutexGuard<()>),
    /// Runs beside other writers, with the tables as of the beginning, to prove that the contract notices missing locks.
    #[cfg(test)]
    Together(Box<Tables>),
}

impl MemoryUnit {
    pub(super) fn new(store: MemoryStore, turn: OwnedMutexGuard<()>) -> Self {
        Self { tables: store.read(), store, turn: Turn::Alone(turn) }
    }

    #[cfg(test)]
    pub(super) fn together(store: MemoryStore) -> Self {
        let tables = store.read();
        Self { tables: tables.clone(), store, turn: Turn::Together(Box::new(tables)) }
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

/// A violated constraint: a request that the domain never makes.
#[derive(Debug)]
struct Broken(&'static str);

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Broken {}

/// Returns [`StoreError::Failed`] for a violated constraint.
pub(super) fn broken(constraint: &'static str) -> StoreError {
    StoreError::Failed(Box::new(Broken(constraint)))
}

/// Fails with [`StoreError::Failed`] unless the constraint holds.
pub(super) fn ensure(holds: bool, constraint: &'static str) -> Result<(), StoreError> {
    if holds { Ok(()) } else { Err(broken(constraint)) }
}
