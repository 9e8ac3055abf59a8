//! `cargo xtask package`: makes the packages of the libraries, and compiles them from their archives alone.
//!
//! An archive is what a registry would hand out. All of them are unpacked side by side and compiled with their tests and examples, and with
//! the programs in `examples` on top of them, each version patched by its path, with a `DATABASE_URL` of another program in the environment.

mod alone;
mod archives;
mod lock;
mod manifests;
mod metadata;
mod oldest_compiler;

use std::process::Command;

use anyhow::{Context, Result, ensure};
use loggia_testpg::URL_VARIABLE;

use self::alone::Alone;
use self::metadata::Metadata;
use crate::postgres::Postgres;
use crate::workspace;

/// The packages that can be published, each after those that it depends on.
const LIBRARIES: [&str; 11] = [
    "loggia-domain",
    "loggia-observe",
    "loggia-testkit",
    "loggia-migrations",
    "loggia-sql",
    "loggia-sqlite",
    "loggia-testpg",
    "loggia-postgres",
    "loggia-serve",
    "loggia-http",
    "loggia-client",
];

/// The packages that are of use in this repository only.
const PRIVATE: [&str; 7] =
    ["loggia", "loggia-bench", "loggia-demo", "loggia-moving", "loggia-rules", "loggia-tests", "xtask"];

/// A database of a program that embeds the crates. The query macros must not ask it.
const FOREIGN_DATABASE: (&str, &str) = ("DATABASE_URL", "mysql://example.com/of-the-host");

/// The variable with the flags that SQLite is compiled with here (`.cargo/config.toml`).
const SQLITE_FLAGS: &str = "LIBSQLITE3_FLAGS";

/// Checks the manifests, makes the packages, compiles them in the workspace's target directory, and runs the tests of the examples there.
/// Returns what cargo has printed.
pub(crate) fn check() -> Result<String> {
    let metadata = Metadata::read("Cargo.toml")?;
    manifests::check(&metadata)?;
    oldest_compiler::check(&metadata)?;
    // Fails if their lock file is not up to date.
    Metadata::read("examples/Cargo.toml")?;
    let target = workspace::target()?;
    let alone = Alone::make(&metadata, &target.join("package/alone"))?;
    let mut check = cargo(&alone);
    check.args(["check", "--workspace", "--all-targets"]).env("CARGO_TARGET_DIR", &target);
    // They ask for features of their own, with which the dependencies would be compiled once more.
    check.args(alone.examples.iter().flat_map(|name| ["--exclude", name]));
    let mut test = cargo(&alone);
    test.arg("test").env("CARGO_TARGET_DIR", target);
    test.args(alone.examples.iter().flat_map(|name| ["--package", name]));
    Ok(run(&mut check)? + &run(&mut test)?)
}

/// Makes the packages and runs all tests as another program's build would: in a folder outside the repository, with every dependency
/// compiled anew, and with none of this workspace's settings for the compilation of SQLite.
pub(crate) fn check_in_full() -> Result<String> {
    check()?;
    let postgres = Postgres::get()?;
    let folder = tempfile::tempdir().context("a temporary directory is needed")?;
    let alone = Alone::make(&Metadata::read("Cargo.toml")?, &folder.path().join("alone"))?;
    let mut test = cargo(&alone);
    test.args(["test", "--workspace", "--no-fail-fast"]).env(URL_VARIABLE, postgres.url());
    test.env("CARGO_TARGET_DIR", folder.path().join("target")).env_remove(SQLITE_FLAGS);
    // The corpora of the fuzzer stay in the repository.
    test.args(["--", "--skip", "fuzzing::replay"]);
    run(&mut test)
}

/// Returns cargo in the workspace of the packages.
fn cargo(alone: &Alone) -> Command {
    let mut cargo = Command::new("cargo");
    let (name, value) = FOREIGN_DATABASE;
    cargo.env(name, value).current_dir(&alone.folder);
    cargo
}

/// Runs cargo, and returns what it has printed.
fn run(cargo: &mut Command) -> Result<String> {
    let output = cargo.output().context("cargo could not be started")?;
    let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let said = said.concat();
    ensure!(output.status.success(), "the packages alone: cargo ended with {}\n{said}", output.status);
    Ok(said)
}
