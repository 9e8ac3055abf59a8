//! The document's schemas, each compiled once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use jsonschema::{Draft, Validator};
use serde_json::{Value, json};

pub(super) struct Schemas {
    /// Every named schema, closed.
    components: Value,
    compiled: Mutex<HashMap<String, Arc<Validator>>>,
}

/// Closes a schema: objects may have no fields that it does not name.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            if members.get("properties").is_some_and(Value::is_object)
                && members.get("type") == Some(&json!("object"))
            {
                members.entry("additionalProperties").or_insert(json!(false));
            }
            members.values_mut().for_each(close);
        }
        Value::Array(elements) => elements.iter_mut().for_each(close),
        _ => (),
    }
}

impl Schemas {
    pub(super) fn from_document(document: &Value) -> Self {
        let mut schemas = document["components"]["schemas"].clone();
        close(&mut schemas);
        Self { components: json!({"schemas": schemas}), compiled: Mutex::default() }
    }

    fn compiled(&self, schema: &Value) -> Arc<Validator> {
        let text = schema.to_string();
        let mut compiled = self.compiled.lock().unwrap_or_else(PoisonError::into_inner);
        let validator = compiled.entry(text).or_insert_with(|| {
            let mut whole = schema.clone();
            close(&mut whole);
            whole["components"] = self.components.clone();
            let validator = jsonschema::options().with_draft(Draft::Draft202012).build(&whole);
            Arc::new(validator.unwrap_or_else(|error| panic!("{error} in {schema}")))
        });
        validator.clone()
    }

    /// Adds the differences between a value and its schema.
    pub(super) fn check(&self, schema: &Value, value: &Value, findings: &mut Vec<String>) {
        let validator = self.compiled(schema);
        let errors = validator.iter_errors(value);
        findings.extend(errors.map(|error| format!("{} at {}", error, error.instance_path())));
    }
}
