//! The store itself: a file that was opened.

use std::path::Path;

use async_trait::async_trait;
use loggia_domain::port::{Store, StoreError, UnitOfWork};
use sqlx::{Connection, SqliteConnection};

use crate::connection::SqliteOptions;
use crate::error::{OpenError, connect_error, open_error};
use crate::file::{self, Content};
use crate::migration::{self, SchemaVersion};
use crate::readers::Readers;
use crate::unit_of_work::SqliteUnitOfWork;
use crate::writer::Writer;

/// Loggia's store in a SQLite file. Clones share the connections.
#[derive(Clone, Debug)]
pub struct SqliteStore {
    pub(crate) writer: Writer,
    pub(crate) readers: Readers,
}

impl SqliteStore {
    /// Opens the file at that path, makes it if there is none, and brings its schema up to date.
    ///
    /// A new file can be read and written by its owner alone, where the system knows such modes.
    ///
    /// # Errors
    /// [`OpenError`]; a file of another program is refused and left as it is.
    pub async fn open(path: impl AsRef<Path> + Send) -> Result<Self, OpenError> {
        Self::open_with(&SqliteOptions::new(path)).await
    }

    /// The same, told how.
    ///
    /// # Errors
    /// [`OpenError`].
    pub async fn open_with(options: &SqliteOptions) -> Result<Self, OpenError> {
        file::make_if_missing(options.path()).map_err(|error| OpenError::File(error.into()))?;
        options.look().await?;
        let mut connection = options.connect().await?;
        migration::migrate(&mut connection).await?;
        Self::beside(connection, options).await
    }

    /// Opens a file that is there already and leaves its schema as it is, see [`Self::schema_version`].
    ///
    /// # Errors
    /// [`OpenError`], also if there is no such file; a file of another program is refused and left as it is.
    pub async fn open_existing(options: &SqliteOptions) -> Result<Self, OpenError> {
        if options.look().await? == Content::Store {
            return Self::beside(options.connect().await?, options).await;
        }
        // There is nothing in it. To connect the writer would make it a database, though still without a schema.
        let store = Self::unconnected(options);
        store.readers.open_one().map_err(connect_error)?;
        Ok(store)
    }

    fn unconnected(options: &SqliteOptions) -> Self {
        Self { writer: Writer::new(options), readers: Readers::new(options) }
    }

    /// Opens one connection of each kind, so that what is wrong with the file is told now, and closes the one that the
    /// file was set up with only then: the last connection to close would fold the log into the file.
    async fn beside(connection: SqliteConnection, options: &SqliteOptions) -> Result<Self, OpenError> {
        let store = Self::unconnected(options);
        store.writer.open().map_err(connect_error)?;
        store.readers.open_one().map_err(connect_error)?;
        connection.close().await.map_err(open_error)?;
        Ok(store)
    }

    /// Which schema the file has, and which one this program knows.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn schema_version(&self) -> Result<SchemaVersion, StoreError> {
        migration::version(&self.readers).await
    }

    /// How many statements may read at once; see [`SqliteOptions::readers`].
    pub fn reader_count(&self) -> u32 {
        self.readers.count()
    }

    /// Waits for what is under way and closes the file. What is asked afterwards is refused as unavailable.
    pub async fn close(&self) {
        // The writer last: it can fold the write-ahead log into the file, which the readers' connections cannot.
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
