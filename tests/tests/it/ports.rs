//! The methods of a store's ports: how many the documentation counts, and that the full stores leave none to its default unawares.

use std::fs;
use std::path::{Path, PathBuf};

/// The core's default methods that a full store may leave: they suit one that excludes all other writers, or has nothing to wait for.
const LEFT: [(&str, &[&str]); 2] = [
    ("sqlite", &["begin_for", "hold_members", "hold_project", "lock_rosters_of"]),
    ("postgres", &["settlement"]),
];

/// A method of a port.
struct Method {
    part: &'static str,
    name: String,
    has_default: bool,
}

fn crates() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates")
}

/// Returns the methods of the traits in a file of `port`.
fn methods(part: &'static str, file: &str) -> Vec<Method> {
    let text = fs::read_to_string(crates().join("domain/src/port").join(file)).unwrap();
    let mut found = Vec::new();
    for body in text.split("\npub trait ").skip(1) {
        let body = body.split("\n}\n").next().unwrap();
        for method in body.split("\n    async fn ").chain(body.split("\n    fn ").skip(1)).skip(1) {
            // A signature ends with the first of these signs at the end of a line.
            let end = method.lines().find(|line| line.ends_with(';') || line.ends_with('{')).unwrap();
            let name = method.split('(').next().unwrap().to_owned();
            found.push(Method { part, name, has_default: end.ends_with('{') });
        }
    }
    found
}

fn all() -> Vec<Method> {
    let core = ["store.rs", "organizations.rs", "work.rs", "events.rs", "views.rs"];
    let capabilities = [
        ("Keys", "keys.rs"),
        ("StoredResponses", "stored_responses.rs"),
        ("Invitations", "invitations.rs"),
        ("Deletion", "deletion.rs"),
        ("Instance", "instance.rs"),
    ];
    let parts = core.map(|file| ("core", file)).into_iter().chain(capabilities);
    parts.flat_map(|(part, file)| methods(part, file)).collect()
}

#[test]
fn the_documentation_counts_the_methods_of_each_part_of_a_store() {
    let text = fs::read_to_string(crates().join("domain/src/port/mod.rs")).unwrap();
    let counted: Vec<(String, usize, usize)> = text
        .lines()
        .filter(|line| line.starts_with("//! | core |") || line.starts_with("//! | [`Capability::"))
        .map(|line| {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            let part = cells[1].trim_start_matches("[`Capability::").trim_end_matches("`]");
            (part.to_owned(), cells[4].parse().unwrap(), cells[5].parse().unwrap())
        })
        .collect();
    let mut present: Vec<(String, usize, usize)> = Vec::new();
    for method in all() {
        if present.last().is_none_or(|(part, ..)| part != method.part) {
            present.push((method.part.to_owned(), 0, 0));
        }
        let (_, required, with_default) = present.last_mut().unwrap();
        *(if method.has_default { with_default } else { required }) += 1;
    }
    assert_eq!(counted, present);
}

/// Returns the text of a file, or of all files in a folder.
fn text_of(path: &Path) -> String {
    if path.is_dir() {
        let entries = fs::read_dir(path).unwrap();
        return entries.map(|entry| text_of(&entry.unwrap().path())).collect();
    }
    fs::read_to_string(path).unwrap()
}

#[test]
fn a_full_store_has_each_method_of_its_own() {
    for (store, left) in LEFT {
        let src = crates().join(store).join("src");
        let text: String =
            ["store.rs", "views.rs", "views", "write"].iter().map(|path| text_of(&src.join(path))).collect();
        let is_there = |name: &str| {
            text.contains(&format!("\n    async fn {name}(")) || text.contains(&format!("\n    fn {name}("))
        };
        let missing: Vec<String> =
            all().into_iter().map(|method| method.name).filter(|name| !is_there(name)).collect();
        assert_eq!(missing, left, "{store}");
    }
}

#[test]
fn the_testkit_and_the_mocks_know_each_method() {
    let of = |path: &str| text_of(&crates().join(path));
    let (intercepted, forgotten) = (of("testkit/src/intercept"), of("testkit/src/contract/forgotten.rs"));
    let mocked = of("domain/src/port/mock.rs") + &of("domain/src/port/mock");
    for Method { part, name, has_default } in all() {
        if matches!(name.as_str(), "begin" | "begin_for" | "commit" | "settlement") {
            continue;
        }
        assert!(mocked.contains(&format!("async fn {name}(")), "the mocks lack {name}");
        // An interceptor passes no read side of a single call on, so that it sees every read.
        assert!(
            name == "open_with_key" || intercepted.contains(&format!("  {name}(")),
            "{name} is not intercepted"
        );
        if part != "core" && has_default && name != "open_with_key" {
            assert!(
                forgotten.contains(&format!("\"{name}\"")),
                "the contract may miss that {name} is forgotten"
            );
        }
    }
}
