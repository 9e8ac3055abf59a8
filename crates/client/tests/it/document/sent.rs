//! The requests of the client, compared with the document.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{ALIASES, DOCUMENT, Operation, operations, resolved};
use crate::KEY;
use crate::server::Received;

/// The parts of requests that all calls together have sent, by operation.
#[derive(Default)]
pub(super) struct All(BTreeMap<&'static str, Sent>);

#[derive(Default)]
struct Sent {
    query: BTreeSet<String>,
    fields: BTreeSet<String>,
    nulls: BTreeSet<String>,
    conditions: BTreeSet<Option<&'static str>>,
}

/// Parameters and fields that the client does not send, because of another that says the same.
const NOT_SENT: &[(&str, &str)] = &[("removeProjectMember", "member_node_id")];

impl All {
    /// Compares one request with its operation.
    pub(super) fn add(&mut self, id: &'static str, received: &Received) {
        let operation = operations()[id];
        let sent = self.0.entry(id).or_default();
        let (path, query) = received.target.split_once('?').unwrap_or((&received.target, ""));
        assert_eq!(received.method.to_ascii_lowercase(), operation.method, "{id}");
        assert!(fits(operation.path, path), "{id}: {path}");
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            assert!(valid(parameter(operation, &name), &value), "{id}: {name}={value}");
            sent.query.insert(name.into_owned());
        }
        let headers = operation.parameters("header");
        assert_eq!(received.header("idempotency-key").is_some(), headers.contains("Idempotency-Key"), "{id}");
        for name in ["If-Match", "If-None-Match"] {
            if received.header(&name.to_ascii_lowercase()).is_some() {
                assert!(headers.contains(name), "{id}: {name}");
                sent.conditions.insert(Some(name));
            }
        }
        if received.header("if-match").or(received.header("if-none-match")).is_none() {
            sent.conditions.insert(None);
        }
        let has_key = operation.value["security"].as_array().is_none_or(|needed| !needed.is_empty());
        let bearer = format!("Bearer {KEY}");
        assert_eq!(received.header("authorization"), has_key.then_some(bearer.as_str()), "{id}");
        sent.body(id, operation, received);
    }

    /// Checks that nothing of the document was never sent.
    pub(super) fn check(&self) {
        for (id, operation) in operations() {
            if ALIASES.iter().any(|(alias, _)| *alias == id) {
                continue;
            }
            let sent = &self.0[id];
            let is_sent = |name: &str| !NOT_SENT.contains(&(id, name));
            let expected: BTreeSet<_> =
                operation.parameters("query").into_iter().map(str::to_owned).collect();
            assert_eq!(sent.query, expected, "the query of {id}");
            let headers = operation.parameters("header");
            for name in ["If-Match", "If-None-Match"] {
                assert_eq!(
                    sent.conditions.contains(&Some(name)),
                    headers.contains(name) && has_record(operation),
                    "{id}: {name}"
                );
            }
            assert!(sent.conditions.contains(&None), "{id} is called without a condition too");
            for (name, schema) in fields(operation).into_iter().filter(|(name, _)| is_sent(name)) {
                assert!(sent.fields.contains(name), "{name} of {id} is never sent");
                let is_patch = operation.method == "patch";
                assert!(
                    !is_patch || !may_be_null(schema) || sent.nulls.contains(name),
                    "{name} of {id} is never cleared"
                );
            }
        }
    }
}

/// Returns `true` if the operation is about a record: documents have tags too, which no call of the client compares.
fn has_record(operation: Operation) -> bool {
    operation.path.starts_with("/api") || operation.path.starts_with("/v2")
}

impl Sent {
    fn body(&mut self, id: &str, operation: Operation, received: &Received) {
        let Some(schema) = operation.request() else {
            assert!(received.body.is_empty(), "{id} has no body");
            return;
        };
        let media_type = received.header("content-type").unwrap();
        let media_types = operation.value["requestBody"]["content"].as_object().unwrap();
        assert!(media_types.contains_key(media_type), "{id}: {media_type}");
        let is_patch = operation.method == "patch";
        assert_eq!(media_type.contains("merge-patch"), is_patch, "{id}");
        let body: Value = serde_json::from_slice(&received.body).unwrap();
        let mut whole = schema.clone();
        whole["components"] = DOCUMENT["components"].clone();
        let validator =
            jsonschema::draft202012::options().should_validate_formats(true).build(&whole).expect("a schema");
        let errors: Vec<_> = validator.iter_errors(&body).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{id}: {errors:?} in {body}");
        let record = body.as_array().map_or(&body, |records| &records[0]);
        for (name, value) in record.as_object().unwrap() {
            self.fields.insert(name.clone());
            if value.is_null() {
                self.nulls.insert(name.clone());
            }
        }
    }
}

/// Returns the fields of a request body, each with its schema.
fn fields(operation: Operation) -> Vec<(&'static str, &'static Value)> {
    let Some(schema) = operation.request().map(resolved) else { return Vec::new() };
    let record = schema["oneOf"].as_array().map_or(schema, |shapes| resolved(&shapes[0]));
    record["properties"].as_object().unwrap().iter().map(|(name, schema)| (name.as_str(), schema)).collect()
}

fn may_be_null(schema: &Value) -> bool {
    schema["anyOf"].as_array().is_some_and(|schemas| schemas.iter().any(|schema| schema["type"] == "null"))
}

/// Returns `true` if a path has the segments of a template.
fn fits(template: &str, path: &str) -> bool {
    let (mut wanted, mut found) = (template.split('/'), path.split('/'));
    wanted.by_ref().zip(found.by_ref()).all(|(wanted, found)| wanted == found || wanted.starts_with('{'))
        && template.split('/').count() == path.split('/').count()
}

/// Returns the schema of a query parameter.
fn parameter(operation: Operation, name: &str) -> &'static Value {
    let mut parameters = operation.value["parameters"].as_array().into_iter().flatten().map(resolved);
    let found = parameters.find(|parameter| parameter["in"] == "query" && parameter["name"] == name);
    &found.unwrap_or_else(|| panic!("{} has no parameter {name}", operation.path))["schema"]
}

/// Returns `true` if a text is valid as a query parameter: as itself, or as the number or truth value that it denotes.
fn valid(schema: &'static Value, text: &str) -> bool {
    let mut whole = schema.clone();
    whole["components"] = DOCUMENT["components"].clone();
    let validator = jsonschema::draft202012::new(&whole).expect("a schema");
    let denoted = serde_json::from_str::<Value>(text).unwrap_or(Value::Null);
    validator.is_valid(&json!(text)) || validator.is_valid(&denoted)
}
