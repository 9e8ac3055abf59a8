//! The store itself: a file that was opened.

use std::path::Path;

use async_trait::async_trait;
use loggia_domain::port::{Store, StoreError, UnitOfWork};
use sqlx::{Connection, SqlitePool};

use crate::connection::SqliteOptions;
use crate::error::{OpenError, begin_error};
use crate::migration::{self, SchemaVersion};
use crate::unit_of_work::SqliteUnitOfWork;

/// Loggia's store in a SQLite file. Clones share the connections.
#[derive(Clone, Debug)]
pub struct SqliteStore {
    writer: SqlitePool,
    pub(crate) readers: SqlitePool,
}

impl SqliteStore {
    /// Opens the file at that path, makes it if there is none, and brings its schema up to date.
    ///
    /// # Errors
    /// [`OpenError`].
    pub async fn open(path: impl AsRef<Path> + Send) -> Result<Self, OpenError> {
        Self::open_with(&SqliteOptions::new(path)).await
    }

    /// The same, told how.
    ///
    /// # Errors
    /// [`OpenError`].
    pub async fn open_with(options: &SqliteOptions) -> Result<Self, OpenError> {
        let mut connection = options.connect(true).await?;
        migration::migrate(&mut connection).await?;
        // Kept open until the pools have theirs: the last connection to close would fold the log into the file.
        let store = Self::pools(options).await?;
        connection.close().await.map_err(OpenError::File)?;
        Ok(store)
    }

    /// Opens a file that is there already and leaves its schema as it is, see [`Self::schema_version`].
    ///
    /// # Errors
    /// [`OpenError`], also if there is no such file.
    pub async fn open_existing(options: &SqliteOptions) -> Result<Self, OpenError> {
        let connection = options.connect(false).await?;
        let store = Self::pools(options).await?;
        connection.close().await.map_err(OpenError::File)?;
        Ok(store)
    }

    async fn pools(options: &SqliteOptions) -> Result<Self, OpenError> {
        let store = Self { writer: options.writer_pool(), readers: options.reader_pool() };
        // One connection of each kind, so that what is wrong with the file is told now.
        store.writer.acquire().await.map_err(OpenError::File)?;
        store.readers.acquire().await.map_err(OpenError::File)?;
        Ok(store)
    }

    #[cfg(test)]
    pub(crate) fn writer(&self) -> &SqlitePool {
        &self.writer
    }

    /// Which schema the file has, and which one this program knows.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn schema_version(&self) -> Result<SchemaVersion, StoreError> {
        migration::version(&self.readers).await
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
        // Not BEGIN: that would take the write lock only with the first write, and fail at once if anybody had written
        // since the first read.
        let transaction = self.writer.begin_with("BEGIN IMMEDIATE").await.map_err(begin_error)?;
        Ok(Box::new(SqliteUnitOfWork::new(transaction)))
    }
}
