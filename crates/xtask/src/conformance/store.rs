//! The stores of the service: a new one for each start.

use std::fmt::{self, Display};
use std::path::Path;

use anyhow::Result;
use loggia_testpg::{TestDatabase, TestDatabases};
use tempfile::TempDir;

/// The database of the service.
pub(super) enum Engine<'a> {
    Sqlite,
    /// Postgres, on the server with this URL.
    Postgres(&'a str),
}

/// A new store, removed when this is dropped.
pub(super) enum Store {
    File(TempDir),
    Database(TestDatabase),
}

impl Engine<'_> {
    /// Creates an empty store.
    pub(super) fn store(&self, scratch: &Path) -> Result<Store> {
        match self {
            Self::Sqlite => Ok(Store::File(tempfile::tempdir_in(scratch)?)),
            Self::Postgres(server) => {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
                Ok(Store::Database(runtime.block_on(TestDatabases::at(server).fresh_empty())?))
            }
        }
    }
}

impl Display for Engine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sqlite => "SQLite",
            Self::Postgres(_) => "Postgres",
        })
    }
}

impl Store {
    /// Returns the URL for the service.
    pub(super) fn url(&self) -> String {
        match self {
            Self::File(folder) => format!("sqlite://{}", folder.path().join("loggia.db").display()),
            Self::Database(database) => database.url().to_owned(),
        }
    }
}
