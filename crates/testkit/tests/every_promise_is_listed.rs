//! Every promise of the contract is in its list, since only listed promises are tested.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Returns the names that follow `prefix` at the beginning of a line.
fn names<'a>(text: &'a str, prefix: &'a str) -> impl Iterator<Item = &'a str> {
    let name = move |line: &'a str| line.trim().strip_prefix(prefix)?.split(['(', ',', '<']).next();
    text.lines().filter_map(name)
}

#[test]
fn every_promise_is_in_the_list_of_its_topic() {
    let contract = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/contract");
    let mut written = BTreeSet::new();
    for entry in fs::read_dir(&contract).expect("the contract's sources") {
        let path = entry.expect("a file").path();
        let topic = path.file_stem().and_then(|stem| stem.to_str()).expect("a name").to_owned();
        let text = fs::read_to_string(&path).expect("a source");
        let promises = names(&text, "pub async fn ").filter(|name| *name != "begin");
        written.extend(promises.map(|name| format!("{topic}::{name}")));
    }
    let list = fs::read_to_string(contract.join("list.rs")).expect("the list");
    let mut listed = BTreeSet::new();
    let mut topic = "";
    for line in list.lines().map(str::trim).skip_while(|line| *line != "macro_rules! __promises {") {
        if let Some(name) = line.strip_suffix(" {") {
            topic = name;
        } else if let Some(name) = line.strip_suffix(',') {
            listed.insert(format!("{topic}::{name}"));
        }
    }
    assert!(listed.len() > 50, "the list was found");
    assert_eq!(listed, written);
}
