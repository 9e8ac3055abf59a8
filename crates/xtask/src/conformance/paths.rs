//! The paths of the settings in the repository, and of the generated files in the target directory.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::workspace;

/// The paths of the folders, and of the program that is checked against its document.
pub(super) struct Paths {
    /// The settings of the tools, and the programs that use the generated clients.
    pub(super) settings: PathBuf,
    /// The folder of installed and generated files.
    pub(super) target: PathBuf,
    /// The program of the service.
    pub(super) binary: PathBuf,
    workspace: PathBuf,
}

impl Paths {
    /// Determines the paths, and creates the folder in the target directory.
    pub(super) fn prepare() -> Result<Self> {
        let workspace = workspace::root()?;
        // Cargo puts this program and the service into one folder, wherever its target directory is.
        let this = std::env::current_exe().context("this program does not know where it is")?;
        let binary = this.with_file_name("loggia");
        let target = workspace::target()?.join("conformance");
        fs::create_dir_all(&target)?;
        Ok(Self { settings: workspace.join("conformance"), target, binary, workspace })
    }

    /// Builds the service from the current sources.
    pub(super) fn build_binary(&self) -> Result<()> {
        let arguments = ["build", "--quiet", "--locked", "--package", "loggia", "--bin", "loggia"];
        let status = Command::new("cargo").args(arguments).current_dir(&self.workspace).status();
        ensure!(status.context("cargo could not be started")?.success(), "the service does not build");
        Ok(())
    }

    /// Writes the document that the service publishes to a file, and returns its path.
    pub(super) fn document(&self) -> Result<PathBuf> {
        let output = self.loggia().arg("openapi").output().context("the service could not be started")?;
        let complaint = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "`loggia openapi` ended with {}: {complaint}", output.status);
        let file = self.target.join("openapi.json");
        fs::write(&file, output.stdout)?;
        Ok(file)
    }

    /// Returns the command for the service, without the settings that the environment may have for another one.
    pub(super) fn loggia(&self) -> Command {
        let mut command = Command::new(&self.binary);
        command.env_clear().current_dir(&self.target);
        command
    }
}
