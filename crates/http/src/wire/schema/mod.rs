//! The JSON Schemas of the fields of requests and responses.

mod described;
mod shape;
mod text_rules;

use schemars::generate::SchemaSettings;
use schemars::{Schema, SchemaGenerator};
use serde_json::Value;

pub(crate) use described::{Described, DisplayId, Of, Sent, Time};
pub(crate) use shape::{Presence, Shape};

/// The path of the schemas in the document, as its references name it.
pub(crate) const SCHEMAS: &str = "/components/schemas";

/// Returns a generator of schemas, which adds the named ones to its definitions.
pub(crate) fn generator() -> SchemaGenerator {
    let settings = SchemaSettings::draft2020_12().for_serialize().with(|settings| {
        settings.definitions_path = SCHEMAS.into();
        settings.meta_schema = None;
    });
    SchemaGenerator::new(settings)
}

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
