//! `cargo xtask counts`: the counted (not timed) cost of requests, compared with the committed figures or written anew.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use loggia_testpg::URL_VARIABLE;

use crate::postgres::Postgres;
use crate::tools;

/// The tests that count: for each program, its arguments to `cargo test`.
const TESTS: [&[&str]; 2] = [&["--test", "http", "costs::"], &["--test", "work"]];

/// Runs all tests, even if one fails. With `update`, each writes its counts.
pub(crate) fn run(update: bool, postgres: &Postgres) -> Result<()> {
    tools::ensure()?;
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut failed = Vec::new();
    for test in TESTS {
        let mut command = Command::new("cargo");
        // Built as by `cargo xtask test`: with other features, programs allocate other amounts of memory.
        command.args(["test", "--locked", "--workspace"]).args(test).current_dir(&root);
        command.env(URL_VARIABLE, postgres.url());
        if update {
            command.envs([("INSTA_UPDATE", "always"), ("UPDATE_COUNTS", "1")]);
        }
        if !command.status().context("cargo could not be started")?.success() {
            failed.push(test.join(" "));
        }
    }
    ensure!(failed.is_empty(), "`cargo test --workspace` failed with: {}", failed.join("; "));
    Ok(())
}
