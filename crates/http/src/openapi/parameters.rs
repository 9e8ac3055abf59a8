//! Parameters in paths, queries and headers.

use loggia_domain::id::OrganizationId;
use loggia_domain::key::Descendants;
use loggia_domain::page::{Direction, MemberOrder, Offset, PageSize, ProjectOrder, SpaceOrder};
use loggia_domain::role::ScopeRole;
use loggia_domain::space::{Priority, SpaceStatus};
use loggia_domain::task::TaskStatus;
use loggia_domain::text::SearchText;
use schemars::SchemaGenerator;
use serde_json::{Value, json};

use super::described::{Of, Sent};
use super::operation::Tag;
use super::{Object, Operation, reference};
use crate::docs::file_names;
use crate::endpoints::Endpoint;
use crate::paging::DEFAULT_LIMIT;
use crate::problem::Code;
use crate::projects::tasks_mine::{DEFAULT_TASKS_LIMIT, MOST_TASKS};
use crate::spaces::keys_revoke::DEFAULT_DESCENDANTS;

const IF_MATCH: &str = "IfMatch";
const IF_NONE_MATCH: &str = "IfNoneMatch";
const IDEMPOTENCY_KEY: &str = "IdempotencyKey";
const REQUEST_ID: &str = "RequestId";

/// Returns the headers that many endpoints read.
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
            "Any text of your own, such as a UUID, bare or quoted: a second request with it gets the first one's answer and does nothing.",
            json!({"type": "string", "pattern": r#"^([!#-~][!-~]{0,254}|"([!#-\[\]-~]|\\["\\]){1,255}")$"#}),
            "4d3c1b6e-retry-me",
        ),
    );
    shared.insert(
        IF_MATCH.to_owned(),
        header(
            "If-Match",
            "Entity tags of the record that you know, or `*`: the request is refused (412) if the record has changed since.",
            tags.clone(),
            r#""3-0123456789abcdef""#,
        ),
    );
    shared.insert(
        IF_NONE_MATCH.to_owned(),
        header(
            "If-None-Match",
            "Entity tags of what you have, or `*`: 304 if it is still the same.",
            tags,
            r#""3-0123456789abcdef""#,
        ),
    );
    shared.insert(
        REQUEST_ID.to_owned(),
        header(
            "X-Request-Id",
            "An id of your own for this request, 1 to 64 of `[A-Za-z0-9._-]`. Anything else is not refused: an id is made then.",
            json!({"type": "string"}),
            "build-4711",
        ),
    );
    Value::Object(shared)
}

/// Returns all parameters of an endpoint.
pub(super) fn parameters(
    endpoint: &Endpoint,
    operation: &Operation,
    generator: &mut SchemaGenerator,
) -> Vec<Value> {
    let mut parameters: Vec<Value> = placeholders(endpoint.path).map(|name| path(name, generator)).collect();
    parameters.extend(endpoint.parameters.iter().map(|name| query(name, operation, generator)));
    let mut header = |name| parameters.push(reference("parameters", name));
    if matches!(endpoint.method, "POST" | "PATCH") {
        header(IDEMPOTENCY_KEY);
    }
    match endpoint.method {
        "GET" if endpoint.takes_if_none_match() => header(IF_NONE_MATCH),
        "PATCH" | "DELETE" if operation.record => header(IF_MATCH),
        _ => (),
    }
    header(REQUEST_ID);
    parameters
}

/// Returns the names of a path's placeholders.
pub(super) fn placeholders(path: &'static str) -> impl Iterator<Item = &'static str> {
    path.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name)
}

fn path(name: &str, generator: &mut SchemaGenerator) -> Value {
    let (description, schema) = match name {
        "code" => {
            let codes: Vec<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
            ("The problem's code.", json!({"type": "string", "enum": codes}))
        }
        "file" => ("The file's name.", json!({"type": "string", "enum": file_names()})),
        "id" | "node_id" => ("The record's id. What is no id is not found.", id(generator)),
        "userId" | "user_node_id" => ("The user's id.", id(generator)),
        "keyId" => ("The key's id.", id(generator)),
        _ => ("", json!(true)),
    };
    json!({"name": name, "in": "path", "required": true, "description": description, "schema": schema})
}

fn id(generator: &mut SchemaGenerator) -> Value {
    generator.subschema_for::<Of<OrganizationId>>().to_value()
}

/// Returns the words, each also with `-` before it for descending order.
fn signed(words: &[&str]) -> Vec<String> {
    words.iter().flat_map(|word| [(*word).to_owned(), format!("-{word}")]).collect()
}

fn range(min: u32, max: Option<u32>, default: Option<u32>) -> Value {
    let mut schema = json!({"type": "integer", "minimum": min});
    for (keyword, value) in [("maximum", max), ("default", default)] {
        if let (Some(value), Some(members)) = (value, schema.as_object_mut()) {
            members.insert(keyword.to_owned(), json!(value));
        }
    }
    schema
}

fn flag(default: Option<bool>) -> Value {
    match default {
        Some(default) => json!({"type": "boolean", "default": default}),
        None => json!({"type": "boolean"}),
    }
}

/// Returns the schema of some of the names, separated by commas, each at most once.
fn include() -> Value {
    let names = crate::spaces::include::NAMES.replace(", ", "|");
    json!({"type": "string", "pattern": format!("^(?!.*({names}).*\\1)({names})(,({names}))*$")})
}

