//! The rules of `loggia-domain` as named cases: no store, no async runtime, no mock. `cargo test -p loggia-rules` builds the domain alone.
//!
//! Each module states one family of rules as tables or as every combination of a few values, and what is expected of each in words of its
//! own: nothing here asks the domain what is right.
#![cfg(test)]

mod cases;
mod dates;
mod keys;
mod members;
mod outlines;
mod policy;
mod records;
mod revisions;
mod rosters;
mod texts;

use std::collections::BTreeSet;

use crate::cases::Cases;

/// Every family of cases.
const FAMILIES: &[fn() -> Cases] = &[
    policy::cases,
    policy::creation_of_organizations,
    members::cases,
    rosters::removals,
    rosters::roles,
    rosters::batches,
    revisions::cases,
    dates::ranges,
    dates::patches,
    dates::texts,
    outlines::texts,
    outlines::choices,
    outlines::orders,
    keys::lives,
    texts::lengths,
    texts::characters,
    texts::addresses,
];

#[test]
fn a_thousand_cases_have_names_of_their_own() {
    let names: Vec<String> = FAMILIES.iter().flat_map(|cases| cases().into_names()).collect();
    let different: BTreeSet<&String> = names.iter().collect();
    assert_eq!(different.len(), names.len(), "two cases have the same name");
    assert!(names.len() >= 1_000, "{} cases", names.len());
}
