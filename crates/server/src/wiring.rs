//! Joins the store, the machine and the use cases.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use loggia_domain::port::{Ports, Store, Views};
use loggia_domain::service::Loggia;
use loggia_sqlite::{SqliteOptions, SqliteStore};

use crate::ambient::{SystemClock, SystemSecrets, UuidV7};

/// A store that is open, and where it is.
#[derive(Clone, Debug)]
pub(crate) struct OpenStore {
    /// The store.
    pub(crate) store: SqliteStore,
    /// Its file, from the root.
    pub(crate) path: PathBuf,
}

impl OpenStore {
    /// Opens the file, makes it if there is none, and applies the migrations that it lacks.
    pub(crate) async fn prepare(path: &Path) -> anyhow::Result<Self> {
        let path = absolute(path)?;
        check_place(&path)?;
        let store = SqliteStore::open(&path).await.with_context(|| cannot_open(&path))?;
        Ok(Self { store, path })
    }

    /// Opens a file that `serve`, `bootstrap`, `demo` or `migrate` has made, and changes nothing about its schema: a
    /// command that only looks something up must neither make a file nor migrate one under a server's feet.
    pub(crate) async fn existing(path: &Path) -> anyhow::Result<Self> {
        let path = absolute(path)?;
        check_place(&path)?;
        if !path.exists() {
            bail!(
                "there is no store at {}: `loggia serve` and `loggia bootstrap` make one, --database-url names another",
                path.display()
            );
        }
        let store = SqliteStore::open_existing(&SqliteOptions::new(&path))
            .await
            .with_context(|| cannot_open(&path))?;
        let version = store.schema_version().await.with_context(|| cannot_open(&path))?;
        if !version.is_current() {
            bail!(
                "the schema of {} is at version {} and this program knows {}: {}",
                path.display(),
                version.found,
                version.known,
                if version.found < version.known { "run `loggia migrate`" } else { "use a newer loggia" }
            );
        }
        Ok(Self { store, path })
    }

    /// The use cases on this store.
    pub(crate) fn loggia(&self) -> Loggia {
        Loggia::new(self.ports(Arc::new(self.store.clone())))
    }

    /// The same on something that stands before the store's writing side.
    pub(crate) fn ports(&self, store: Arc<dyn Store>) -> Ports {
        Ports {
            store,
            views: self.views(),
            clock: Arc::new(SystemClock),
            ids: Arc::new(UuidV7),
            secrets: Arc::new(SystemSecrets),
        }
    }

    /// The store's reading side.
    pub(crate) fn views(&self) -> Arc<dyn Views> {
        Arc::new(self.store.clone())
    }

    /// Waits for what is under way and closes the file.
    pub(crate) async fn close(&self) {
        self.store.close().await;
    }
}

/// The path from the root, for messages that are read somewhere else than where the program runs.
pub(crate) fn absolute(path: &Path) -> anyhow::Result<PathBuf> {
    std::path::absolute(path).with_context(|| format!("there is no such place as {}", path.display()))
}

/// What SQLite would only call "unable to open".
pub(crate) fn check_place(path: &Path) -> anyhow::Result<()> {
    if path.is_dir() {
        bail!("{} is a directory; --database-url must name a file in it", path.display());
    }
    if let Some(directory) = path.parent()
        && !directory.is_dir()
    {
        bail!(
            "the directory {} does not exist; make it, or choose another with --database-url",
            directory.display()
        );
    }
    Ok(())
}

/// Begins the message about a file that SQLite refuses.
pub(crate) fn cannot_open(path: &Path) -> String {
    format!("cannot use the store at {}", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn why<T>(refused: anyhow::Result<T>) -> String {
        refused.err().map(|error| format!("{error:#}")).unwrap_or_default()
    }

    #[tokio::test]
    async fn what_is_wrong_with_a_place_is_told_in_words() {
        let directory = tempfile::tempdir().expect("a directory");
        let missing = directory.path().join("missing").join("loggia.db");
        assert!(why(OpenStore::prepare(&missing).await).contains("does not exist; make it"));
        assert!(why(OpenStore::prepare(directory.path()).await).contains("is a directory"));
        let foreign = directory.path().join("foreign.db");
        std::fs::write(&foreign, "x".repeat(4_096)).expect("a file");
        assert!(why(OpenStore::prepare(&foreign).await).starts_with("cannot use the store at "));
    }

    #[tokio::test]
    async fn looking_something_up_makes_no_store() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("loggia.db");
        assert!(why(OpenStore::existing(&path).await).starts_with("there is no store at "));
        assert!(!path.exists());
        std::fs::write(&path, "").expect("a file without a schema");
        assert!(why(OpenStore::existing(&path).await).ends_with("run `loggia migrate`"));
        OpenStore::prepare(&path).await.expect("a store").close().await;
        OpenStore::existing(&path).await.expect("the store is there now").close().await;
    }
}
