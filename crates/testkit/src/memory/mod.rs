//! A store in memory that fulfils the whole [contract](crate::contract), for tests of the domain and of HTTP.
//!
//! Units of work run one after another, which fulfils every promise about locks. Each works on a copy of the tables, which shares
//! unchanged rows and replaces the tables at the commit.

mod deletion;
mod events;
mod instance;
mod invitations;
mod keys;
mod organizations;
mod projects;
mod rosters;
mod spaces;
mod stored_responses;
mod table;
mod tables;
mod tasks;
mod unit;
#[cfg(test)]
mod unlocked;
mod views;
mod views_members;
mod views_organizations;
mod views_projects;
mod views_spaces;
mod views_tasks;

use std::sync::{Arc, PoisonError, RwLock};

use async_trait::async_trait;
use loggia_domain::port::{Store, StoreError, UnitOfWork};
use tokio::sync::Mutex;

use tables::Tables;
use unit::MemoryUnit;

/// A store in memory. Clones share their content.
#[derive(Clone, Debug)]
pub struct MemoryStore {
    committed: Arc<RwLock<Tables>>,
    writer: Arc<Mutex<()>>,
    secret: [u8; 32],
}

impl MemoryStore {
    /// Creates an empty store.
    pub fn new() -> Self {
        Self { committed: Arc::default(), writer: Arc::default(), secret: instance::new_secret() }
    }

    /// Returns the tables as of the last commit.
    fn read(&self) -> Tables {
        // No code panics while it holds this lock, so the tables are consistent even if the lock is poisoned.
        self.committed.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn replace(&self, tables: Tables) {
        *self.committed.write().unwrap_or_else(PoisonError::into_inner) = tables;
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn begin(&self) -> Result<Box<dyn UnitOfWork>, StoreError> {
        let turn = Arc::clone(&self.writer).lock_owned().await;
        Ok(Box::new(MemoryUnit::new(self.clone(), turn)))
    }
}
