//! The dependencies between the crates: a crate cannot use a crate that it does not depend on.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};

/// Every dependency between crates of this workspace, in the code that ships.
const ARROWS: &[(&str, &[&str])] = &[
    (
        "loggia",
        &[
            "loggia-demo",
            "loggia-domain",
            "loggia-http",
            "loggia-moving",
            "loggia-observe",
            "loggia-postgres",
            "loggia-serve",
            "loggia-sqlite",
        ],
    ),
    // The benchmarks measure the built program from outside, beside a stack without code of this workspace.
    ("loggia-bench", &[]),
    // The client knows the service by its published document alone.
    ("loggia-client", &[]),
    ("loggia-demo", &["loggia-domain"]),
    ("loggia-domain", &[]),
    ("loggia-http", &["loggia-domain", "loggia-observe", "loggia-serve"]),
    // The SQL of the schemas, which a published store brings along.
    ("loggia-migrations", &[]),
    ("loggia-moving", &["loggia-domain", "loggia-sql"]),
    // The cost of a request, which the layers below it write and the program reads.
    ("loggia-observe", &[]),
    ("loggia-postgres", &["loggia-domain", "loggia-migrations", "loggia-observe", "loggia-sql"]),
    // Cases of the rules alone: it has nothing but tests.
    ("loggia-rules", &[]),
    // The server under load knows no API.
    ("loggia-serve", &[]),
    ("loggia-sql", &["loggia-domain"]),
    ("loggia-sqlite", &["loggia-domain", "loggia-migrations", "loggia-observe", "loggia-sql"]),
    ("loggia-testkit", &["loggia-domain"]),
    ("loggia-testpg", &[]),
    // The tests are programs of their own, and their shared code is a library, which cannot have dev-dependencies.
    ("loggia-tests", &["loggia-migrations", "loggia-postgres", "loggia-testkit", "loggia-testpg"]),
    // The crate that starts the Postgres server of all tests.
    ("xtask", &["loggia-testpg"]),
];

/// The further dependencies of a crate's own tests and examples. The tests of the use cases are the testkit's and want the domain's mocks;
/// the domain's own are for the examples in its documentation.
const TEST_ARROWS: &[(&str, &[&str])] = &[
    ("loggia", &["loggia-testkit"]),
    ("loggia-bench", &[]),
    ("loggia-client", &[]),
    ("loggia-demo", &["loggia-testkit"]),
    ("loggia-domain", &["loggia-domain", "loggia-testkit"]),
    ("loggia-http", &[]),
    ("loggia-migrations", &[]),
    ("loggia-moving", &["loggia-demo", "loggia-domain", "loggia-sqlite"]),
    ("loggia-observe", &[]),
    ("loggia-postgres", &["loggia-testkit", "loggia-testpg"]),
    ("loggia-rules", &["loggia-domain"]),
    ("loggia-serve", &[]),
    ("loggia-sql", &[]),
    ("loggia-sqlite", &["loggia-testkit"]),
    ("loggia-testkit", &["loggia-domain"]),
    ("loggia-testpg", &[]),
    (
        "loggia-tests",
        &[
            "loggia",
            "loggia-client",
            "loggia-domain",
            "loggia-http",
            "loggia-observe",
            "loggia-sql",
            "loggia-sqlite",
        ],
    ),
    ("xtask", &[]),
];

/// Every external dependency of the domain, and whether it is optional.
const DOMAIN_LEANS_ON: &[(&str, bool)] = &[
    ("async-trait", false),
    // The feature `system`: randomness and digests of the machine.
    ("getrandom", true),
    // Equality of two domains is part of the rule that two addresses are one person, so no adapter can decide it. The crate reads no files:
    // its tables are compiled in.
    ("idna", false),
    ("mockall", true),
    // The feature `serde`: values as text and numbers, and no record.
    ("serde", true),
    ("sha2", true),
    ("thiserror", false),
    ("time", false),
    ("unicode-normalization", false),
    ("uuid", false),
];

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn workspace() -> Metadata {
    MetadataCommand::new().manifest_path(root().join("Cargo.toml")).no_deps().exec().unwrap()
}

