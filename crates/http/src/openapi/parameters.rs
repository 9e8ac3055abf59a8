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
use crate::sort_fields::SortField as _;
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
        "id" | "node_id" => ("The record's id. A malformed id gets 404.", id(generator)),
        "userId" | "user_node_id" => ("The user's id.", id(generator)),
        "keyId" => ("The key's id.", id(generator)),
        "invitationId" => ("The invitation's id.", id(generator)),
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
            "The scope. Absent: the API key's default scope. Present and empty: the caller's personal scope. An id: that organization, of which the caller must be an active member (403 otherwise).",
            json!({"anyOf": [of(SchemaGenerator::subschema_for::<Of<OrganizationId>>), {"type": "string", "maxLength": 0}]}),
        ),
        ("projectId", "getPermissions") => (
            "Returns permissions for this project. Must be the only parameter.",
            of(SchemaGenerator::subschema_for::<Of<OrganizationId>>),
        ),
        ("spaceId", _) => (
            "Returns permissions for this space. Must be the only parameter.",
            of(SchemaGenerator::subschema_for::<Of<OrganizationId>>),
        ),
        ("projectId", _) => (
            "Returns only spaces that refer to this project.",
            of(SchemaGenerator::subschema_for::<Of<OrganizationId>>),
        ),
        ("status", _) if projects => {
            ("Returns only records with this status.", of(SchemaGenerator::subschema_for::<Of<TaskStatus>>))
        }
        ("status", _) => {
            ("Returns only records with this status.", of(SchemaGenerator::subschema_for::<Of<SpaceStatus>>))
        }
        ("priority", _) => {
            ("Returns only spaces with this priority.", of(SchemaGenerator::subschema_for::<Of<Priority>>))
        }
        ("descendants", _) => (
            "Revokes or keeps the live keys that descend from the revoked key: the keys of any user that it created, that those created, and so on. `revoke` revokes them too. `keep` keeps them; they become descendants of the key that created the revoked key, and are revoked with it.",
            json!({"type": "string", "enum": Descendants::WORDS, "default": DEFAULT_DESCENDANTS.as_str()}),
        ),
        ("role", _) => {
            ("Returns only members with this role.", of(SchemaGenerator::subschema_for::<Of<ScopeRole>>))
        }
        ("active", _) => ("Returns only active or only inactive members; absent: all.", flag(None)),
        ("search", "listMembers") => (
            "Returns only members with this text in their full name, username or displayed e-mail address.",
            of(SchemaGenerator::subschema_for::<Sent<SearchText>>),
        ),
        ("search", _) => (
            "Returns only records with this text in their names.",
            of(SchemaGenerator::subschema_for::<Sent<SearchText>>),
        ),
        ("sort", "listSpaces") => (
            "The sort field, prefixed with `-` for descending order; ties are sorted by id. By default the newest first.",
            json!({"type": "string", "enum": signed(SpaceOrder::WORDS), "default": "-createdAt"}),
        ),
        ("sort", "listMembers") => (
            "The sort field, prefixed with `-` for descending order; ties are sorted by id.",
            json!({"type": "string", "enum": signed(MemberOrder::WORDS), "default": MemberOrder::Name.as_str()}),
        ),
        ("sort", _) => (
            "The sort direction.",
            json!({"type": "string", "enum": Direction::WORDS, "default": Direction::Ascending.as_str()}),
        ),
        ("order_by", _) => (
            "The sort field; ties are sorted by id.",
            json!({"type": "string", "enum": ProjectOrder::WORDS, "default": ProjectOrder::Number.as_str()}),
        ),
        ("include", _) => (
            "A comma-separated list of relations to include under their own names; null if there is none or the caller may not see it. `createdBy` becomes an object instead of an id.",
            include(),
        ),
        ("limit", _) => {
            ("The maximum number of records to return.", range(1, Some(PageSize::MAX), Some(DEFAULT_LIMIT)))
        }
        ("offset", _) => (
            "The number of records to skip, by default none. Cannot be combined with `cursor`, which continues beyond the maximum offset.",
            range(0, Some(Offset::MAX), None),
        ),
        ("page", _) => (
            "The page number, by default 1. Cannot be combined with `cursor`, which continues where a page would begin beyond row 10 000.",
            range(1, Some(Offset::MAX + 1), None),
        ),
        ("per_page", "listMyTasksByProject") => (
            "The number of projects on a page, by default 20, or as many as `tasks_limit` allows: `tasks_limit` times `per_page` is at most 500. With `cursor`, the value with which the cursor was created, or absent.",
            range(1, Some(PageSize::MAX), None),
        ),
        ("per_page", _) => (
            // Generated clients would send a default that the schema names, and contradict a cursor.
            "The number of records on a page, by default 20. With `cursor`, the value with which the cursor was created, or absent.",
            range(1, Some(PageSize::MAX), None),
        ),
        ("cursor", _) => (
            "The cursor from the previous page. It is valid only for the same list, filters, order and caller.",
            json!({"type": "string", "pattern": "^[A-Za-z0-9_-]+$"}),
        ),
        ("count", _) => {
            ("Whether to count the records: `X-Total-Count` then contains their number.", flag(Some(false)))
        }
        ("dottie", _) => ("Whether relations are nested objects instead of dotted keys.", flag(Some(false))),
        ("assignee", _) => (
            "Returns only tasks assigned to this user; present and empty: only unassigned tasks.",
            json!({"anyOf": [of(SchemaGenerator::subschema_for::<Of<OrganizationId>>), {"type": "string", "maxLength": 0}]}),
        ),
        ("tasks_limit", _) => (
            "The maximum number of tasks of each project.",
            range(1, Some(MOST_TASKS), Some(DEFAULT_TASKS_LIMIT)),
        ),
        _ => ("", json!(true)),
    };
    json!({"name": name, "in": "query", "description": description, "schema": schema})
}
