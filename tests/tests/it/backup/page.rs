//! The commands on the page about backups, as its readers would run them.

use std::path::Path;
use std::process::{Command, Output};

use crate::harness::{binary, forget_settings, root, text};

/// The page.
pub(super) struct Page(String);

impl Page {
    pub(super) fn read() -> Self {
        Self(std::fs::read_to_string(root().join("docs/operations/backup.md")).unwrap())
    }

    /// Returns the one block of this language that begins so.
    pub(super) fn block(&self, language: &str, beginning: &str) -> String {
        let blocks = self.0.split("```").skip(1).step_by(2);
        let blocks = blocks.filter_map(|block| block.strip_prefix(language)?.strip_prefix('\n'));
        let mut found = blocks.filter(|block| block.starts_with(beginning));
        let block = found.next().unwrap_or_else(|| panic!("the page shows `{beginning}`"));
        assert!(found.next().is_none(), "the page shows `{beginning}` twice");
        block.to_owned()
    }
}

/// Runs a command of the page in this folder, which stands for `/var/backups` too. `loggia` is the built binary.
pub(super) fn run(
    command: &str,
    folder: &Path,
    settings: impl FnOnce(&mut Command) -> &mut Command,
) -> Output {
    let command = command.replace("/var/backups", &folder.display().to_string());
    let loggia = binary().parent().unwrap();
    let mut shell = Command::new("bash");
    // The programs of the test come first, those of the machine after them.
    shell
        .args(["-c", &format!("set -e; PATH=\"{}:$PATH\"; {command}", loggia.display())])
        .current_dir(folder);
    forget_settings(&mut shell);
    settings(&mut shell).output().unwrap()
}

/// Runs a command of the page that must succeed. Returns its output.
pub(super) fn succeed(
    command: &str,
    folder: &Path,
    settings: impl FnOnce(&mut Command) -> &mut Command,
) -> String {
    let output = run(command, folder, settings);
    assert!(output.status.success(), "{command}: {}", text(&output.stderr));
    text(&output.stdout)
}
