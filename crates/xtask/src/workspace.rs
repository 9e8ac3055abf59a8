//! The paths of the workspace and its target directory.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// Returns the workspace's root.
pub(crate) fn root() -> Result<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize();
    root.context("the workspace is not where this program was built")
}

/// Returns the target directory, wherever cargo is configured to create it: this program is in a subfolder of it.
pub(crate) fn target() -> Result<PathBuf> {
    let this = std::env::current_exe().context("this program does not know where it is")?;
    let target = this.ancestors().nth(2).context("this program lies in no target directory")?;
    Ok(target.to_owned())
}
