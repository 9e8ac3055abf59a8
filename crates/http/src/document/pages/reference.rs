//! The description of the API as one page.

use std::fmt::Write as _;

use serde_json::Value;

use super::framed;
use super::html::{escaped, inline, markdown};
use super::schemas::{notes, table, type_of};

/// Renders the document as a page.
pub(super) fn page(document: &Value) -> String {
    let mut operations = String::new();
    let mut index = String::new();
    for tag in document["tags"].as_array().into_iter().flatten() {
        let name = tag["name"].as_str().unwrap_or_default();
        let _ = write!(index, "<h2>{}</h2>\n<ul>\n", escaped(name));
        let _ =
            write!(operations, "<h2>{}</h2>\n<p>{}</p>\n", escaped(name), inline(text(&tag["description"])));
        for (path, method, operation) in
            all(document).filter(|(_, _, operation)| operation["tags"][0] == name)
        {
            let id = text(&operation["operationId"]);
            let _ =
                writeln!(index, "<li><a href=\"#{id}\">{}</a></li>", escaped(text(&operation["summary"])));
            operations.push_str(&section(document, path, method, operation));
        }
        index.push_str("</ul>\n");
    }
    let schemas = document["components"]["schemas"].as_object().into_iter().flatten();
    let schemas: String = schemas
        .map(|(name, schema)| {
            format!("<section id=\"schema-{name}\">\n<h3>{name}</h3>\n{}</section>\n", table(schema))
        })
        .collect();
    let title = text(&document["info"]["title"]);
    let body = format!(
        "<nav>\n<p><strong>{title}</strong> {version}</p>\n\
         <p><a href=\"openapi.json\">OpenAPI</a> · <a href=\"docs/try\">Try calls</a></p>\n{index}\
         <h2><a href=\"#schemas\">schemas</a></h2>\n</nav>\n<main>\n<h1>{title}</h1>\n{about}{operations}\
         <h2 id=\"schemas\">schemas</h2>\n{schemas}</main>\n",
        version = escaped(text(&document["info"]["version"])),
        about = markdown(text(&document["info"]["description"])),
    );
    framed(&format!("{title} API"), &body)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Returns every operation with its path and method.
fn all(document: &Value) -> impl Iterator<Item = (&String, &String, &Value)> {
    let paths = document["paths"].as_object().into_iter().flatten();
    paths.flat_map(|(path, methods)| {
        methods.as_object().into_iter().flatten().map(move |(method, operation)| (path, method, operation))
    })
}

/// Returns the target of a reference within the document, or the value itself if it is not a reference.
fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    let target =
        value["$ref"].as_str().and_then(|reference| document.pointer(reference.trim_start_matches('#')));
    target.unwrap_or(value)
}

fn section(document: &Value, path: &str, method: &str, operation: &Value) -> String {
    let mut html = format!(
        "<section id=\"{id}\">\n<h3><span class=\"method\">{method}</span> <code>{path}</code></h3>\n\
         <p class=\"lead\">{summary}.</p>\n<p>{description}</p>\n",
        id = text(&operation["operationId"]),
        method = method.to_ascii_uppercase(),
        path = escaped(path),
        summary = escaped(text(&operation["summary"])),
        description = inline(text(&operation["description"])),
    );
    html.push_str(&parameters(document, operation));
    let body = operation["requestBody"]["content"].as_object().and_then(|content| content.values().next());
    if let Some(body) = body {
        let must = if operation["requestBody"]["required"] == true { "" } else { " <em>optional</em>" };
        let _ = writeln!(html, "<h4>Body{must}</h4>\n<p>{}</p>", type_of(&body["schema"]));
        html.push_str(&example("An example", &body["examples"]));
    }
    html.push_str("<h4>Answers</h4>\n<dl>\n");
    for (status, answer) in operation["responses"].as_object().into_iter().flatten() {
        html.push_str(&one_answer(status, resolved(document, answer)));
    }
    html.push_str("</dl>\n</section>\n");
    html
}

fn parameters(document: &Value, operation: &Value) -> String {
    let mut rows = String::new();
    for parameter in operation["parameters"].as_array().into_iter().flatten() {
        let parameter = resolved(document, parameter);
        let must = if parameter["required"] == true { "" } else { " <em>optional</em>" };
        let schema = &parameter["schema"];
        let _ = writeln!(
            rows,
            "<tr><td><code>{}</code>{must}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            escaped(text(&parameter["name"])),
            escaped(text(&parameter["in"])),
            type_of(schema),
            notes(schema, parameter.get("description")),
        );
    }
    if rows.is_empty() { rows } else { format!("<h4>Parameters</h4>\n<table>\n{rows}</table>\n") }
}

fn one_answer(status: &str, answer: &Value) -> String {
    let codes = answer["x-problem-codes"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let codes: Vec<_> =
        codes.map(|code| format!("<a href=\"docs/errors/{code}\"><code>{code}</code></a>")).collect();
    if !codes.is_empty() {
        return format!("<dt class=\"refusal\">{status}</dt><dd>{}</dd>\n", codes.join(", "));
    }
    let content = answer["content"].as_object().and_then(|content| content.values().next());
    let kind = content.map(|content| format!(" {}", type_of(&content["schema"]))).unwrap_or_default();
    let headers = answer["headers"].as_object().into_iter().flatten();
    let headers: Vec<_> = headers.map(|(name, _)| format!("<code>{name}</code>")).collect();
    let example = content.map(|content| example("An example", &content["examples"])).unwrap_or_default();
    format!(
        "<dt>{status}</dt><dd>{}{kind}<br>Headers: {}{example}</dd>\n",
        inline(text(&answer["description"])),
        headers.join(", ")
    )
}

fn example(title: &str, examples: &Value) -> String {
    let Some(example) = examples.as_object().and_then(|examples| examples.values().next()) else {
        return String::new();
    };
    let shown = serde_json::to_string_pretty(&example["value"]).unwrap_or_default();
    format!("<details><summary>{title}</summary><pre>{}</pre></details>\n", escaped(&shown))
}
