//! The lock file of the programs in `examples`, which are a workspace of their own.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::harness::root;

/// Returns the versions of each package of a registry in a lock file.
fn locked(path: &Path) -> BTreeMap<String, BTreeSet<String>> {
    let lock = fs::read_to_string(path).unwrap();
    let mut packages: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for package in lock.split("[[package]]").filter(|package| package.contains("\nsource = ")) {
        let value = |name: &str| {
            let (_, value) = package.split_once(&format!("\n{name} = \"")).unwrap();
            value.split('"').next().unwrap().to_owned()
        };
        packages.entry(value("name")).or_default().insert(value("version"));
    }
    packages
}

#[test]
fn the_examples_lock_the_versions_of_the_workspace() {
    let workspace = locked(&root().join("Cargo.lock"));
    let examples = locked(&root().join("examples/Cargo.lock"));
    assert!(examples.len() > 100, "the examples have {} dependencies", examples.len());
    for (name, versions) in &examples {
        let Some(own) = workspace.get(name) else { continue };
        assert!(versions.is_subset(own), "{name}: examples have {versions:?}, the workspace has {own:?}");
    }
}
