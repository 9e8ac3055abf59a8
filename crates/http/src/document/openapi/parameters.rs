//! Parameters in paths, queries and headers.

use loggia_domain::id::OrganizationId;
use schemars::SchemaGenerator;
use serde_json::{Value, json};

use super::{Object, reference};
use crate::document::try_files::TRY_FILES;
use crate::operation::Operation;
use crate::problem::Code;
use crate::wire::parameter::{self, Declaration};

const IF_MATCH: &str = "IfMatch";
const IF_NONE_MATCH: &str = "IfNoneMatch";
const IDEMPOTENCY_KEY: &str = "IdempotencyKey";
const REQUEST_ID: &str = "RequestId";

/// Returns the headers that many operations read.
pub(super) fn shared() -> Value {
    let tags = json!({
        "type": "string",
        "pattern": r#"^(\*|(W/)?"[!#-~\u0080-\u00ff]*"([ \t]*,[ \t]*(W/)?"[!#-~\u0080-\u00ff]*")*)$"#,
    });
    let header = |name, description, schema, example| json!({"name": name, "in": "header", "description": description, "schema": schema, "example": example});
    let mut shared = Object::new();
    shared.insert(
        IDEMPOTENCY_KEY.to_owned(),
        header(
            "Idempotency-Key",
            "A unique text that the client chooses, such as a UUID, bare or quoted. A second request with it gets the first request's response and changes nothing.",
            json!({"type": "string", "pattern": r#"^([!#-~][!-~]{0,254}|"([!#-\[\]-~]|\\["\\]){1,255}")$"#}),
            "4d3c1b6e-retry-me",
        ),
    );
    shared.insert(
        IF_MATCH.to_owned(),
        header(
            "If-Match",
            "The known entity tags of the record, or `*`. The request fails with 412 if the record has changed.",
            tags.clone(),
            r#""3-0123456789abcdef""#,
        ),
    );
    shared.insert(
        IF_NONE_MATCH.to_owned(),
        header(
            "If-None-Match",
            "The known entity tags, or `*`. The response is 304 if nothing has changed.",
            tags,
            r#""3-0123456789abcdef""#,
        ),
    );
    shared.insert(
        REQUEST_ID.to_owned(),
        header(
            "X-Request-Id",
            "The client's id for this request, 1 to 64 characters of `[A-Za-z0-9._-]`. Any other value is replaced by a generated id.",
            json!({"type": "string"}),
            "build-4711",
        ),
    );
    Value::Object(shared)
}

/// Returns all parameters of an operation.
pub(super) fn parameters(operation: &Operation, generator: &mut SchemaGenerator) -> Vec<Value> {
    let mut parameters: Vec<Value> = operation.placeholders().map(|name| path(name, generator)).collect();
    parameters.extend(operation.parameters.iter().map(|parameter| query(parameter, generator)));
    let mut header = |name| parameters.push(reference("parameters", name));
    if operation.takes_idempotency_key() {
        header(IDEMPOTENCY_KEY);
    }
    if operation.takes_if_none_match() {
        header(IF_NONE_MATCH);
    }
    if operation.takes_if_match() {
        header(IF_MATCH);
    }
    header(REQUEST_ID);
    parameters
}

fn path(name: &str, generator: &mut SchemaGenerator) -> Value {
    let (description, schema) = match name {
        "code" => {
            let codes: Vec<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
            ("The problem's code.", json!({"type": "string", "enum": codes}))
        }
        "file" => ("The file's name.", json!({"type": "string", "enum": TRY_FILES})),
        "id" | "node_id" => ("The record's id. A malformed id gets 404.", id(generator)),
        "userId" | "user_node_id" => ("The user's id.", id(generator)),
        "keyId" => ("The key's id.", id(generator)),
        "invitationId" => ("The invitation's id.", id(generator)),
        _ => ("", json!(true)),
    };
    json!({"name": name, "in": "path", "required": true, "description": description, "schema": schema})
}

fn id(generator: &mut SchemaGenerator) -> Value {
    parameter::schema_of::<OrganizationId>(generator).to_value()
}

fn query(parameter: &Declaration, generator: &mut SchemaGenerator) -> Value {
    json!({
        "name": parameter.name,
        "in": "query",
        "description": parameter.description,
        "schema": (parameter.schema)(generator),
    })
}
