//! What is compiled as others would: the packages of the libraries, and the programs in `examples`.

use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::jobs::Outcome;
use crate::{package, workspace};

/// Checks the packages, and runs the tests of the examples. One job for both, since cargo would let them wait for each other.
pub(super) fn run() -> Outcome {
    let mut output = String::new();
    let checks: [fn() -> Result<String>; 2] = [package::check, test_examples];
    let result = checks.into_iter().try_for_each(|check| {
        output += &check()?;
        Ok(())
    });
    Outcome { output, result }
}

fn test_examples() -> Result<String> {
    let mut cargo = Command::new("cargo");
    cargo.args(["test", "--locked", "--quiet", "--manifest-path", "examples/Cargo.toml"]);
    cargo.env("CARGO_TARGET_DIR", workspace::target()?).current_dir(workspace::root()?);
    let output = cargo.output().context("cargo could not be started")?;
    let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let said = said.concat();
    ensure!(output.status.success(), "the tests of the examples: cargo ended with {}\n{said}", output.status);
    Ok(said)
}
