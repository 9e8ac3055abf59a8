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
        let own: Vec<_> = workspace.get(name).into_iter().flatten().collect();
        for version in versions {
            let differs = |own: &String| line(own) == line(version) && own != version;
            assert!(
                !own.iter().any(|&own| differs(own)),
                "{name}: the examples have {version}, the workspace has {own:?}"
            );
        }
    }
}

/// Returns the numbers of a version that are equal in all versions that fit in its place.
fn line(version: &str) -> Vec<&str> {
    let numbers: Vec<_> = version.split('.').collect();
    let zeros = numbers.iter().take_while(|number| **number == "0").count();
    numbers.into_iter().take(zeros + 1).collect()
}
