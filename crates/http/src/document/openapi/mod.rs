//! The published description of the API: OpenAPI 3.1, made from the table of endpoints, the readers of bodies, the types of responses and
//! the domain's own limits and words.
//!
//! - `parameters`, `answers` and `refusals` make the parts of an operation, `paths` and `info` the rest.

mod answers;
mod edition;
mod examples;
mod headers;
mod info;
mod parameters;
mod paths;
mod refusals;
mod shared;

#[cfg(test)]
mod tests;

pub(crate) use edition::Edition;

use std::sync::OnceLock;

use serde_json::{Map, Value, json};

use crate::wire::schema;

/// Returns the whole document.
pub fn document() -> Value {
    let mut generator = schema::generator();
    let mut paths = paths::paths(&mut generator);
    let responses = shared::share_refusals(&mut paths);
    let schemas = shared::schemas(generator.take_definitions(true));
    json!({
        "openapi": "3.1.0",
        "info": info::info(),
        // Relative to the URL of the document (OpenAPI 3.1.0, 4.8.5), so that it also holds behind a path prefix.
        "servers": [{"url": ".", "description": "The URL of this document without its last segment"}],
        "security": [{"apiKey": []}],
        "tags": info::tags(),
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": responses,
            "parameters": parameters::shared(),
            "headers": headers::shared(),
            "securitySchemes": info::security(),
        },
    })
}

/// Returns the document's text, which is the same wherever it is shown.
pub fn text() -> &'static str {
    static TEXT: OnceLock<String> = OnceLock::new();
    TEXT.get_or_init(|| written(&document()))
}

/// Returns the text of a document.
pub(crate) fn written(document: &Value) -> String {
    let text = serde_json::to_string_pretty(document).unwrap_or_default();
    escape_noncharacters(&text) + "\n"
}

/// Escapes the noncharacters in patterns, since many programs fail on unescaped ones.
fn escape_noncharacters(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if u32::from(c) & 0xFFFE == 0xFFFE {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                escaped.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            escaped.push(c);
        }
    }
    escaped
}

/// An object of the document.
type Object = Map<String, Value>;

/// Returns a reference to a shared part.
fn reference(kind: &str, name: &str) -> Value {
    json!({"$ref": format!("#/components/{kind}/{name}")})
}