fn query(name: &str, operation: &Operation, generator: &mut SchemaGenerator) -> Value {
    let mut of = |schema: super::operation::SchemaOf| schema(generator).to_value();
    let projects = operation.tag == Tag::Projects;
    let (description, schema) = match (name, operation.id) {
        ("organizationId" | "organization_id", _) => (
            "Three states. Absent: the API key's default scope. Present and empty: the caller's personal scope. An id: that organization, of which the caller must be an active member (403 otherwise).",
            json!({"anyOf": [of(SchemaGenerator::subschema_for::<Of<OrganizationId>>), {"type": "string", "maxLength": 0}]}),
        ),
        ("projectId", "getPermissions") => (
            "What may be done with that project. Stands alone.",
            of(SchemaGenerator::subschema_for::<Of<OrganizationId>>),
        ),
        ("spaceId", _) => (
            "What may be done with that space. Stands alone.",
            of(SchemaGenerator::subschema_for::<Of<OrganizationId>>),
        ),
        ("projectId", _) => (
            "Only those that point at this project.",
            of(SchemaGenerator::subschema_for::<Of<OrganizationId>>),
        ),
        ("status", _) if projects => {
            ("Only those in this state.", of(SchemaGenerator::subschema_for::<Of<TaskStatus>>))
        }
        ("status", _) => ("Only those in this state.", of(SchemaGenerator::subschema_for::<Of<SpaceStatus>>)),
        ("priority", _) => {
            ("Only those of this priority.", of(SchemaGenerator::subschema_for::<Of<Priority>>))
        }
        ("descendants", _) => (
            "Revokes or keeps the live keys that descend from the revoked one: the keys of any user that it made, that those made, and so on. `revoke`: they are revoked with it. `keep`: they live on, and what revokes the key that made this one revokes them.",
            json!({"type": "string", "enum": Descendants::WORDS, "default": DEFAULT_DESCENDANTS.as_str()}),
        ),
        ("role", _) => ("Only those with this role.", of(SchemaGenerator::subschema_for::<Of<ScopeRole>>)),
        ("active", _) => ("Only those who are active, or who are not; absent: all.", flag(None)),
        ("search", "listMembers") => (
            "Only those with this in their full name, their username, or their address as it is shown.",
            of(SchemaGenerator::subschema_for::<Sent<SearchText>>),
        ),
        ("search", _) => {
            ("Only those with this in their names.", of(SchemaGenerator::subschema_for::<Sent<SearchText>>))
        }
        ("sort", "listSpaces") => (
            "What they are ordered by, `-` before it for descending; ties by id. By default the newest first.",
            json!({"type": "string", "enum": signed(SpaceOrder::WORDS), "default": "-createdAt"}),
        ),
        ("sort", "listMembers") => (
            "What they are ordered by, `-` before it for descending; ties by id.",
            json!({"type": "string", "enum": signed(MemberOrder::WORDS), "default": MemberOrder::Name.as_str()}),
        ),
        ("sort", _) => (
            "Which way they run.",
            json!({"type": "string", "enum": Direction::WORDS, "default": Direction::Ascending.as_str()}),
        ),
        ("order_by", _) => (
            "What they are ordered by; ties by id.",
            json!({"type": "string", "enum": ProjectOrder::WORDS, "default": ProjectOrder::Number.as_str()}),
        ),
        ("include", _) => (
            "Relations to be shown under their own names, with commas between; null where there is none or the caller may not see it. `createdBy` turns from an id into an object.",
            include(),
        ),
        ("limit", _) => ("How many at most.", range(1, Some(PageSize::MAX), Some(DEFAULT_LIMIT))),
        ("offset", _) => (
            "How many to skip, by default none. Not beside `cursor`, which goes on beyond the greatest offset.",
            range(0, Some(Offset::MAX), None),
        ),
        ("page", _) => (
            "Which page, by default the first. Not beside `cursor`, which goes on where a page would begin beyond row 10 000.",
            range(1, Some(Offset::MAX + 1), None),
        ),
        ("per_page", "listMyTasksByProject") => (
            "How many projects on a page, by default 20, or as many as `tasks_limit` leaves: `tasks_limit` times `per_page` is at most 500. Beside `cursor`, what the cursor was made with, or absent.",
            range(1, Some(PageSize::MAX), None),
        ),
        ("per_page", _) => (
            // Generated clients would send a default that the schema names, and contradict a cursor.
            "How many on a page, by default 20. Beside `cursor`, what the cursor was made with, or absent.",
            range(1, Some(PageSize::MAX), None),
        ),
        ("cursor", _) => (
            "Where to go on, as the page before gave it. It belongs to that list, with its filters and order, and to the caller.",
            json!({"type": "string", "pattern": "^[A-Za-z0-9_-]+$"}),
        ),
        ("count", _) => {
            ("Whether to count: `X-Total-Count` then tells how many there are.", flag(Some(false)))
        }
        ("dottie", _) => ("Whether relations are nested objects instead of dotted keys.", flag(Some(false))),
        ("assignee", _) => (
            "Only those that are assigned to this user; present and empty: to nobody.",
            json!({"anyOf": [of(SchemaGenerator::subschema_for::<Of<OrganizationId>>), {"type": "string", "maxLength": 0}]}),
        ),
        ("tasks_limit", _) => {
            ("How many tasks of each project at most.", range(1, Some(MOST_TASKS), Some(DEFAULT_TASKS_LIMIT)))
        }
        _ => ("", json!(true)),
    };
    json!({"name": name, "in": "query", "description": description, "schema": schema})
}
