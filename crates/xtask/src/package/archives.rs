//! The archives that cargo makes, unpacked into a workspace of their own.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::metadata::Metadata;
use super::{LIBRARIES, profiles};
use crate::workspace;

/// Files that every archive has beside its code.
const NEEDED: [&str; 4] = ["Cargo.toml", "README.md", "LICENSE-APACHE", "LICENSE-MIT"];

/// The packages, unpacked.
pub(super) struct Unpacked {
    folder: PathBuf,
}

impl Unpacked {
    /// Returns the folder of the workspace that has the packages as its members.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }
}

/// Makes the archives, and unpacks them into `folder`, whose contents are replaced.
pub(super) fn make(metadata: &Metadata, folder: &Path) -> Result<Unpacked> {
    let root = workspace::root()?;
    let mut cargo = Command::new("cargo");
    // Cargo itself would compile each archive alone, and no tests.
    cargo.args(["package", "--locked", "--no-verify", "--allow-dirty"]).current_dir(&root);
    cargo.args(LIBRARIES.iter().flat_map(|name| ["--package", name]));
    let output = cargo.output().context("cargo could not be started")?;
    let said = String::from_utf8_lossy(&output.stderr);
    let is_clean = !said.lines().any(|line| line.starts_with("warning"));
    ensure!(output.status.success() && is_clean, "the packages are not clean:\n{said}");
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("{} cannot be emptied", folder.display()))?;
    }
    fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    let (mut members, mut patches) = (String::new(), String::new());
    for name in LIBRARIES {
        let package = format!("{name}-{}", metadata.named(name)?.version);
        unpack(&workspace::target()?.join(format!("package/{package}.crate")), folder)?;
        for file in NEEDED {
            let path = folder.join(&package).join(file);
            ensure!(fs::metadata(&path).is_ok_and(|file| file.len() > 0), "{package} has no {file}");
        }
        write!(members, "{package:?}, ")?;
        writeln!(patches, "{name} = {{ path = {package:?} }}")?;
    }
    let manifest = format!(
        "[workspace]\nresolver = \"3\"\nmembers = [{members}]\n\n[patch.crates-io]\n{patches}{}",
        profiles(&root)?
    );
    fs::write(folder.join("Cargo.toml"), manifest)?;
    // The versions that everything else is tested with. Cargo takes out those of the other packages.
    fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock"))?;
    Ok(Unpacked { folder: folder.to_owned() })
}

fn unpack(archive: &Path, folder: &Path) -> Result<()> {
    let mut tar = Command::new("tar");
    tar.args(["--extract", "--gzip", "--no-same-owner", "--file"]).arg(archive).current_dir(folder);
    let status = tar.status().context("tar could not be started")?;
    ensure!(status.success(), "{} cannot be unpacked", archive.display());
    Ok(())
}
