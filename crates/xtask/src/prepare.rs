//! `cargo xtask prepare`: what the checked query macros know of the schema (`crates/sqlite/.sqlx`).
//!
//! The macros describe each statement by asking a database that has the schema, and write what they learn to one file per
//! statement. Builds read those files (`SQLX_OFFLINE` in `.cargo/config.toml`), so nobody else needs a database. Nothing but
//! Rust is needed here either: the database is a file that this makes and throws away.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use sqlx::Connection;
use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};

const PACKAGE: &str = "loggia-sqlite";

/// Refreshes the committed files. With `check` it leaves them alone and fails if they are not what it would write.
pub(crate) fn run(check: bool) -> Result<()> {
    let workspace = workspace_root()?;
    let crate_root = workspace.join("crates/sqlite");
    let committed = crate_root.join(".sqlx");
    let scratch = tempfile::tempdir().context("a temporary directory is needed")?;

    let database = scratch.path().join("prepared.db");
    create_database(&database, &workspace.join("migrations/sqlite"))?;
    let described = scratch.path().join("sqlx");
    fs::create_dir(&described)?;
    expand_macros(&crate_root, &database, &described)?;

    let (old, new) = (read_all(&committed)?, read_all(&described)?);
    ensure!(!new.is_empty(), "the macros of {PACKAGE} described no statement");
    if check {
        return compare(&old, &new);
    }
    fs::create_dir_all(&committed)?;
    for stale in old.keys().filter(|name| !new.contains_key(*name)) {
        fs::remove_file(committed.join(stale))?;
    }
    for (name, text) in new.iter().filter(|(name, text)| old.get(*name) != Some(text)) {
        fs::write(committed.join(name), text)?;
    }
    Ok(())
}

fn workspace_root() -> Result<PathBuf> {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = manifest.ancestors().nth(2).context("xtask lies two folders below the workspace")?;
    Ok(root.to_owned())
}

fn create_database(file: &Path, migrations: &Path) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let options = SqliteConnectOptions::new().filename(file).create_if_missing(true);
        let mut connection = SqliteConnection::connect_with(&options).await?;
        Migrator::new(migrations).await?.run(&mut connection).await?;
        connection.close().await?;
        Ok(())
    })
}

/// Compiles the package with the database at hand, so that each macro writes its file.
fn expand_macros(crate_root: &Path, database: &Path, described: &Path) -> Result<()> {
    touch(&crate_root.join("src/lib.rs"))?;
    let status = Command::new(cargo())
        .args(["check", "--locked", "--quiet", "--package", PACKAGE, "--lib"])
        .current_dir(crate_root)
        .env("DATABASE_URL", format!("sqlite://{}", database.display()))
        .env("SQLX_OFFLINE", "false")
        .env("SQLX_OFFLINE_DIR", described)
        .status()
        .context("cargo could not be started")?;
    if !status.success() {
        bail!("{PACKAGE} does not compile against its schema");
    }
    Ok(())
}

/// Gives a source a new time of change, and nothing else: the compiler must run although nothing changed.
#[expect(clippy::disallowed_methods, reason = "cargo compares it with the machine's own times")]
fn touch(source: &Path) -> Result<()> {
    let file = fs::File::options().write(true).open(source)?;
    file.set_modified(std::time::SystemTime::now())?;
    Ok(())
}

/// The cargo that runs this, so that the toolchain is the same.
#[expect(clippy::disallowed_methods, reason = "cargo tells by it where it is")]
fn cargo() -> OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// The described statements by file name; none if the folder is not there yet.
fn read_all(folder: &Path) -> Result<BTreeMap<String, String>> {
    let mut files = BTreeMap::new();
    if !folder.exists() {
        return Ok(files);
    }
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        if name.starts_with("query-") && name.ends_with(".json") {
            files.insert(name, fs::read_to_string(&path)?);
        }
    }
    Ok(files)
}

fn compare(old: &BTreeMap<String, String>, new: &BTreeMap<String, String>) -> Result<()> {
    let stale = old.keys().filter(|name| !new.contains_key(*name)).count();
    let missing = new.keys().filter(|name| !old.contains_key(*name)).count();
    let changed = new.iter().filter(|(name, text)| old.get(*name).is_some_and(|old| old != *text)).count();
    if stale + missing + changed > 0 {
        bail!(
            "crates/sqlite/.sqlx is out of date ({missing} missing, {changed} changed, {stale} stale): \
             run `cargo xtask prepare`"
        );
    }
    Ok(())
}
