//! `cargo xtask api`: the public interface of the domain as a list, so that each change of it is a line in a diff.
//!
//! The list is made from rustdoc's JSON, whose format changes with the toolchain; the versions of both are pinned together.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, iter};

use anyhow::{Context, Result, bail, ensure};

use crate::workspace;

/// The features of the list. Mocks are generated from the ports, which are in it.
const FEATURES: &str = "serde,system";

/// Compares the interface with the committed list, or writes the list anew.
pub(crate) fn run(update: bool) -> Result<()> {
    let path = workspace::root()?.join("crates/domain/public-api.txt");
    let interface = interface(&document()?)?;
    if update {
        return fs::write(&path, interface).with_context(|| format!("{} cannot be written", path.display()));
    }
    let committed =
        fs::read_to_string(&path).with_context(|| format!("{} cannot be read", path.display()))?;
    let changes = changes(&committed, &interface);
    if changes.is_empty() {
        return Ok(());
    }
    bail!(
        "the public interface of loggia-domain is not the one of crates/domain/public-api.txt:\n{}\nIf that is intended, run \
         `cargo xtask api --update`, read the diff, and commit it.",
        changes.join("\n")
    )
}

/// Has rustdoc write the documentation of the domain as JSON. Returns the path of the file.
fn document() -> Result<PathBuf> {
    // Build scripts of dependencies are run again if `RUSTC_BOOTSTRAP` changes, so the other builds have another folder.
    let target = workspace::target()?.join("api");
    let mut command = Command::new("cargo");
    command.current_dir(workspace::root()?).env("RUSTC_BOOTSTRAP", "1").arg("rustdoc");
    command.args(["--locked", "--quiet", "--lib", "--package", "loggia-domain", "--features", FEATURES]);
    command.arg("--target-dir").arg(&target).args([
        "--",
        "-Z",
        "unstable-options",
        "--output-format",
        "json",
    ]);
    let status = command.status().context("cargo could not be started")?;
    ensure!(status.success(), "`cargo rustdoc` ended with {status}");
    Ok(target.join("doc/loggia_domain.json"))
}

/// Returns the public items, one a line, without implementations that no one writes: those for every type, those of auto traits, and the
/// marker that comes with each derived `PartialEq`.
fn interface(document: &Path) -> Result<String> {
    let builder = public_api::Builder::from_rustdoc_json(document);
    let interface = builder.omit_blanket_impls(true).omit_auto_trait_impls(true).build();
    let interface = interface.context("rustdoc's JSON cannot be read")?;
    let items = interface.items().map(|item| format!("{item}\n"));
    Ok(items.filter(|item| !item.starts_with("impl core::marker::StructuralPartialEq")).collect())
}

/// Returns the lines that one of two sorted lists lacks, with a sign before each.
fn changes(before: &str, after: &str) -> Vec<String> {
    let lacking = |sign: char, text: &str, other: &str| {
        let other: std::collections::BTreeSet<&str> = other.lines().collect();
        let lines: Vec<&str> = text.lines().filter(|line| !other.contains(line)).collect();
        iter::repeat(sign).zip(lines).map(|(sign, line)| format!("{sign} {line}")).collect::<Vec<_>>()
    };
    [lacking('-', before, after), lacking('+', after, before)].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn removed_and_added_items_are_reported() {
        let before = "pub fn a()\npub fn b()\n";
        assert!(changes(before, before).is_empty());
        assert_eq!(changes(before, "pub fn b()\npub fn c()\n"), ["- pub fn a()", "+ pub fn c()"]);
    }
}
