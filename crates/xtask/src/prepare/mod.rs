//! `cargo xtask prepare`: refreshes the query macros' descriptions of SQL statements (`.sqlx` in each storage crate).
//!
//! The macros describe each statement by asking a database with the schema, and write one file per statement. Builds read those files, so
//! they need no database. The databases are created for this purpose and dropped afterwards. `cargo xtask test` has clippy's compilation
//! describe the statements once more, and compares.

mod databases;
mod descriptions;

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::SystemTime;

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

use self::databases::Prepared;
use crate::postgres::Postgres;
use crate::workspace;

/// A crate whose statements are described.
struct StorageCrate {
    package: &'static str,
    /// The name of the crate's folder in `crates`, and of its schema's folder in `migrations`.
    folder: &'static str,
    /// The variable with the URL of the describing database, which the crate's `sqlx.toml` names.
    variable: &'static str,
}

const SQLITE: StorageCrate =
    StorageCrate { package: "loggia-sqlite", folder: "sqlite", variable: "LOGGIA_DESCRIBE_SQLITE_URL" };
const POSTGRES: StorageCrate =
    StorageCrate { package: "loggia-postgres", folder: "postgres", variable: "LOGGIA_DESCRIBE_POSTGRES_URL" };

/// A database for each storage crate, and the folder in which the macros describe the statements.
pub(crate) struct Description {
    sqlite: Prepared,
    postgres: Prepared,
    described: TempDir,
    /// The sources that look changed meanwhile, so that the compiler expands their macros.
    _touched: [Touched; 2],
    // Dropped last: it contains the SQLite database.
    _scratch: TempDir,
}

/// Replaces the committed files of each crate.
pub(crate) fn run(postgres: &Postgres) -> Result<()> {
    for storage in [SQLITE, POSTGRES] {
        let description = Description::begin(postgres)?;
        // The other crate reads its committed files, since its variable is not set.
        let environment = description.environment()?;
        let own = environment
            .into_iter()
            .filter(|(name, _)| [OFFLINE_VARIABLE, FOLDER_VARIABLE, storage.variable].contains(name));
        let mut cargo = Command::new(cargo());
        cargo.args(["check", "--locked", "--quiet", "--lib", "--package", storage.package]);
        let status = cargo.envs(own).current_dir(workspace::root()?).status();
        let status = status.context("cargo could not be started")?;
        ensure!(status.success(), "{} does not compile against its schema", storage.package);
        descriptions::replace(&storage.committed()?, &description.all()?)?;
    }
    Ok(())
}

/// The variable that keeps the macros from asking a database.
const OFFLINE_VARIABLE: &str = "SQLX_OFFLINE";

/// The variable that names the folder in which the macros describe statements.
const FOLDER_VARIABLE: &str = "SQLX_OFFLINE_DIR";

impl Description {
    /// Creates the databases, and lets the next compilation of the storage crates describe their statements.
    pub(crate) fn begin(server: &Postgres) -> Result<Self> {
        let scratch = tempfile::tempdir().context("a temporary directory is needed")?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let root = workspace::root()?;
        let migrations = |storage: StorageCrate| root.join("migrations").join(storage.folder);
        let sqlite = runtime.block_on(databases::sqlite(scratch.path(), &migrations(SQLITE)))?;
        let postgres = runtime.block_on(databases::postgres(server.url(), &migrations(POSTGRES)))?;
        let touch =
            |storage: StorageCrate| Touched::new(root.join("crates").join(storage.folder).join("src/lib.rs"));
        let touched = [touch(SQLITE)?, touch(POSTGRES)?];
        let described = tempfile::tempdir().context("a temporary directory is needed")?;
        Ok(Self { sqlite, postgres, described, _touched: touched, _scratch: scratch })
    }

    /// Returns the environment of the compilation that describes the statements.
    pub(crate) fn environment(&self) -> Result<[(&'static str, &str); 4]> {
        let folder = self.described.path().to_str().context("the temporary directory is no text")?;
        Ok([
            (OFFLINE_VARIABLE, "false"),
            (FOLDER_VARIABLE, folder),
            (SQLITE.variable, self.sqlite.url()),
            (POSTGRES.variable, self.postgres.url()),
        ])
    }

    /// Fails if the statements that were described are not those of the two crates' committed files, described in the same way.
    pub(crate) fn check(&self) -> Result<()> {
        let committed =
            [descriptions::read_all(&SQLITE.committed()?)?, descriptions::read_all(&POSTGRES.committed()?)?];
        let difference = descriptions::difference(&committed, &self.all()?);
        ensure!(
            difference.is_none(),
            "a `.sqlx` folder is out of date ({}): run `cargo xtask prepare`",
            difference.unwrap_or_default()
        );
        Ok(())
    }

    fn all(&self) -> Result<descriptions::Descriptions> {
        let described = descriptions::read_all(self.described.path())?;
        ensure!(!described.is_empty(), "the macros described no statement");
        Ok(described)
    }
}

impl StorageCrate {
    /// Returns the folder with the committed files.
    fn committed(&self) -> Result<PathBuf> {
        Ok(workspace::root()?.join("crates").join(self.folder).join(".sqlx"))
    }
}

/// A source with the present as its modification time, so that the compiler runs although nothing has changed. Dropping this sets the time
/// back: what was built before is up to date then.
struct Touched {
    source: PathBuf,
    modified: SystemTime,
}

impl Touched {
    #[expect(clippy::disallowed_methods, reason = "cargo compares it with the machine's own times")]
    fn new(source: PathBuf) -> Result<Self> {
        let modified = fs::metadata(&source).and_then(|source| source.modified());
        let modified = modified.with_context(|| format!("{} cannot be read", source.display()))?;
        let touched = Self { source, modified };
        touched.set(SystemTime::now())?;
        Ok(touched)
    }

    fn set(&self, time: SystemTime) -> Result<()> {
        let file = fs::File::options().write(true).open(&self.source);
        let set = file.and_then(|file| file.set_modified(time));
        set.with_context(|| format!("{} cannot be touched", self.source.display()))
    }
}

impl Drop for Touched {
    fn drop(&mut self) {
        // If this fails, the crate is built once more.
        let _ = self.set(self.modified);
    }
}

/// Returns the path of the cargo that runs this, so that the toolchain is the same.
#[expect(clippy::disallowed_methods, reason = "cargo passes its path in it")]
fn cargo() -> OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_source_looks_changed_only_until_its_statements_are_described() {
        let scratch = tempfile::tempdir().unwrap();
        let source = scratch.path().join("lib.rs");
        fs::write(&source, "").unwrap();
        let of = || fs::metadata(&source).unwrap().modified().unwrap();
        let before = of() - Duration::from_secs(3600);
        fs::File::options().write(true).open(&source).unwrap().set_modified(before).unwrap();
        let touched = Touched::new(source.clone()).unwrap();
        assert!(of() > before);
        drop(touched);
        assert_eq!(of(), before);
    }
}
