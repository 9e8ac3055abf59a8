//! The archives that cargo makes of the libraries.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::LIBRARIES;
use super::metadata::Metadata;
use crate::workspace;

/// Files that every archive has beside its code.
const NEEDED: [&str; 4] = ["Cargo.toml", "README.md", "LICENSE-APACHE", "LICENSE-MIT"];

/// Makes the archives and unpacks them in `folder`. Returns the name of each package with the name of its folder.
pub(super) fn unpack_all(metadata: &Metadata, folder: &Path) -> Result<Vec<(&'static str, String)>> {
    let mut cargo = Command::new("cargo");
    // Cargo itself would compile each archive alone, and no tests.
    cargo.args(["package", "--locked", "--no-verify", "--allow-dirty"]).current_dir(workspace::root()?);
    cargo.args(LIBRARIES.iter().flat_map(|name| ["--package", name]));
    let output = cargo.output().context("cargo could not be started")?;
    let said = String::from_utf8_lossy(&output.stderr);
    let is_clean = !said.lines().any(|line| line.starts_with("warning"));
    ensure!(output.status.success() && is_clean, "the packages are not clean:\n{said}");
    LIBRARIES.into_iter().map(|name| Ok((name, unpack(metadata, name, folder)?))).collect()
}

fn unpack(metadata: &Metadata, name: &str, folder: &Path) -> Result<String> {
    let package = format!("{name}-{}", metadata.named(name)?.version);
    let archive = workspace::target()?.join(format!("package/{package}.crate"));
    let mut tar = Command::new("tar");
    tar.args(["--extract", "--gzip", "--no-same-owner", "--file"]).arg(&archive).current_dir(folder);
    let status = tar.status().context("tar could not be started")?;
    ensure!(status.success(), "{} cannot be unpacked", archive.display());
    for file in NEEDED {
        let path = folder.join(&package).join(file);
        ensure!(fs::metadata(&path).is_ok_and(|file| file.len() > 0), "{package} has no {file}");
    }
    Ok(package)
}
