//! The words of an endpoint: what the table of endpoints cannot say.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::json;

use super::Shape;
use super::headers::Header;
use crate::problem::Code;

/// Makes a schema; named ones are noted among the document's, and referred to.
pub(crate) type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

/// Under which heading an endpoint stands.
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
    pub(super) const ALL: [Self; 3] = [Self::Spaces, Self::Projects, Self::Service];

    /// Its name in the document.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Spaces => "spaces dialect",
            Self::Projects => "projects dialect",
            Self::Service => "service",
        }
    }
}

/// A body that is read.
pub(crate) struct Body {
    /// Its name among the document's schemas.
    pub(crate) name: &'static str,
    /// What it is.
    pub(crate) shape: fn() -> Shape,
    /// Whether an array of them, of so many at most, may be sent, too.
    pub(crate) many: Option<usize>,
}

/// An answer that is no refusal.
pub(crate) struct Success {
    /// Its status.
    pub(crate) status: u16,
    /// When it is given.
    pub(crate) description: &'static str,
    /// Its body, if it has one, and the media type.
    pub(crate) content: Option<(&'static str, SchemaOf)>,
    /// Its own headers.
    pub(crate) headers: &'static [Header],
}

/// Where what was answered can be used next.
pub(crate) struct Link {
    /// Its name.
    pub(crate) name: &'static str,
    /// The endpoint that it leads to.
    pub(crate) operation: &'static str,
    /// The parameters there, and where in the request or the answer their values are.
    pub(crate) parameters: &'static [(&'static str, &'static str)],
}

/// The words of an endpoint.
pub(crate) struct Operation {
    /// A name that makes a good method.
    pub(crate) id: &'static str,
    /// Its heading.
    pub(crate) tag: Tag,
    /// What is to be known of it, in Markdown.
    pub(crate) description: &'static str,
    /// What it reads.
    pub(crate) body: Option<Body>,
    /// What it answers when all is well.
    pub(crate) answers: &'static [Success],
    /// Its own refusals, beside those that follow from its kind.
    pub(crate) refusals: &'static [Code],
    /// Where to go on from its first answer.
    pub(crate) links: &'static [Link],
    /// Whether it is about one record with a revision, which conditional requests can name.
    pub(crate) record: bool,
}

impl Operation {
    /// Nothing yet, for the rest of a literal.
    pub(crate) const BARE: Self = Self {
        id: "",
        tag: Tag::Service,
        description: "",
        body: None,
        answers: &[],
        refusals: &[],
        links: &[],
        record: false,
    };
}

const JSON: &str = "application/json";

/// 200 with a body.
pub(super) const fn ok(description: &'static str, schema: SchemaOf) -> Success {
    Success { status: 200, description, content: Some((JSON, schema)), headers: &[] }
}

/// 201 with a body.
pub(super) const fn created(description: &'static str, schema: SchemaOf) -> Success {
    Success { status: 201, description, content: Some((JSON, schema)), headers: &[Header::Location] }
}

impl Success {
    /// The same, with these headers.
    pub(super) const fn with(self, headers: &'static [Header]) -> Self {
        Self { headers, ..self }
    }
}

/// A body of one object.
pub(super) const fn one(name: &'static str, shape: fn() -> Shape) -> Option<Body> {
    Some(Body { name, shape, many: None })
}

/// The schema of a type that is shown as it is.
pub(super) fn of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

fn enclosed(generator: &mut SchemaGenerator, name: &str, data: &Schema) -> Schema {
    let schema = json!({
        "type": "object",
        "properties": {"data": data},
        "required": ["data"],
    });
    generator.definitions_mut().insert(name.to_owned(), schema);
    Schema::new_ref(format!("#{}/{name}", super::SCHEMAS))
}

/// The schema of a type in `{"data": …}`.
pub(super) fn data<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    let schema = generator.subschema_for::<T>();
    enclosed(generator, &format!("{}Data", T::schema_name()), &schema)
}

/// The schema of a list of a type in `{"data": […]}`.
pub(super) fn list<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    let schema = generator.subschema_for::<Vec<T>>();
    enclosed(generator, &format!("{}ListData", T::schema_name()), &schema)
}

/// The schema of one or, where several were sent, of a list of them.
pub(super) fn one_or_list<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    let (one, many) = (generator.subschema_for::<T>(), generator.subschema_for::<Vec<T>>());
    schemars::json_schema!({"oneOf": [one, many]})
}

/// The same in `{"data": …}`.
pub(super) fn data_one_or_list<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    let (one, many) = (data::<T>(generator), list::<T>(generator));
    schemars::json_schema!({"oneOf": [one, many]})
}

impl Body {
    /// The schema of all that may be sent.
    pub(super) fn schema(&self, generator: &mut SchemaGenerator) -> Schema {
        let schema = (self.shape)().into_schema(generator).to_value();
        generator.definitions_mut().insert(self.name.to_owned(), schema);
        let one = Schema::new_ref(format!("#{}/{}", super::SCHEMAS, self.name));
        match self.many {
            None => one,
            Some(most) => schemars::json_schema!({"oneOf": [
                one,
                {"type": "array", "items": one, "minItems": 1, "maxItems": most},
            ]}),
        }
    }
}