/// Returns the crates of this workspace that a package depends on, among some kinds of dependencies.
fn arrows(package: &Package, wanted: impl Fn(DependencyKind) -> bool) -> BTreeSet<&str> {
    let ours = package.dependencies.iter().filter(|dependency| dependency.path.is_some());
    ours.filter(|dependency| wanted(dependency.kind)).map(|dependency| dependency.name.as_str()).collect()
}

fn set<'a>(names: &[&'a str]) -> BTreeSet<&'a str> {
    names.iter().copied().collect()
}

#[test]
fn the_crates_have_exactly_these_dependencies() {
    let workspace = workspace();
    let mut found: Vec<_> = workspace
        .packages
        .iter()
        .map(|package| (package.name.as_str(), arrows(package, |kind| kind != DependencyKind::Development)))
        .collect();
    found.sort();
    let expected: Vec<_> = ARROWS.iter().map(|(name, arrows)| (*name, set(arrows))).collect();
    assert_eq!(found, expected);
}

#[test]
fn tests_depend_on_no_more_crates_than_allowed() {
    for package in &workspace().packages {
        let name = package.name.as_str();
        let (_, allowed) = TEST_ARROWS.iter().find(|(named, _)| *named == name).unwrap();
        let found = arrows(package, |kind| kind == DependencyKind::Development);
        let beyond: Vec<_> = found.difference(&set(allowed)).copied().collect();
        assert!(beyond.is_empty(), "the tests of {name} lean on {beyond:?}");
    }
}

#[test]
fn the_domain_depends_on_exactly_these_crates() {
    let workspace = workspace();
    let domain = workspace.packages.iter().find(|package| package.name.as_str() == "loggia-domain").unwrap();
    let mut found: Vec<_> = domain
        .dependencies
        .iter()
        .filter(|dependency| dependency.kind != DependencyKind::Development)
        .map(|dependency| (dependency.name.as_str(), dependency.optional))
        .collect();
    found.sort_unstable();
    assert_eq!(found, DOMAIN_LEANS_ON);
}

#[test]
fn the_domain_uses_no_files_network_or_threads_of_the_standard_library() {
    for (path, text) in sources(&root().join("crates/domain/src")) {
        for window in ["fs", "net", "env", "process", "thread", "os"] {
            let named =
                text.contains(&format!("std::{window}::")) || text.contains(&format!("std::{window};"));
            assert!(!named, "{} names std::{window}", path.display());
        }
    }
}

#[test]
fn the_http_crate_writes_no_sql() {
    for (path, text) in sources(&root().join("crates/http/src")) {
        for word in ["sqlx", "rusqlite", "SELECT ", "INSERT INTO", "DELETE FROM"] {
            assert!(!text.contains(word), "{} says {word}", path.display());
        }
    }
}

/// Returns every Rust file under a folder, with its text.
pub(crate) fn sources(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    gather(folder, &mut found);
    assert!(!found.is_empty(), "{} has sources", folder.display());
    found
}

fn gather(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            gather(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            found.push((path, text));
        }
    }
}

#[test]
fn every_dependency_is_declared_once_for_the_whole_workspace() {
    for package in &workspace().packages {
        let manifest = std::fs::read_to_string(&package.manifest_path).unwrap();
        let mut in_dependencies = false;
        for line in manifest.lines().map(str::trim) {
            if line.starts_with('[') {
                in_dependencies = line.contains("dependencies");
                assert!(
                    !in_dependencies || line.ends_with("dependencies]"),
                    "{}: {line}: one line for each dependency, please",
                    package.name
                );
                continue;
            }
            // With a version, as the workspace declares it, the two packages would be a circle.
            let circle = package.name == "loggia-domain"
                && ["loggia-domain = { path = \".\"", "loggia-testkit = { path = \"../testkit\" }"]
                    .iter()
                    .any(|entry| line.starts_with(entry));
            let inherits = line.contains(".workspace = true") || line.contains("{ workspace = true");
            let is_entry = in_dependencies && !line.is_empty() && !line.starts_with('#');
            assert!(
                !is_entry || circle || inherits,
                "{}: `{line}` belongs in the root Cargo.toml",
                package.name
            );
        }
    }
}
