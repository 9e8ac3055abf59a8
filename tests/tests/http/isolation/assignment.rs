//! Mass assignment: no body writes a field that only the service may write.

use std::collections::BTreeSet;

use loggia_http::{BodyRule, ENDPOINTS};
use serde_json::{Value, json};

use super::scene::{dump, smallest_body};
use crate::bad_input_table::{BODIES, Body, Kind};
use crate::harness::on_every_store;
use crate::harness::response::Response;
use crate::world::{MADE_UP, Who, World};

on_every_store!(
    a_body_cannot_write_fields_that_the_service_decides,
    the_same_bodies_without_those_fields_are_accepted
);

/// Fields that no client may write, unless the table of bodies has them for an endpoint.
const OWNED: &[&str] = &[
    "_id",
    "id",
    "node_id",
    "number",
    "display_id",
    "organizationId",
    "organization_id",
    "organization",
    "scope",
    "scope_id",
    "scopeId",
    "tenant_id",
    "projectId",
    "project_id",
    "project",
    "space_id",
    "task_id",
    "user",
    "user_id",
    "userId",
    "user_node_id",
    "member_id",
    "owner",
    "createdAt",
    "created_at",
    "createdBy",
    "created_by",
    "updatedAt",
    "updated_at",
    "deleted_at",
    "revision",
    "version",
    "role",
    "is_admin",
    "admin",
    "active",
    "kind",
    "email",
    "ability",
    "abilities",
    "reach",
    "key",
    "secret",
    "hash",
    "digest",
    "prefix",
    "expires_at",
    "revokedAt",
    "revoked_at",
    "lastUsedAt",
    "last_used_at",
    "__proto__",
];

/// Returns `true` if a client may write the field there.
fn is_writable(body: &Body, field: &str) -> bool {
    body.fields.iter().any(|(name, _, kind)| *name == field && !matches!(kind, Kind::Immutable))
}

/// Returns a value of the type that such a field would have.
fn value(world: &World, field: &str) -> Value {
    match field {
        "role" => json!("admin"),
        "number" | "revision" | "version" | "display_id" => json!(7),
        "active" | "admin" | "is_admin" => json!(true),
        "organizationId" | "organization_id" | "tenant_id" | "scope_id" => json!(world.borealis),
        "user_id" | "userId" | "owner" | "created_by" | "createdBy" => json!(world.id(Who::Stranger)),
        name if name.ends_with("At") || name.ends_with("_at") => json!("2020-01-01T00:00:00.000Z"),
        _ => json!(MADE_UP),
    }
}

/// Returns `true` if a body may be an array.
fn takes_many(body: &Body) -> bool {
    ["/members", "/invitations", "/add-member"].iter().any(|end| body.path.ends_with(end))
}

/// Sends a body as a user who may do all of it.
async fn sent(world: &World, body: &Body, json: Value) -> Response {
    let margaret = world.id(Who::ProjectMember);
    let id = match body.path {
        path if path.starts_with("/api/v1/spaces/") => &world.pier,
        path if path.starts_with("/v2/projects/") => &world.harbour.id,
        path if path.starts_with("/v2/tasks/") => &world.harbour.free_task,
        _ => &world.meridian,
    };
    let path = body.path.replace("{id}", id).replace("{node_id}", id).replace("{keyId}", &world.spare);
    let path = path.replace("{userId}", world.id(Who::Own)).replace("{user_node_id}", margaret);
    world.as_founder().request(body.method, &path).json(json).await
}

fn smallest(world: &World, body: &Body) -> Value {
    smallest_body(world, body.path)
}

async fn a_body_cannot_write_fields_that_the_service_decides(world: World) {
    let reading: BTreeSet<_> = ENDPOINTS
        .iter()
        .filter(|endpoint| endpoint.body_rule() != BodyRule::None)
        .map(|endpoint| (endpoint.method, endpoint.path))
        .collect();
    assert_eq!(reading, BODIES.iter().map(|body| (body.method, body.path)).collect());
    let before = dump(&world).await;
    let mut tried = 0;
    for body in BODIES {
        let immutable = body.fields.iter().filter(|(_, _, kind)| matches!(kind, Kind::Immutable));
        let names: BTreeSet<&str> = OWNED.iter().copied().chain(immutable.map(|(name, ..)| *name)).collect();
        for field in names.into_iter().filter(|field| !is_writable(body, field)) {
            let mut json = smallest(&world, body);
            json[field] = value(&world, field);
            refuses(&sent(&world, body, json.clone()).await, body, &format!("/{field}"));
            if takes_many(body) {
                refuses(&sent(&world, body, json!([json])).await, body, &format!("/0/{field}"));
            }
            tried += 1;
        }
    }
    assert!(tried >= BODIES.len() * 40, "{tried}");
    assert_eq!(dump(&world).await, before, "nothing was written");
}

#[track_caller]
fn refuses(response: &Response, body: &Body, pointer: &str) {
    assert_eq!(response.status, 400, "{} {} {pointer}: {response}", body.method, body.path);
    let named = response.field_errors().iter().any(|(location, _)| location == pointer);
    assert!(named, "{} {} {pointer}: {response}", body.method, body.path);
}

/// The control: without the field the body is accepted.
async fn the_same_bodies_without_those_fields_are_accepted(world: World) {
    for body in BODIES {
        let fresh = world.again().await;
        let response = sent(&fresh, body, smallest(&fresh, body)).await;
        assert!(matches!(response.status, 200 | 201), "{} {}: {response}", body.method, body.path);
    }
}
