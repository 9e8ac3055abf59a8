//! Calls of systemctl.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output};

use anyhow::{Context, bail};

const SERVICE: &str = "loggia.service";

/// Fails unless systemd manages this machine, as `sd_booted(3)` finds out.
pub(super) fn require_running() -> anyhow::Result<()> {
    if Path::new("/run/systemd/system").is_dir() {
        return Ok(());
    }
    bail!(
        "systemd does not manage this machine: `loggia service install --print` prints the unit for another one, --root installs into \
         the tree of one, and in a container `loggia serve` is enough"
    );
}

/// Fails unless the program runs as root.
#[cfg(unix)]
pub(super) fn require_root(command: &str) -> anyhow::Result<()> {
    if rustix::process::geteuid().is_root() {
        return Ok(());
    }
    bail!("only root can change the system's services: run `sudo {command}`");
}

/// Fails: there is no root on this system, and no systemd either.
#[cfg(not(unix))]
pub(super) fn require_root(command: &str) -> anyhow::Result<()> {
    bail!("`{command}` is for systems with systemd");
}

/// Enables the service, in the tree of another system if there is a root.
pub(super) fn enable(root: Option<&Path>) -> anyhow::Result<()> {
    run(root, &["enable", SERVICE])
}

/// Stops the service if it runs, and disables it.
pub(super) fn disable(root: Option<&Path>) -> anyhow::Result<()> {
    match root {
        Some(_) => run(root, &["disable", SERVICE]),
        None => run(None, &["disable", "--now", SERVICE]),
    }
}

/// Makes systemd read the units again.
pub(super) fn reload() -> anyhow::Result<()> {
    run(None, &["daemon-reload"])
}

/// Starts the service, or starts it anew.
pub(super) fn restart() -> anyhow::Result<()> {
    run(None, &["restart", SERVICE])
}

/// Returns properties of the service by their names.
pub(super) fn properties(names: &[&str]) -> anyhow::Result<BTreeMap<String, String>> {
    let property = format!("--property={}", names.join(","));
    let output = call(None, &["show", SERVICE, &property])?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let pairs = text.lines().filter_map(|line| line.split_once('='));
    Ok(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}

fn run(root: Option<&Path>, words: &[&str]) -> anyhow::Result<()> {
    call(root, words).map(|_| ())
}

fn call(root: Option<&Path>, words: &[&str]) -> anyhow::Result<Output> {
    let mut command = Command::new("systemctl");
    if let Some(root) = root {
        command.arg("--root").arg(root);
    }
    let output = command.args(words).output().context("systemctl cannot be run")?;
    if !output.status.success() {
        let error = String::from_utf8_lossy(&output.stderr);
        bail!("`systemctl {}` failed ({}): {}", words.join(" "), output.status, error.trim());
    }
    Ok(output)
}
