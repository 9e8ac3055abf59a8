//! The successful responses of an operation.

use schemars::SchemaGenerator;
use serde_json::{Value, json};

use super::{Object, examples, headers};
use crate::operation::Operation;
use crate::operation::description::{Link, Success};
use crate::operation::response_header::Header;

/// Returns the successful responses by status.
pub(super) fn answers(operation: &Operation, generator: &mut SchemaGenerator) -> Vec<(u16, Value)> {
    let mut answers: Vec<(u16, Value)> = operation
        .answers
        .iter()
        .enumerate()
        .map(|(index, success)| {
            let links = if index == 0 { operation.links } else { &[] };
            (success.status, answer(operation, success, links, generator))
        })
        .collect();
    if operation.takes_if_none_match() {
        let headers = headers::of_answer(&[Header::ETag]);
        answers.push((304, json!({"description": "Not modified.", "headers": headers})));
    }
    answers
}

fn answer(
    operation: &Operation,
    success: &Success,
    links: &[Link],
    generator: &mut SchemaGenerator,
) -> Value {
    let mut own = success.headers.to_vec();
    if operation.shows_a_tag() {
        own.push(Header::ETag);
    }
    if operation.takes_idempotency_key() {
        own.push(Header::Replayed);
    }
    let mut answer = Object::new();
    answer.insert("description".to_owned(), json!(success.description));
    answer.insert("headers".to_owned(), headers::of_answer(&own));
    if let Some((media_types, schema)) = success.content {
        let mut content = json!({"schema": schema(generator)});
        examples::add(&mut content, operation.id, "answer");
        let content: Object =
            media_types.iter().map(|media_type| ((*media_type).to_owned(), content.clone())).collect();
        answer.insert("content".to_owned(), Value::Object(content));
    }
    if !links.is_empty() {
        let links: Object = links
            .iter()
            .map(|link| {
                let parameters: Object = link
                    .parameters
                    .iter()
                    .map(|(name, source)| ((*name).to_owned(), json!(source)))
                    .collect();
                (link.name.to_owned(), json!({"operationId": link.operation, "parameters": parameters}))
            })
            .collect();
        answer.insert("links".to_owned(), Value::Object(links));
    }
    Value::Object(answer)
}
