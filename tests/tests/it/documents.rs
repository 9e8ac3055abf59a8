//! Tests of the documents: the README's examples are run, and the tests that ARCHITECTURE.md names exist.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::harness::{Home, member, root, text};

/// A command of the README with its response.
struct Example {
    command: String,
    response: Value,
}

/// Returns the commands that are shown with a response, in order.
fn examples(readme: &str) -> Vec<Example> {
    let blocks = readme.split("```").skip(1).step_by(2).filter_map(|block| block.strip_prefix("console\n"));
    let commands = blocks.flat_map(|block| block.split("$ curl").skip(1));
    commands
        .map(|example| {
            let (command, response) = example.split_once("\n{").unwrap();
            let response = serde_json::from_str(&format!("{{{response}")).unwrap();
            Example { command: format!("curl{command}"), response }
        })
        .collect()
}

/// Compares a value with the README, where `…` stands for any text, since ids and times differ.
fn is_like(shown: &Value, got: &Value) -> bool {
    match (shown, got) {
        (Value::String(shown), Value::String(_)) if shown == "…" => true,
        (Value::Array(shown), Value::Array(got)) => {
            shown.len() == got.len() && shown.iter().zip(got).all(|(shown, got)| is_like(shown, got))
        }
        (Value::Object(shown), Value::Object(got)) => {
            let alike = |(name, shown)| got.get(name).is_some_and(|got| is_like(shown, got));
            shown.len() == got.len() && shown.iter().all(alike)
        }
        _ => shown == got,
    }
}

#[test]
fn the_examples_of_the_readme_get_the_responses_that_it_shows() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let examples = examples(&readme);
    assert_eq!(examples.len(), 2, "there are examples");
    let home = Home::new();
    let mut server = home.serve();
    let printed = server.printed_until(|text| text.contains("curl ")).to_owned();
    let email = printed.split_whitespace().find(|word| word.contains("@example.com")).unwrap();
    let created = home.json(&["keys", "create", "--email", email, "--json"]);
    for Example { command, response } in examples {
        let command = command.replace("127.0.0.1:8080", server.address());
        let key = member(&created, "apiKey");
        let output = Command::new("bash").args(["-c", &command]).env("KEY", key).output().unwrap();
        let got: Value = serde_json::from_str(&text(&output.stdout)).unwrap();
        assert!(is_like(&response, &got), "{command}\nanswered {got}\nand not   {response}");
    }
}

#[test]
fn the_readme_and_the_continuous_integration_run_the_same_command() {
    for path in ["README.md", ".ci/run"] {
        let text = std::fs::read_to_string(root().join(path)).unwrap();
        let named = text.lines().any(|line| {
            let line = line.strip_prefix("$ ").unwrap_or(line);
            line == "cargo xtask test" || line.starts_with("cargo xtask test ")
        });
        assert!(named, "{path} names `cargo xtask test`");
    }
}

/// Returns every name in code quotes that is long enough to be that of a test.
fn sentences(text: &str) -> BTreeSet<&str> {
    let quoted = text.split('`').skip(1).step_by(2);
    let is_sentence = |name: &&str| {
        name.matches('_').count() >= 3
            && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
    };
    quoted.filter(is_sentence).collect()
}

/// Adds every name of a function or in a list of promises, in the files under a folder.
fn names_under(folder: &Path, names: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            names_under(&path, names);
        } else if path.is_file() && path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            let functions = text.split("fn ").skip(1).filter_map(|rest| rest.split(['(', '<']).next());
            names.extend(functions.map(str::to_owned));
        }
    }
}

#[test]
fn the_architecture_names_tests_that_exist() {
    let architecture = std::fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let (_, invariants) = architecture.split_once("## Invariants").unwrap();
    let (invariants, _) = invariants.split_once("## Decisions").unwrap();
    let named = sentences(invariants);
    assert!(named.len() > 30, "only {} tests are named", named.len());
    let mut names = BTreeSet::new();
    names_under(&root().join("crates"), &mut names);
    names_under(&root().join("tests"), &mut names);
    let missing: Vec<_> = named.into_iter().filter(|name| !names.contains(*name)).collect();
    assert!(missing.is_empty(), "ARCHITECTURE.md names {missing:?}");
    for invariant in invariants.split("\n- **").skip(1) {
        assert!(!sentences(invariant).is_empty(), "no test is named for: {invariant}");
    }
}

/// Returns the version of a package in the lock file, without its third number.
fn locked(name: &str) -> String {
    let lock = std::fs::read_to_string(root().join("Cargo.lock")).unwrap();
    let entry = format!("name = \"{name}\"\nversion = \"");
    let (_, version) = lock.split_once(&entry).unwrap();
    version.split('.').take(2).collect::<Vec<_>>().join(".")
}

#[test]
fn the_sqlite_store_names_the_versions_that_fit_beside_it() {
    let documentation = std::fs::read_to_string(root().join("crates/sqlite/src/lib.rs")).unwrap();
    for name in ["libsqlite3-sys", "rusqlite", "sqlx"] {
        let quoted = if name == "libsqlite3-sys" { format!("`{name}`") } else { name.to_owned() };
        let statement = format!("{quoted} {}", locked(name));
        assert!(documentation.contains(&statement), "crates/sqlite/src/lib.rs says {statement}");
    }
}
