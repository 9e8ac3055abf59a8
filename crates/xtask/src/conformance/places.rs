//! Where things are: settings in the repository, what is made of them in the target directory.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::workspace;

/// The folders, and the program that is held against its document.
pub(super) struct Places {
    /// The settings of the tools, and the programs that use the generated clients.
    pub(super) settings: PathBuf,
    /// What is installed and generated.
    pub(super) target: PathBuf,
    /// The service.
    pub(super) binary: PathBuf,
    workspace: PathBuf,
}

impl Places {
    /// Makes the folder in the target directory.
    pub(super) fn prepare() -> Result<Self> {
        let workspace = workspace::root()?;
        // Cargo puts this program and the service beside each other, wherever its target directory is.
        let this = std::env::current_exe().context("this program does not know where it is")?;
        let binary = this.with_file_name("loggia");
        let target = workspace::target()?.join("conformance");
        fs::create_dir_all(&target)?;
        Ok(Self { settings: workspace.join("conformance"), target, binary, workspace })
    }

    /// Builds the service as it is now.
    pub(super) fn build_binary(&self) -> Result<()> {
        let arguments = ["build", "--quiet", "--locked", "--package", "loggia", "--bin", "loggia"];
        let status = Command::new("cargo").args(arguments).current_dir(&self.workspace).status();
        ensure!(status.context("cargo could not be started")?.success(), "the service does not build");
        Ok(())
    }

    /// The document that the service publishes, in a file.
    pub(super) fn document(&self) -> Result<PathBuf> {
        let output = self.loggia().arg("openapi").output().context("the service could not be started")?;
        let complaint = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "`loggia openapi` ended with {}: {complaint}", output.status);
        let file = self.target.join("openapi.json");
        fs::write(&file, output.stdout)?;
        Ok(file)
    }

    /// The service, with none of the settings that the environment may have for another.
    pub(super) fn loggia(&self) -> Command {
        let mut command = Command::new(&self.binary);
        command.env_clear().current_dir(&self.target);
        command
    }
}
