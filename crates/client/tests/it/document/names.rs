//! The names of the document: codes, states, roles, orders.

use std::collections::BTreeSet;

use loggia_client::{
    Ability, Action, DenialReason, Descendants, Direction, FieldCode, MemberOrder, OrganizationRole,
    Priority, ProblemCode, ProjectOrder, ProjectRole, ScopeKind, SpaceOrder, SpaceStatus, TaskStatus,
    UserKind, Visibility,
};
use serde_json::Value;

use super::DOCUMENT;

/// Every enum of the client that stands in the document.
const KNOWN: &[&[&str]] = &[
    Ability::KNOWN,
    Action::KNOWN,
    DenialReason::KNOWN,
    Descendants::KNOWN,
    Direction::KNOWN,
    FieldCode::KNOWN,
    MemberOrder::KNOWN,
    OrganizationRole::KNOWN,
    Priority::KNOWN,
    ProblemCode::KNOWN,
    ProjectOrder::KNOWN,
    ProjectRole::KNOWN,
    ScopeKind::KNOWN,
    SpaceOrder::KNOWN,
    SpaceStatus::KNOWN,
    TaskStatus::KNOWN,
    UserKind::KNOWN,
    Visibility::KNOWN,
];

/// Gathers the enums in a part of the document.
fn enums(value: &'static Value, found: &mut BTreeSet<Vec<&'static str>>) {
    match value {
        Value::Object(members) => {
            if let Some(names) = members.get("enum").and_then(Value::as_array) {
                found.insert(names.iter().filter_map(Value::as_str).collect());
            }
            members
                .iter()
                .filter(|(name, _)| *name != "example" && *name != "examples")
                .for_each(|(_, value)| enums(value, found));
        }
        Value::Array(elements) => elements.iter().for_each(|value| enums(value, found)),
        _ => {}
    }
}

#[test]
fn the_enums_of_the_client_are_those_of_the_document() {
    let mut documented = BTreeSet::new();
    enums(&DOCUMENT, &mut documented);
    // The names of files and of codes in the paths of documents are not the API's.
    documented.retain(|names| !names.iter().any(|name| name.contains("swagger")));
    let known: BTreeSet<_> = KNOWN.iter().map(|names| names.to_vec()).collect();
    assert_eq!(known, documented);
}

#[test]
fn an_unknown_enum_value_is_preserved() {
    let role: OrganizationRole = serde_json::from_str(r#""auditor""#).unwrap();
    assert_eq!(role, OrganizationRole::Other("auditor".to_owned()));
    assert_eq!(serde_json::to_string(&role).unwrap(), r#""auditor""#);
}
