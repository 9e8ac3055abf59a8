//! A store in memory that keeps the whole [contract](crate::contract): fit for the domain's tests and for HTTP's.
//!
//! Units of work come one after the other, which keeps every promise about locks; each works on a copy of the tables
//! (cheap: what is not written is shared) that takes their place when it is committed.

#[cfg(test)]
mod careless;
mod events;
mod kept_answers;
mod keys;
mod organizations;
mod page;
mod projects;
mod rosters;
mod spaces;
mod table;
mod tables;
mod tasks;
mod unit;
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

/// A store in memory. Clones share what is stored.
#[derive(Clone, Debug, Default)]
pub struct MemoryStore {
    committed: Arc<RwLock<Tables>>,
    writer: Arc<Mutex<()>>,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// What was committed last.
    fn read(&self) -> Tables {
        // Nothing panics while it holds this lock, so a poisoned one guards sound tables all the same.
        self.committed.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn replace(&self, tables: Tables) {
        *self.committed.write().unwrap_or_else(PoisonError::into_inner) = tables;
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn begin(&self) -> Result<Box<dyn UnitOfWork>, StoreError> {
        let turn = Arc::clone(&self.writer).lock_owned().await;
        Ok(Box::new(MemoryUnit::new(self.clone(), turn)))
    }
}
