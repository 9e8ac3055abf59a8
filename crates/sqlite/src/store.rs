//! The store: an open file and its connections.

use std::path::Path;

use async_trait::async_trait;
use loggia_domain::port::{Store, StoreError, UnitOfWork};
use loggia_observe::usage::{PoolUsage, SizeCounts};
use loggia_sql::SchemaVersion;
use sqlx::{Connection, SqliteConnection};

use crate::error::{OpenError, connect_error, open_error};
use crate::schema::content::{self, Content};
use crate::schema::migration;
use crate::sessions::connection::SqliteOptions;
use crate::sessions::file;
use crate::sessions::readers::Readers;
use crate::sessions::writer::Writer;
use crate::write::unit_of_work::SqliteUnitOfWork;

/// A store in a SQLite file. Clones share the connections.
#[derive(Clone, Debug)]
pub struct SqliteStore {
    pub(crate) writer: Writer,
    pub(crate) readers: Readers,
}

impl SqliteStore {
    /// Opens the file at `path`, creates it if it does not exist, and migrates its schema.
    ///
    /// A new file is readable and writable by its owner only, on systems that have file modes.
    ///
    /// # Errors
    /// Fails with an [`OpenError`]; a file of another program is refused and left unchanged.
    pub async fn open(path: impl AsRef<Path> + Send) -> Result<Self, OpenError> {
        Self::open_with(&SqliteOptions::new(path)).await
    }

    /// Opens a store as [`Self::open`] does, with these options.
    ///
    /// # Errors
    /// Fails with an [`OpenError`], as [`Self::open`] does.
    pub async fn open_with(options: &SqliteOptions) -> Result<Self, OpenError> {
        content::check_log(options).await?;
        file::make_if_missing(options.path()).map_err(|error| OpenError::File(error.into()))?;
        content::look(options).await?;
        let mut connection = options.connect().await?;
        migration::migrate(&mut connection).await?;
        Self::beside(connection, options).await
    }

    /// Opens an existing file and leaves its schema as it is; see [`Self::schema_version`].
    ///
    /// # Errors
    /// Fails with an [`OpenError`], also if the file does not exist; a file of another program is refused and left unchanged.
    pub async fn open_existing(options: &SqliteOptions) -> Result<Self, OpenError> {
        content::check_log(options).await?;
        if content::look(options).await? == Content::Store {
            return Self::beside(options.connect().await?, options).await;
        }
        // The file is empty. Opening the writer would make it a database, though one without a schema.
        let store = Self::unconnected(options);
        store.readers.open_one().map_err(connect_error)?;
        Ok(store)
    }

    fn unconnected(options: &SqliteOptions) -> Self {
        Self { writer: Writer::new(options), readers: Readers::new(options) }
    }

    /// Opens one connection of each kind, so that an unusable file is reported now. Only then closes the connection that set the file up:
    /// closing the last connection would checkpoint the log into the file.
    async fn beside(connection: SqliteConnection, options: &SqliteOptions) -> Result<Self, OpenError> {
        let store = Self::unconnected(options);
        store.writer.open().map_err(connect_error)?;
        store.readers.open_one().map_err(connect_error)?;
        connection.close().await.map_err(open_error)?;
        Ok(store)
    }

    /// Returns the schema version of the file, and the one that this program knows.
    ///
    /// # Errors
    /// Fails with a [`StoreError`] if the file cannot be read.
    pub async fn schema_version(&self) -> Result<SchemaVersion, StoreError> {
        migration::version(&self.readers).await
    }

    /// Returns the number of statements that may read at once; see [`SqliteOptions::readers`].
    pub fn reader_count(&self) -> u32 {
        self.readers.count()
    }

    /// Returns the use of the connections: those that read, and the one that writes. It takes no statement.
    pub fn pools(&self) -> [PoolUsage; 2] {
        [self.readers.usage(), self.writer.usage()]
    }

    /// Returns how many units of work were committed together, for all commits until now.
    pub fn commit_groups(&self) -> SizeCounts {
        self.writer.groups()
    }

    /// Copies the write-ahead log into the file, so that the file alone has all that was committed. Waits for the current unit of work, and
    /// for no other process: returns `false` if one that reads or writes has prevented it.
    ///
    /// The store does this by itself when nothing was committed for a second, and when it is closed.
    ///
    /// # Errors
    /// Fails with a [`StoreError`] if the file cannot be written. Nothing is lost then: what was committed stays in the log.
    pub async fn checkpoint(&self) -> Result<bool, StoreError> {
        self.writer.checkpoint().await
    }

    /// Waits for calls in flight, copies the write-ahead log into the file if this store has written, and closes the file. Later calls fail
    /// as unavailable.
    pub async fn close(&self) {
        // The writer is closed last: it can checkpoint the write-ahead log into the file, which the reading connections cannot.
        self.readers.close().await;
        self.writer.close().await;
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn begin(&self) -> Result<Box<dyn UnitOfWork>, StoreError> {
        Ok(Box::new(SqliteUnitOfWork::new(self.writer.begin().await?)))
    }
}
