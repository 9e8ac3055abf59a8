//! The paths of the document: the table of endpoints, each row with its description.

use schemars::SchemaGenerator;
use serde_json::{Value, json};

use super::{Object, answers, examples, parameters, refusals};
use crate::api::ENDPOINTS;
use crate::operation::Operation;
use crate::operation::description::BodyRule;

pub(super) fn paths(generator: &mut SchemaGenerator) -> Value {
    let mut paths = Object::new();
    for endpoint in ENDPOINTS {
        let operation = describe(endpoint, generator);
        let path = paths.entry(endpoint.path).or_insert_with(|| Value::Object(Object::new()));
        if let Value::Object(methods) = path {
            methods.insert(endpoint.method.to_ascii_lowercase(), operation);
        }
    }
    Value::Object(paths)
}

fn describe(operation: &Operation, generator: &mut SchemaGenerator) -> Value {
    let mut described = json!({
        "operationId": operation.id,
        "summary": operation.summary,
        "description": operation.description,
        "tags": [operation.tag.name()],
        "parameters": parameters::parameters(operation, generator),
    });
    let Value::Object(members) = &mut described else { return described };
    if operation.action.is_none() {
        members.insert("security".to_owned(), json!([]));
    }
    if let Some(body) = request_body(operation, generator) {
        members.insert("requestBody".to_owned(), body);
    }
    let mut responses = answers::answers(operation, generator);
    responses.extend(refusals::answers(operation, generator));
    responses.sort_by_key(|(status, _)| *status);
    let responses: Object =
        responses.into_iter().map(|(status, answer)| (status.to_string(), answer)).collect();
    members.insert("responses".to_owned(), Value::Object(responses));
    described
}

fn request_body(operation: &Operation, generator: &mut SchemaGenerator) -> Option<Value> {
    let schema = operation.body.as_ref()?.schema(generator);
    let mut content = json!({"schema": schema});
    examples::add(&mut content, operation.id, "request");
    let (types, required): (&[&str], bool) = match operation.body_rule() {
        BodyRule::None => return None,
        BodyRule::Json => (&["application/json"], true),
        BodyRule::Patch => (&["application/json", "application/merge-patch+json"], true),
        BodyRule::OptionalPatch => (&["application/json", "application/merge-patch+json"], false),
    };
    let content: Object =
        types.iter().map(|media_type| ((*media_type).to_owned(), content.clone())).collect();
    Some(json!({"required": required, "content": content}))
}
