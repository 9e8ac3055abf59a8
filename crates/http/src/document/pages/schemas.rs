//! Schemas as HTML tables.

use serde_json::Value;

use super::html::{escaped, inline};

/// Returns the name of the schema that a reference leads to.
fn referred(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str().and_then(|reference| reference.rsplit('/').next())
}

/// Describes a type in a few words, with links to named schemas.
pub(super) fn type_of(schema: &Value) -> String {
    if let Some(name) = referred(schema) {
        return format!("<a href=\"#schema-{name}\">{name}</a>");
    }
    for keyword in ["oneOf", "anyOf"] {
        if let Some(choices) = schema[keyword].as_array() {
            return choices.iter().map(type_of).collect::<Vec<_>>().join(" or ");
        }
    }
    if let Some(value) = schema.get("const") {
        return format!("<code>{}</code>", escaped(&value.to_string()));
    }
    let mut words: Vec<String> = match &schema["type"] {
        Value::String(word) if word == "array" => {
            vec![format!("array of {}", type_of(&schema["items"]))]
        }
        Value::String(word) => vec![word.clone()],
        Value::Array(words) => vec![words.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" or ")],
        _ => vec!["any".to_owned()],
    };
    if schema["maxLength"] == 0 {
        words = vec!["empty".to_owned()];
    }
    words.extend(schema["format"].as_str().map(|format| format!("({format})")));
    words.join(" ")
}

/// Describes the limits and the default of a value.
fn limits(schema: &Value) -> String {
    let mut limits = Vec::new();
    if let Some(words) = schema["enum"].as_array() {
        let words: Vec<_> = words.iter().filter_map(Value::as_str).collect();
        limits.push(
            words.iter().map(|word| format!("<code>{}</code>", escaped(word))).collect::<Vec<_>>().join(", "),
        );
    }
    let pair = |least: &str, most: &str| match (schema[least].as_u64(), schema[most].as_u64()) {
        (Some(least), Some(most)) => Some(format!("{least} to {most}")),
        (Some(least), None) => Some(format!("at least {least}")),
        (None, Some(most)) => Some(format!("at most {most}")),
        (None, None) => None,
    };
    limits.extend(pair("minimum", "maximum"));
    limits.extend(
        pair("minLength", "maxLength")
            .filter(|_| schema["maxLength"] != 0)
            .map(|pair| format!("{pair} characters")),
    );
    limits.extend(pair("minItems", "maxItems").map(|pair| format!("{pair} elements")));
    limits.extend(
        schema.get("default").map(|value| format!("default <code>{}</code>", escaped(&value.to_string()))),
    );
    limits.join("; ")
}

/// Describes a value: its description and its limits.
pub(super) fn notes(schema: &Value, description: Option<&Value>) -> String {
    let description = description.or_else(|| schema.get("description")).and_then(Value::as_str);
    let parts = [description.map(inline).unwrap_or_default(), limits(schema)];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Returns a table of an object's fields, or a paragraph for any other schema.
pub(super) fn table(schema: &Value) -> String {
    let Some(properties) = schema["properties"].as_object() else {
        return format!("<p>{}. {}</p>\n", type_of(schema), notes(schema, None));
    };
    let required: Vec<_> =
        schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let row = |(name, schema): (&String, &Value)| {
        let must = if required.contains(&name.as_str()) { "" } else { " <em>optional</em>" };
        let (name, kind, notes) = (escaped(name), type_of(schema), notes(schema, None));
        format!("<tr><td><code>{name}</code>{must}</td><td>{kind}</td><td>{notes}</td></tr>\n")
    };
    let rows: String = properties.iter().map(row).collect();
    let about =
        schema["description"].as_str().map(|text| format!("<p>{}</p>\n", inline(text))).unwrap_or_default();
    format!("{about}<table>\n{rows}</table>\n")
}
