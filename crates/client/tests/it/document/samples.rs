//! Samples of a JSON Schema.

use serde_json::{Value, json};

use super::{DOCUMENT, resolved};

/// The extent of a sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sample {
    /// Every field, none of them null.
    Full,
    /// Required fields only, null where they may be.
    Minimal,
}

/// Texts of which one fits each schema of a text, by its pattern.
const TEXTS: &[&str] = &[
    "A text",
    "1.2",
    "lga_XGrYh4dX",
    "https://example.com/a.png",
    "2026-01-31T08:30:00.000Z",
    "/name",
    "r-1",
    "/docs/errors/BUSY",
    "urn:loggia:request:r-1",
];

/// Returns a sample. If a schema is one of several, `shape` says which of them, unless it is null.
pub(super) fn sample(schema: &'static Value, kind: Sample, shape: usize) -> Value {
    let schema = resolved(schema);
    if let Some(constant) = schema.get("const") {
        return constant.clone();
    }
    if let Some(names) = schema["enum"].as_array() {
        let is_null = kind == Sample::Minimal && names.contains(&Value::Null);
        return if is_null { Value::Null } else { names[0].clone() };
    }
    if let Some(schemas) = schema["anyOf"].as_array().or(schema["oneOf"].as_array()) {
        let is_null = |schema: &Value| schema["type"] == "null";
        if kind == Sample::Minimal && schemas.iter().any(is_null) {
            return Value::Null;
        }
        let schemas: Vec<_> = schemas.iter().filter(|schema| !is_null(schema)).collect();
        return sample(schemas[shape.min(schemas.len() - 1)], kind, shape);
    }
    let types: Vec<_> = match &schema["type"] {
        Value::Array(types) => types.iter().map(|name| name.as_str().unwrap()).collect(),
        name => vec![name.as_str().unwrap_or_else(|| panic!("a type in {schema}"))],
    };
    if kind == Sample::Minimal && types.contains(&"null") {
        return Value::Null;
    }
    match types[0] {
        "boolean" => json!(true),
        "integer" => json!(schema["minimum"].as_u64().unwrap_or(0) + 3),
        "array" => json!([sample(&schema["items"], kind, shape)]),
        "object" => object(schema, kind, shape),
        "string" => text(schema),
        other => panic!("a sample of {other}"),
    }
}

fn object(schema: &'static Value, kind: Sample, shape: usize) -> Value {
    let required =
        |name: &str| schema["required"].as_array().is_some_and(|names| names.iter().any(|own| own == name));
    let properties = schema["properties"].as_object().into_iter().flatten();
    let mut members: serde_json::Map<_, _> = properties
        .filter(|(name, _)| kind == Sample::Full || required(name))
        .map(|(name, schema)| (name.clone(), sample(schema, kind, shape)))
        .collect();
    // An object whose keys are data.
    for name in schema["propertyNames"]["enum"].as_array().into_iter().flatten() {
        members
            .insert(name.as_str().unwrap().to_owned(), sample(&schema["additionalProperties"], kind, shape));
    }
    Value::Object(members)
}

fn text(schema: &'static Value) -> Value {
    let validator = jsonschema::draft202012::new(schema).expect("a schema");
    let with_prefix = |prefix: &str| format!("{prefix}_{}", "0Az".repeat(17).split_at(49).0);
    let id = "01930000-0000-7000-8000-000000000001".to_owned();
    let texts = TEXTS.iter().map(|text| (*text).to_owned());
    // A schema with a form only has no pattern to choose by.
    let first = (schema["format"] == "email").then(|| "ada@example.com".to_owned());
    let mut texts = first.into_iter().chain(texts).chain([with_prefix("lga"), with_prefix("lgi"), id]);
    let found = texts.find(|text| validator.is_valid(&json!(text)));
    json!(found.unwrap_or_else(|| panic!("a text for {schema}")))
}

#[test]
fn samples_are_valid() {
    let names = ["SpaceData", "Project", "NestedTask", "IssuedApiKeyData", "PermissionsData", "Problem"];
    for name in names {
        let pointer = format!("#/components/schemas/{name}");
        let whole = json!({"$ref": pointer, "components": DOCUMENT["components"]});
        let validator = jsonschema::draft202012::new(&whole).expect("a schema");
        for kind in [Sample::Full, Sample::Minimal] {
            let sample = sample(&DOCUMENT["components"]["schemas"][name], kind, 0);
            assert!(validator.is_valid(&sample), "{name}: {sample}");
        }
    }
}

#[test]
fn a_problem_is_read_with_all_its_fields() {
    for kind in [Sample::Full, Sample::Minimal] {
        let sample = sample(&DOCUMENT["components"]["schemas"]["Problem"], kind, 0);
        let problem: loggia_client::Problem = serde_json::from_value(sample.clone()).unwrap();
        assert_eq!(json!(problem), sample);
    }
}
