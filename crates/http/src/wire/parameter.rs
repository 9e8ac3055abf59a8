//! Query parameters. Each is declared once: the reader, the published document and the admission of reads are derived from the declaration.

use loggia_domain::text::SearchText;
use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::json;

use super::schema::{Described, Of, Sent};
use crate::problem::validation::ValueError;

/// Makes a schema. A named schema is added to the document's and referred to.
pub(crate) type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

/// A query parameter with values of type `T`.
pub(crate) struct Parameter<T> {
    pub(crate) declaration: Declaration,
    parse: fn(&str) -> Result<T, ValueError>,
}

/// The facts about a query parameter that do not depend on the type of its values.
pub(crate) struct Declaration {
    /// The name, as it stands in the query.
    pub(crate) name: &'static str,
    /// The description, in Markdown.
    pub(crate) description: &'static str,
    /// The schema of the values.
    pub(crate) schema: SchemaOf,
    /// The cost of a list that is read with the parameter.
    pub(crate) cost: Cost,
    /// The number of records in the response that the parameter limits, if it does.
    pub(crate) rows: Option<Rows>,
    /// `true` if the parameter adds relations to each record of the response.
    pub(crate) adds_relations: bool,
}

/// The cost of a list that is read with a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cost {
    /// The list is still read by keys: it takes as many rows as it returns.
    ByKeys,
    /// The list searches, filters or skips, so the number of rows that it inspects grows with the store.
    Scan,
    /// As [`Cost::Scan`], except with this value, which asks for nothing.
    ScanUnless(&'static str),
}

/// The number of records that a parameter limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rows {
    /// The rows of the list.
    Limit { default: u32, max: u32 },
    /// The rows of a page. Beside a cursor their number is that of the cursor.
    PerPage { default: u32, max: u32 },
    /// The rows within each row of the list, of which there are at most `in_all` on a page.
    Nested { default: u32, max: u32, in_all: u32 },
}

impl<T> Parameter<T> {
    /// Declares a parameter with which a list is still read by keys.
    pub(crate) const fn new(
        name: &'static str,
        description: &'static str,
        schema: SchemaOf,
        parse: fn(&str) -> Result<T, ValueError>,
    ) -> Self {
        let (cost, rows, adds_relations) = (Cost::ByKeys, None, false);
        Self { declaration: Declaration { name, description, schema, cost, rows, adds_relations }, parse }
    }

    /// Sets the cost.
    pub(crate) const fn costing(mut self, cost: Cost) -> Self {
        self.declaration.cost = cost;
        self
    }

    /// Sets the number of records that the parameter limits.
    pub(crate) const fn limiting(mut self, rows: Rows) -> Self {
        self.declaration.rows = Some(rows);
        self
    }

    /// Declares that the parameter adds relations to each record of the response.
    pub(crate) const fn adding_relations(mut self) -> Self {
        self.declaration.adds_relations = true;
        self
    }

    /// Returns the name.
    pub(crate) const fn name(&self) -> &'static str {
        self.declaration.name
    }

    /// Parses a value.
    pub(crate) fn parse(&self, text: &str) -> Result<T, ValueError> {
        (self.parse)(text)
    }
}

impl Declaration {
    /// Returns `true` if a list with this value of the parameter may run long.
    pub(crate) fn runs_long(&self, value: &str) -> bool {
        match self.cost {
            Cost::ByKeys => false,
            Cost::Scan => true,
            Cost::ScanUnless(nothing) => value != nothing,
        }
    }
}

/// Declares the parameter `search`.
pub(crate) const fn search(description: &'static str) -> Parameter<SearchText> {
    let schema: SchemaOf = SchemaGenerator::subschema_for::<Sent<SearchText>>;
    Parameter::new("search", description, schema, |text| SearchText::parse(text).map_err(ValueError::from))
        .costing(Cost::Scan)
}

/// Returns the schema of a type.
pub(crate) fn schema_of<T: Described>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<Of<T>>()
}

/// Returns the schema of a type, or of an empty text.
pub(crate) fn schema_of_or_empty<T: Described>(generator: &mut SchemaGenerator) -> Schema {
    json_schema!({"anyOf": [schema_of::<T>(generator), {"type": "string", "maxLength": 0}]})
}

/// Returns the schema of a whole number.
pub(crate) fn range(min: u32, max: Option<u32>, default: Option<u32>) -> Schema {
    let mut schema = json_schema!({"type": "integer", "minimum": min});
    for (keyword, value) in [("maximum", max), ("default", default)] {
        if let Some(value) = value {
            schema.insert(keyword.to_owned(), json!(value));
        }
    }
    schema
}
