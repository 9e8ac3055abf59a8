//! The shape of an object in a request body, as its reader asks for it.

use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};

use super::described::{Described, Sent};

/// The presence of a field: whether it may be absent, and whether it may be null.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Presence {
    /// The field must be present and not null.
    Required,
    /// The field may be absent, but not null.
    Optional,
    /// The field may be absent or null.
    Nullable,
}

struct Field {
    name: &'static str,
    presence: Presence,
    schema: Box<dyn Fn(&mut SchemaGenerator) -> Schema>,
    /// The schema keywords of this field beside those of its type.
    notes: Map<String, Value>,
}

/// The fields of an object, in the order in which the reader asks for them.
#[derive(Default)]
pub(crate) struct Shape {
    fields: Vec<Field>,
    rules: Map<String, Value>,
}

impl Shape {
    /// Adds a field that is parsed into a `T`.
    pub(crate) fn note<T: Described>(&mut self, name: &'static str, presence: Presence) {
        // A pointer, since the function itself lives no longer than `T`.
        let schema: fn(&mut SchemaGenerator) -> Schema = SchemaGenerator::subschema_for::<Sent<T>>;
        self.fields.push(Field { name, presence, schema: Box::new(schema), notes: Map::new() });
    }

    /// Adds a list of at most `max` objects of the shape `item`, which may be absent.
    pub(crate) fn note_list(&mut self, name: &'static str, max: usize, item: fn() -> Self) {
        let schema = Box::new(move |generator: &mut SchemaGenerator| {
            let items = item().into_schema(generator);
            json_schema!({"type": "array", "items": items, "maxItems": max})
        });
        self.fields.push(Field { name, presence: Presence::Optional, schema, notes: Map::new() });
    }

    /// Adds a schema keyword to a field, such as its default.
    pub(crate) fn with(mut self, name: &str, keyword: &str, value: impl Into<Value>) -> Self {
        let field = self.fields.iter_mut().find(|field| field.name == name);
        if let Some(field) = field {
            field.notes.insert(keyword.to_owned(), value.into());
        }
        self
    }

    /// Adds a schema keyword to the object as a whole.
    pub(crate) fn rule(mut self, keyword: &str, value: impl Into<Value>) -> Self {
        self.rules.insert(keyword.to_owned(), value.into());
        self
    }

    /// Returns the schema, which allows these fields only.
    pub(crate) fn into_schema(self, generator: &mut SchemaGenerator) -> Schema {
        let required: Vec<_> = self
            .fields
            .iter()
            .filter(|field| field.presence == Presence::Required)
            .map(|field| field.name)
            .collect();
        let properties: Map<String, Value> = self
            .fields
            .iter()
            .map(|field| {
                let schema = (field.schema)(generator);
                (field.name.to_owned(), property(schema, field.presence, field.notes.clone()))
            })
            .collect();
        let mut schema =
            json_schema!({"type": "object", "properties": properties, "additionalProperties": false});
        if !required.is_empty() {
            schema.insert("required".to_owned(), json!(required));
        }
        for (keyword, value) in self.rules {
            schema.insert(keyword, value);
        }
        schema
    }
}

fn property(schema: Schema, presence: Presence, notes: Map<String, Value>) -> Value {
    let mut value = match presence {
        Presence::Nullable => json!({"anyOf": [schema, {"type": "null"}]}),
        Presence::Required | Presence::Optional => schema.to_value(),
    };
    if let Value::Object(members) = &mut value {
        members.extend(notes);
    }
    value
}
