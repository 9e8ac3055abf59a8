//! A store that is one file.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use loggia_sqlite::{SqliteOptions, SqliteStore};

use super::{Migrated, Place, cannot_use, wrong_schema};

/// Opens the file, makes it if there is none, and applies the migrations that it lacks.
pub(super) async fn prepare(path: &Path) -> anyhow::Result<SqliteStore> {
    let path = absolute(path)?;
    check_place(&path)?;
    SqliteStore::open(&path).await.with_context(|| cannot_open(&path))
}

/// Opens a file that is there and has the schema that this program knows.
pub(super) async fn existing(path: &Path) -> anyhow::Result<SqliteStore> {
    let path = absolute(path)?;
    check_place(&path)?;
    if !path.exists() {
        bail!(
            "there is no store at {}: `loggia serve` and `loggia bootstrap` make one, --database-url names another",
            path.display()
        );
    }
    let store =
        SqliteStore::open_existing(&SqliteOptions::new(&path)).await.with_context(|| cannot_open(&path))?;
    let version = store.schema_version().await.with_context(|| cannot_open(&path))?;
    if !version.is_current() {
        bail!(wrong_schema(&Place::File(path), version.found, version.known));
    }
    Ok(store)
}

/// Makes the file if there is none and applies the migrations that it lacks.
pub(super) async fn migrate(path: &Path) -> anyhow::Result<Migrated> {
    let path = absolute(path)?;
    check_place(&path)?;
    let from = if path.exists() {
        let store = SqliteStore::open_existing(&SqliteOptions::new(&path)).await;
        let store = store.with_context(|| cannot_open(&path))?;
        let version = store.schema_version().await.with_context(|| cannot_open(&path))?;
        store.close().await;
        version.found
    } else {
        0
    };
    let store = prepare(&path).await?;
    let to = store.schema_version().await.with_context(|| cannot_open(&path))?.found;
    store.close().await;
    Ok(Migrated { from, to })
}

/// The path from the root.
pub(super) fn absolute(path: &Path) -> anyhow::Result<PathBuf> {
    std::path::absolute(path).with_context(|| format!("there is no such place as {}", path.display()))
}

/// What SQLite would only call "unable to open".
fn check_place(path: &Path) -> anyhow::Result<()> {
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
fn cannot_open(path: &Path) -> String {
    cannot_use(&Place::File(path.to_owned()))
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
        assert!(why(prepare(&missing).await).contains("does not exist; make it"));
        assert!(why(prepare(directory.path()).await).contains("is a directory"));
        let foreign = directory.path().join("foreign.db");
        std::fs::write(&foreign, "x".repeat(4_096)).expect("a file");
        assert!(why(prepare(&foreign).await).starts_with("cannot use the store at "));
    }

    #[tokio::test]
    async fn looking_something_up_makes_no_store() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("loggia.db");
        assert!(why(existing(&path).await).starts_with("there is no store at "));
        assert!(!path.exists());
        std::fs::write(&path, "").expect("a file without a schema");
        assert!(why(existing(&path).await).ends_with("run `loggia migrate`"));
        prepare(&path).await.expect("a store").close().await;
        existing(&path).await.expect("the store is there now").close().await;
    }
}
