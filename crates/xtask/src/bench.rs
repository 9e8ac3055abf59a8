//! `cargo xtask bench`: builds what is measured and what measures, and starts a Postgres that writes as durably as in production.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use clap::Args;
use loggia_testpg::ServerOptions;

use crate::{postgres, tools};

/// How it is measured.
#[derive(Args, Debug, PartialEq, Eq)]
pub(crate) struct BenchArgs {
    /// A few minutes, at 16 connections only and with a wider spread; docs/performance.md stays as it is
    #[arg(long)]
    quick: bool,
    /// Only the calls whose names contain this; docs/performance.md stays as it is
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
}

/// The profile of the image.
const PROFILE: &str = "dist";

/// Builds, starts and measures.
pub(crate) fn run(args: &BenchArgs) -> Result<()> {
    tools::ensure_wrk()?;
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    // One after the other: together they would be built with each other's features, and another program than the image's measured.
    let loggia = build(&root, "loggia")?;
    let bench = build(&root, "loggia-bench")?;
    let options = ServerOptions { durable: true, ..ServerOptions::default() };
    let server = postgres::start_with(&options)?;
    let kept = root.join("target/bench");
    std::fs::create_dir_all(&kept)?;

    let mut command = Command::new(bench);
    command.arg("run").arg("--loggia").arg(loggia);
    command.args(["--postgres-url", &server.url("postgres")]);
    let postmaster = server.pid().context("the Postgres of the benchmark has ended")?;
    command.args(["--postgres-pid", &postmaster.to_string()]);
    // Where the PATH has some of the programs alone, it is looked for there by its name.
    let pgbench = server.binaries().program("pgbench");
    command.arg("--pgbench").arg(if pgbench.exists() { pgbench } else { PathBuf::from("pgbench") });
    if args.quick {
        command.arg("--quick");
    }
    if let Some(only) = &args.only {
        command.args(["--only", only]);
    }
    let name = if args.quick { "quick.json" } else { "full.json" };
    command.arg("--out").arg(kept.join(name));
    if !args.quick && args.only.is_none() {
        command.arg("--document").arg(root.join("docs/performance.md"));
    }
    let status = command.status().context("loggia-bench could not be started")?;
    ensure!(status.success(), "loggia-bench ended with {status}");
    Ok(())
}

/// Builds a package's program as for the image and says where it is.
fn build(root: &Path, package: &str) -> Result<PathBuf> {
    let arguments = ["build", "--locked", "--profile", PROFILE, "--package", package];
    let status = Command::new("cargo").args(arguments).current_dir(root).status();
    let status = status.context("cargo could not be started")?;
    ensure!(status.success(), "the build of {package} ended with {status}");
    let program = root.join("target").join(PROFILE).join(package);
    program.canonicalize().with_context(|| format!("{} is not there", program.display()))
}
