//! Whole rows of every table, read and written in bulk: for exporting and importing an organization, and for copying an instance. See
//! [`loggia_sql::moving`].

mod copy;
mod import;
mod rows;
mod statements;
mod values;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use loggia_domain::id::OrganizationId;
use loggia_domain::port::StoreError;
use rusqlite::Connection;
use uuid::Uuid;

use crate::error::{OpenError, connect_error};
use crate::sessions::connection::SqliteOptions;

pub use import::SqliteImport;

/// The time for which opening a file alone waits for other processes that have it open: long enough for one that is closing it.
const WAIT_FOR_OTHERS: Duration = Duration::from_millis(500);

/// The settings of a connection that reads or writes all rows. More memory for pages keeps the indexes' pages of a large copy.
const BULK: &str = "PRAGMA cache_size = -65536";

/// The setting by which the commits of a copy reach the disk in their order, and the one by which a commit waits for it.
const IN_ORDER: &str = "PRAGMA synchronous = NORMAL";
const DURABLE: &str = "PRAGMA synchronous = FULL";

/// The rows of a store, in one snapshot.
///
/// The schema must be the one that this program knows.
#[derive(Clone, Debug)]
pub struct SqliteRows {
    connection: Shared,
    /// The organization whose rows are read; `None` for all rows.
    organization: Option<Uuid>,
}

impl SqliteRows {
    /// Reads the rows of one organization, as they are now. Others may use the store meanwhile, and the write-ahead log grows until the
    /// rows are dropped.
    ///
    /// # Errors
    /// Fails with an [`OpenError`] if the file cannot be read.
    pub fn of_organization(options: &SqliteOptions, organization: OrganizationId) -> Result<Self, OpenError> {
        let connection = options.reader().map_err(connect_error)?;
        // A transaction has its snapshot from its first statement on.
        let begun = connection.execute_batch("BEGIN; SELECT count(*) FROM instance");
        begun.map_err(connect_error)?;
        Ok(Self { connection: Shared::new(connection), organization: Some(organization.as_uuid()) })
    }

    /// Opens the file alone: no other process may have it open, and none can open it until the rows are dropped. So what is read does not
    /// change, and what is written is seen by nobody.
    ///
    /// # Errors
    /// Fails with [`OpenError::Busy`] if another process has the file open, such as a server.
    pub fn alone(options: &SqliteOptions) -> Result<Self, OpenError> {
        let options = options.clone().busy_timeout(WAIT_FOR_OTHERS);
        let connection = options.alone(&format!("{BULK}; {IN_ORDER}")).map_err(connect_error)?;
        // The file is locked with the first read.
        connection.execute_batch("SELECT count(*) FROM sqlite_schema").map_err(connect_error)?;
        Ok(Self { connection: Shared::new(connection), organization: None })
    }
}

/// A connection whose statements run on threads for blocking work, one at a time.
#[derive(Clone, Debug)]
struct Shared(Arc<Mutex<Box<Connection>>>);

impl Shared {
    fn new(connection: Box<Connection>) -> Self {
        Self(Arc::new(Mutex::new(connection)))
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let connection = self.0.clone();
        let done = tokio::task::spawn_blocking(move || {
            let mut connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
            work(&mut connection)
        });
        done.await.map_err(|error| StoreError::Failed(error.into()))?
    }
}
