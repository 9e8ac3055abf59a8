//! A store of Loggia's core on [redb](https://docs.rs/redb), an embedded key-value store: users, organizations, spaces, projects, tasks
//! and events, without the capabilities that only some hosts use.
//!
//! It is built on [`loggia_domain::port::key_value`], which derives the ports of a store from records that are looked up and put. Read it
//! beside "a store of your own" of `loggia-testkit`, whose contract it passes.

mod codec;
mod transaction;

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use loggia_domain::port::key_value::Snapshots;
use loggia_domain::port::{
    DeletionViews, InstanceViews, InvitationViews, KeyViews, Store, StoreError, StoredResponseViews,
    UnitOfWork,
};
use redb::{Database, ReadTransaction, ReadableDatabase};
use tokio::sync::Mutex;

use transaction::{Transaction, create, on_disk};

/// A store in one file. Clones share it. Needs tokio's runtime with several threads.
#[derive(Clone)]
pub struct RedbStore {
    database: Arc<Database>,
    /// The turn of the one writer. A unit of work waits for it here, where no thread waits along.
    writer: Arc<Mutex<()>>,
}

impl RedbStore {
    /// Opens the file, or creates it.
    ///
    /// # Errors
    /// Fails with [`redb::Error`] if the file cannot be opened or is not one of redb.
    pub fn open(path: &Path) -> Result<Self, redb::Error> {
        Self::on(Database::create(path)?)
    }

    /// Creates a store in memory, for tests.
    ///
    /// # Errors
    /// Fails with [`redb::Error`] if there is no memory for it.
    pub fn in_memory() -> Result<Self, redb::Error> {
        Self::on(Database::builder().create_with_backend(redb::backends::InMemoryBackend::new())?)
    }

    fn on(database: Database) -> Result<Self, redb::Error> {
        let transaction = database.begin_write()?;
        create(&transaction)?;
        transaction.commit()?;
        Ok(Self { database: Arc::new(database), writer: Arc::default() })
    }
}

#[async_trait]
impl Store for RedbStore {
    async fn begin(&self) -> Result<Box<dyn UnitOfWork>, StoreError> {
        let turn = Some(Arc::clone(&self.writer).lock_owned().await);
        let inner = on_disk(|| Ok(self.database.begin_write()?))?;
        Ok(Box::new(Transaction { inner, turn }))
    }
}

impl Snapshots for RedbStore {
    type Snapshot<'s> = Transaction<ReadTransaction>;

    fn snapshot(&self) -> Result<Self::Snapshot<'_>, StoreError> {
        Ok(Transaction { inner: on_disk(|| Ok(self.database.begin_read()?))?, turn: None })
    }
}

// The capabilities that this store lacks.
impl KeyViews for RedbStore {}
impl StoredResponseViews for RedbStore {}
impl InvitationViews for RedbStore {}
impl DeletionViews for RedbStore {}
impl InstanceViews for RedbStore {}
