//! The JSON Schemas of the fields of requests and responses.

mod described;
mod shape;
mod text_rules;

use schemars::Schema;
use serde_json::Value;

pub(crate) use described::{Described, DisplayId, Of, Sent, Time};
pub(crate) use shape::{Presence, Shape};

/// Turns the `anyOf` that schemars generates for an untagged enum, whose variants exclude each other, into `oneOf`, which client generators
/// understand as a choice.
pub(crate) fn one_of(schema: &mut Schema) {
    let Some(Value::Array(variants)) = schema.remove("anyOf") else { return };
    // A nullable variant becomes two variants.
    let variants = variants.into_iter().flat_map(|variant| match variant.get("anyOf") {
        Some(Value::Array(inner)) => inner.clone(),
        _ => vec![variant],
    });
    schema.insert("oneOf".to_owned(), variants.collect());
}
