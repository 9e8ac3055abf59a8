//! `cargo xtask prepare`: refreshes the query macros' descriptions of SQL statements (`.sqlx` in each storage crate).
//!
//! The macros describe each statement by asking a database with the schema, and write one file per statement. Builds read those files
//! (`SQLX_OFFLINE` in `.cargo/config.toml`), so they need no database. The databases are created for this purpose and dropped afterwards.

mod databases;
mod descriptions;

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::postgres::Postgres;
use databases::Prepared;

/// A crate whose statements are checked.
struct StorageCrate {
    package: &'static str,
    /// The name of the crate's folder in `crates`, and of its schema's folder in `migrations`.
    folder: &'static str,
}

const SQLITE: StorageCrate = StorageCrate { package: "loggia-sqlite", folder: "sqlite" };
const POSTGRES: StorageCrate = StorageCrate { package: "loggia-postgres", folder: "postgres" };

/// Refreshes the committed files. With `check`, leaves them unchanged and fails if they are out of date.
pub(crate) fn run(check: bool, postgres: &Postgres) -> Result<()> {
    let workspace = workspace_root()?;
    let scratch = tempfile::tempdir().context("a temporary directory is needed")?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let migrations = |storage: &StorageCrate| workspace.join("migrations").join(storage.folder);

    let prepared = runtime.block_on(databases::sqlite(scratch.path(), &migrations(&SQLITE)))?;
    describe(&SQLITE, &workspace, &prepared, check)?;
    let prepared = runtime.block_on(databases::postgres(postgres.url(), &migrations(&POSTGRES)))?;
    describe(&POSTGRES, &workspace, &prepared, check)
}

fn describe(storage: &StorageCrate, workspace: &Path, database: &Prepared, check: bool) -> Result<()> {
    let crate_root = workspace.join("crates").join(storage.folder);
    let described = tempfile::tempdir().context("a temporary directory is needed")?;
    expand_macros(storage.package, &crate_root, database.url(), described.path())?;
    let new = descriptions::read_all(described.path())?;
    ensure!(!new.is_empty(), "the macros of {} described no statement", storage.package);
    let committed = crate_root.join(".sqlx");
    if !check {
        return descriptions::replace(&committed, &new);
    }
    match descriptions::difference(&descriptions::read_all(&committed)?, &new) {
        None => Ok(()),
        Some(difference) => {
            bail!("crates/{}/.sqlx is out of date ({difference}): run `cargo xtask prepare`", storage.folder)
        }
    }
}

fn workspace_root() -> Result<PathBuf> {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = manifest.ancestors().nth(2).context("xtask lies two folders below the workspace")?;
    Ok(root.to_owned())
}

/// Compiles the package against the database, so that each macro writes its file.
fn expand_macros(package: &str, crate_root: &Path, database_url: &str, described: &Path) -> Result<()> {
    touch(&crate_root.join("src/lib.rs"))?;
    let status = Command::new(cargo())
        .args(["check", "--locked", "--quiet", "--package", package, "--lib"])
        .current_dir(crate_root)
        .env("DATABASE_URL", database_url)
        .env("SQLX_OFFLINE", "false")
        .env("SQLX_OFFLINE_DIR", described)
        .status()
        .context("cargo could not be started")?;
    ensure!(status.success(), "{package} does not compile against its schema");
    Ok(())
}

/// Sets the modification time of a source: the compiler must run although nothing has changed.
#[expect(clippy::disallowed_methods, reason = "cargo compares it with the machine's own times")]
fn touch(source: &Path) -> Result<()> {
    let file = fs::File::options().write(true).open(source);
    let file = file.with_context(|| format!("{} cannot be touched", source.display()))?;
    file.set_modified(std::time::SystemTime::now())?;
    Ok(())
}

/// Returns the path of the cargo that runs this, so that the toolchain is the same.
#[expect(clippy::disallowed_methods, reason = "cargo tells by it where it is")]
fn cargo() -> OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}
