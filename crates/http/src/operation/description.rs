//! The parts of an operation: its heading, its body, its responses and its links.

use schemars::{JsonSchema, Schema, SchemaGenerator};

use super::response_header::Header;
use crate::wire::parameter::SchemaOf;
use crate::wire::schema::{SCHEMAS, Shape};

/// The heading under which an endpoint stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tag {
    /// `/api/v1`
    Spaces,
    /// `/v2`
    Projects,
    /// Health and documents.
    Service,
}

impl Tag {
    pub(crate) const ALL: [Self; 3] = [Self::Spaces, Self::Projects, Self::Service];

    /// Returns the heading's name in the document.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Spaces => "spaces dialect",
            Self::Projects => "projects dialect",
            Self::Service => "service",
        }
    }
}

/// The kind of body that an endpoint reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyRule {
    /// No body. A body that is sent is ignored.
    None,
    /// JSON.
    Json,
    /// JSON or a JSON merge patch (RFC 7396).
    Patch,
    /// JSON, a JSON merge patch (RFC 7396), or no body at all.
    OptionalPatch,
}

/// A request body.
#[derive(Clone, Copy)]
pub(crate) struct Body {
    /// The kind of body.
    pub(crate) rule: BodyRule,
    /// The name among the document's schemas.
    pub(crate) name: &'static str,
    /// The shape of the object.
    pub(crate) shape: fn() -> Shape,
    /// The maximum length of an array of such objects, or `None` if an array is not accepted.
    pub(crate) many: Option<usize>,
}

/// A successful response.
pub(crate) struct Success {
    /// The status.
    pub(crate) status: u16,
    /// The description.
    pub(crate) description: &'static str,
    /// The possible media types and the schema of the body, if it has one.
    pub(crate) content: Option<(&'static [&'static str], SchemaOf)>,
    /// The headers beside those of every response.
    pub(crate) headers: &'static [Header],
}

/// A link from a response to an operation that takes a value of the response (OpenAPI's Link Object).
pub(crate) struct Link {
    /// The link's name.
    pub(crate) name: &'static str,
    /// The id of the operation that it leads to.
    pub(crate) operation: &'static str,
    /// The parameters of that operation, and the expressions that name their values in the request or the response.
    pub(crate) parameters: &'static [(&'static str, &'static str)],
}

pub(crate) const JSON: &[&str] = &["application/json"];

/// Returns a response 200 with a body.
pub(crate) const fn ok(description: &'static str, schema: SchemaOf) -> Success {
    Success { status: 200, description, content: Some((JSON, schema)), headers: &[] }
}

/// Returns a response 201 with a body.
pub(crate) const fn created(description: &'static str, schema: SchemaOf) -> Success {
    Success { status: 201, description, content: Some((JSON, schema)), headers: &[Header::Location] }
}

impl Success {
    /// Sets the headers of its own.
    pub(crate) const fn with(self, headers: &'static [Header]) -> Self {
        Self { headers, ..self }
    }
}

/// Returns a JSON body of one object.
pub(crate) const fn json(name: &'static str, shape: fn() -> Shape) -> Option<Body> {
    Some(Body { rule: BodyRule::Json, name, shape, many: None })
}

/// Returns a merge patch of one object.
pub(crate) const fn patch(name: &'static str, shape: fn() -> Shape) -> Option<Body> {
    Some(Body { rule: BodyRule::Patch, name, shape, many: None })
}

/// Returns a merge patch of one object, which may be absent.
pub(crate) const fn optional_patch(name: &'static str, shape: fn() -> Shape) -> Option<Body> {
    Some(Body { rule: BodyRule::OptionalPatch, name, shape, many: None })
}

/// Returns the schema of a type.
pub(crate) fn schema_of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

fn enclosed(generator: &mut SchemaGenerator, name: &str, data: &Schema) -> Schema {
    let schema = serde_json::json!({
        "type": "object",
        "properties": {"data": data},
        "required": ["data"],
    });
    generator.definitions_mut().insert(name.to_owned(), schema);
    Schema::new_ref(format!("#{}/{name}", SCHEMAS))
}

/// Returns the schema of a type in `{"data": …}`.
pub(crate) fn data<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    let schema = generator.subschema_for::<T>();
    enclosed(generator, &format!("{}Data", T::schema_name()), &schema)
}

/// Returns the schema of a list of a type in `{"data": […]}`.
pub(crate) fn list<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    let schema = generator.subschema_for::<Vec<T>>();
    enclosed(generator, &format!("{}ListData", T::schema_name()), &schema)
}

/// Returns the schema of one value or, for a request with an array, of a list of them.
pub(crate) fn one_or_list<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    let (one, many) = (generator.subschema_for::<T>(), generator.subschema_for::<Vec<T>>());
    schemars::json_schema!({"oneOf": [one, many]})
}

/// Returns the schema of one value in `{"data": …}` or, for a request with an array, of a list in `{"data": […]}`.
pub(crate) fn data_one_or_list<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    let (one, many) = (data::<T>(generator), list::<T>(generator));
    schemars::json_schema!({"oneOf": [one, many]})
}

impl Body {
    /// Returns the schema of everything that may be sent.
    pub(crate) fn schema(&self, generator: &mut SchemaGenerator) -> Schema {
        let schema = (self.shape)().into_schema(generator).to_value();
        generator.definitions_mut().insert(self.name.to_owned(), schema);
        let one = Schema::new_ref(format!("#{}/{}", SCHEMAS, self.name));
        match self.many {
            None => one,
            Some(most) => schemars::json_schema!({"oneOf": [
                one,
                {"type": "array", "items": one, "minItems": 1, "maxItems": most},
            ]}),
        }
    }
}
