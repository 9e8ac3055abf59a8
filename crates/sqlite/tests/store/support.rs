//! A store on a temporary file, and access to that file that bypasses the ports.

use std::path::PathBuf;
use std::sync::Arc;

use loggia_domain::port::Ports;
use loggia_sqlite::{SqliteOptions, SqliteStore};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{Connection, QueryBuilder, Sqlite};
use tempfile::TempDir;

/// A store in a temporary folder, which is removed with it.
pub(crate) struct Temporary {
    pub(crate) store: SqliteStore,
    pub(crate) ports: Ports,
    pub(crate) folder: TempDir,
}

impl Temporary {
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let store = SqliteStore::open(path_in(&folder)).await.expect("a store");
        let ports = ports(&store);
        Self { store, ports, folder }
    }

    pub(crate) fn path(&self) -> PathBuf {
        path_in(&self.folder)
    }

    pub(crate) fn options(&self) -> SqliteOptions {
        SqliteOptions::new(self.path())
    }

    /// Opens a connection to the file that bypasses the store. It enforces foreign keys, and nothing else that the store does.
    pub(crate) async fn raw(&self) -> SqliteConnection {
        let options = SqliteConnectOptions::new().filename(self.path()).foreign_keys(true);
        SqliteConnection::connect_with(&options).await.expect("a connection")
    }

    /// Runs a statement that bypasses the store, and returns the error's text if it fails.
    pub(crate) async fn execute(&self, sql: impl Into<String>) -> Result<u64, String> {
        let mut connection = self.raw().await;
        let result = QueryBuilder::<Sqlite>::new(sql).build().execute(&mut connection).await;
        connection.close().await.expect("closing");
        result.map(|done| done.rows_affected()).map_err(|error| error.to_string())
    }
}

pub(crate) fn ports(store: &SqliteStore) -> Ports {
    let store = Arc::new(store.clone());
    loggia_testkit::ports(store.clone(), store)
}

fn path_in(folder: &TempDir) -> PathBuf {
    folder.path().join("loggia.db")
}
