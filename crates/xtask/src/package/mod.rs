//! `cargo xtask package`: makes the packages of the libraries, and compiles them from their archives alone.
//!
//! An archive is what a registry would hand out. All of them are unpacked side by side and compiled with their tests and examples, each
//! other's versions patched in by path, with a `DATABASE_URL` of another program in the environment.

mod archives;
mod manifests;
mod metadata;
mod oldest_compiler;

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use loggia_testpg::URL_VARIABLE;

use self::archives::Unpacked;
use self::metadata::Metadata;
use crate::postgres::Postgres;
use crate::workspace;

/// The packages that can be published, each after those that it depends on.
const LIBRARIES: [&str; 9] = [
    "loggia-domain",
    "loggia-testkit",
    "loggia-migrations",
    "loggia-sql",
    "loggia-sqlite",
    "loggia-testpg",
    "loggia-postgres",
    "loggia-serve",
    "loggia-http",
];

/// The packages that are of use in this repository only.
const PRIVATE: [&str; 5] = ["loggia", "loggia-bench", "loggia-demo", "loggia-tests", "xtask"];

/// A database of a program that embeds the crates. The query macros must not ask it.
const FOREIGN_DATABASE: (&str, &str) = ("DATABASE_URL", "mysql://example.com/of-the-host");

/// The variable with the flags that SQLite is compiled with here (`.cargo/config.toml`).
const SQLITE_FLAGS: &str = "LIBSQLITE3_FLAGS";

/// Checks the manifests, makes the packages and compiles them in the workspace's target directory. Returns what cargo has printed.
pub(crate) fn check() -> Result<String> {
    let metadata = Metadata::read()?;
    manifests::check(&metadata)?;
    oldest_compiler::check(&metadata)?;
    let target = workspace::target()?;
    let unpacked = archives::make(&metadata, &target.join("package/alone"))?;
    let mut cargo = Command::new("cargo");
    cargo.args(["check", "--workspace", "--all-targets"]).env("CARGO_TARGET_DIR", target);
    run(&mut cargo, &unpacked)
}

/// Makes the packages and runs their tests as another program's build would: in a folder outside the repository, with every dependency
/// compiled anew, and with none of this workspace's settings for the compilation of SQLite.
pub(crate) fn check_in_full() -> Result<String> {
    check()?;
    let postgres = Postgres::get()?;
    let folder = tempfile::tempdir().context("a temporary directory is needed")?;
    let unpacked = archives::make(&Metadata::read()?, &folder.path().join("alone"))?;
    let mut cargo = Command::new("cargo");
    cargo.args(["test", "--workspace", "--no-fail-fast"]).env(URL_VARIABLE, postgres.url());
    cargo.env("CARGO_TARGET_DIR", folder.path().join("target")).env_remove(SQLITE_FLAGS);
    // The corpora of the fuzzer stay in the repository.
    cargo.args(["--", "--skip", "fuzzing::replay"]);
    run(&mut cargo, &unpacked)
}

/// Runs cargo in the workspace of the unpacked packages.
fn run(cargo: &mut Command, unpacked: &Unpacked) -> Result<String> {
    let (name, value) = FOREIGN_DATABASE;
    let output = cargo.env(name, value).current_dir(unpacked.folder()).output();
    let output = output.context("cargo could not be started")?;
    let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let said = said.concat();
    ensure!(output.status.success(), "the packages alone: cargo ended with {}\n{said}", output.status);
    Ok(said)
}

/// Returns the sections of the workspace's manifest about the profile `dev`: with others, no compiled dependency could be shared.
fn profiles(root: &Path) -> Result<String> {
    let manifest = fs::read_to_string(root.join("Cargo.toml")).context("the workspace has no manifest")?;
    let sections = manifest.split("\n[").filter(|section| section.starts_with("profile.dev"));
    let profiles: String = sections.map(|section| format!("\n[{section}\n")).collect();
    ensure!(!profiles.is_empty(), "the workspace's manifest has no profile `dev`");
    Ok(profiles)
}
