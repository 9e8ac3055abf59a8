//! Leaving an organization or a project's roster, by the member's own call.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::harness::client::Client;
use crate::harness::on_every_store;
use crate::harness::response::Response;
use crate::world::{Key, MADE, MADE_UP, NOW, Who, World};

on_every_store!(
    a_member_leaves_an_organization,
    leaving_an_organization_without_a_membership_gets_404,
    the_last_admin_does_not_leave_an_organization,
    a_member_leaves_a_roster,
    the_last_admin_does_not_leave_a_roster,
    an_admin_of_the_organization_leaves_a_roster,
    leaving_a_roster_without_being_on_it_reveals_no_hidden_project,
    a_key_that_only_reads_leaves_nothing,
    of_two_concurrent_requests_to_leave_one_succeeds,
);

fn organization(id: &str) -> String {
    format!("/api/v1/me/organizations/{id}")
}

fn own_membership(project: &str) -> String {
    format!("/v2/projects/{project}/members/me")
}

fn member(world: &World, who: Who) -> String {
    format!("/api/v1/organizations/{}/members/{}", world.meridian, world.id(who))
}

/// Sends a deletion. All deletions have the same request id, so that their responses can be compared.
async fn deleted(client: &Client, path: &str) -> Response {
    client.delete(path).header("X-Request-Id", "the-same").await
}

#[track_caller]
fn has_left(response: &Response) {
    assert_eq!(
        (response.status, response.bytes.len(), response.header("etag")),
        (204, 0, None),
        "{response}"
    );
}

async fn a_member_leaves_an_organization(world: World) {
    let (admin, margaret) = (world.as_founder(), world.as_project_member());
    let leave = organization(&world.meridian);
    margaret.delete(&format!("{leave}?force=true")).await.names(&[("?force", "UNKNOWN_PARAMETER")]);
    has_left(&margaret.delete(&leave).await);
    let again = deleted(&margaret, &leave).await;
    again.refuses(404, "NOT_FOUND");
    assert_eq!(again, deleted(&margaret, &organization(MADE_UP)).await, "as if there were none");

    assert_eq!(margaret.get("/api/v1/organizations").await.json(), json!({"data": []}));
    margaret.get(&format!("/v2/projects/{}", world.harbour.id)).await.refuses(404, "NOT_FOUND");
    margaret.get("/v2/projects").await.refuses(403, "NO_ACCESS_TO_ORGANIZATION");
    assert_eq!(margaret.get("/v2/projects?organization_id=").await.status, 200, "their own stays");
    let shown = admin.get(&member(&world, Who::ProjectMember)).await.json()["data"].take();
    assert_eq!((&shown["active"], &shown["updatedAt"]), (&json!(false), &json!(NOW)));
    let roster = admin.get(&format!("/v2/projects/{}/members", world.vault.id)).await.json();
    assert_eq!(roster["total"], 2, "{roster}");
    let assignee = async |task: &str| {
        admin.get(&format!("/v2/tasks/{task}?dottie=true")).await.json()["assignee"]["node_id"].take()
    };
    assert_eq!(assignee(&world.harbour.open_task).await, Value::Null);
    assert_eq!(assignee(&world.harbour.done_task).await, world.id(Who::ProjectMember));

    // An admin does not bring an account back; the operator does. Earlier keys stay without access to the organization.
    let back = admin.patch(&member(&world, Who::ProjectMember), json!({"active": true})).await;
    back.refuses(409, "INVITATION_REQUIRED");
    world.bring_back(Who::ProjectMember).await;
    margaret.delete(&leave).await.refuses(404, "NOT_FOUND");
    // A key of this organization alone does not end the access of the user's other keys.
    let confined = world.with_key(Who::ProjectMember, Key::Confined).await;
    confined.delete(&leave).await.refuses(403, "KEY_IS_CONFINED");
    has_left(&world.with_key(Who::ProjectMember, Key::Full).await.delete(&leave).await);
}

async fn leaving_an_organization_without_a_membership_gets_404(world: World) {
    let grace = world.as_member();
    let made_up = deleted(&grace, &organization(MADE_UP)).await;
    made_up.refuses(404, "NOT_FOUND");
    let own = world.id(Who::Member);
    for id in [world.borealis.as_str(), own, &world.harbour.id, "1", "abc", "me", "%00", "a%2Fb"] {
        assert_eq!(deleted(&grace, &organization(id)).await, made_up, "{id}");
    }
    assert_eq!(deleted(&world.as_former_member(), &organization(&world.meridian)).await, made_up);
    assert_eq!(deleted(&world.as_stranger(), &organization(&world.meridian)).await, made_up);
    assert_eq!(grace.get("/api/v1/spaces").await.status, 200, "Grace is still there");
}

async fn the_last_admin_does_not_leave_an_organization(world: World) {
    let (ada, leave) = (world.as_admin(), organization(&world.meridian));
    has_left(&world.as_founder().delete(&leave).await);
    ada.delete(&leave).await.refuses(409, "LAST_ADMIN");
    assert_eq!(ada.get(&member(&world, Who::Admin)).await.json()["data"]["active"], json!(true));
    let promoted = ada.patch(&member(&world, Who::Viewer), json!({"role": "admin"})).await;
    assert_eq!(promoted.status, 200, "{promoted}");
    has_left(&ada.delete(&leave).await);
    world.as_viewer().delete(&leave).await.refuses(409, "LAST_ADMIN");
}

async fn a_member_leaves_a_roster(world: World) {
    let (margaret, harbour) = (world.as_project_member(), &world.harbour);
    let members = format!("/v2/projects/{}/members", harbour.id);
    let node_id = margaret.get(&members).await.json()["result"][2]["node_id"].take();
    let leave = own_membership(&harbour.id);
    margaret.delete(&format!("{leave}?force=true")).await.names(&[("?force", "UNKNOWN_PARAMETER")]);
    let left = margaret.delete(&leave).await;
    left.is(
        200,
        json!({
            "id": 3, "node_id": node_id, "role": "member", "user_node_id": world.id(Who::ProjectMember), "createdAt": MADE,
            "project": {"id": 1, "node_id": harbour.id, "project_name": "Harbour"},
            "member": {
                "id": 5, "node_id": world.id(Who::ProjectMember), "username": "margaret", "email": "margaret@example.com",
            },
            "message": "PROJECT_MEMBER_REMOVED",
        }),
    );
    assert_eq!(left.header("etag"), None, "{left}");
    margaret.delete(&leave).await.refuses(404, "USER_NOT_FOUND");
    margaret.get(&members).await.refuses(403, "FORBIDDEN");
    let assignee = async |task: &str| {
        margaret.get(&format!("/v2/tasks/{task}?dottie=true")).await.json()["assignee"]["node_id"].take()
    };
    assert_eq!(assignee(&harbour.open_task).await, Value::Null);
    assert_eq!(assignee(&harbour.done_task).await, world.id(Who::ProjectMember));
    // Without a membership on its roster, a private project gets 404.
    assert_eq!(margaret.delete(&own_membership(&world.vault.id)).await.status, 200);
    margaret.get(&format!("/v2/projects/{}", world.vault.id)).await.refuses(404, "NOT_FOUND");
    margaret.delete(&own_membership(&world.vault.id)).await.refuses(404, "NOT_FOUND");
}

async fn the_last_admin_does_not_leave_a_roster(world: World) {
    let leave = own_membership(&world.harbour.id);
    assert_eq!(world.as_project_admin().delete(&leave).await.status, 200);
    let founder = world.as_founder();
    founder.delete(&leave).await.refuses(409, "LAST_ADMIN");
    let promoted = format!("/v2/projects/{}/members/{}", world.harbour.id, world.id(Who::ProjectMember));
    assert_eq!(founder.patch(&promoted, json!({"role": "admin"})).await.status, 200);
    assert_eq!(founder.delete(&leave).await.json()["role"], "admin", "as it was");
    world.as_project_member().delete(&leave).await.refuses(409, "LAST_ADMIN");
    world.as_project_member().delete(&own_membership(&world.garden.id)).await.refuses(409, "LAST_ADMIN");
}

async fn an_admin_of_the_organization_leaves_a_roster(world: World) {
    let (project, ada) = (format!("/v2/projects/{}", world.harbour.id), world.id(Who::Admin));
    let added =
        world.as_project_admin().post(&format!("{project}/add-member"), json!({"user_node_id": ada})).await;
    assert_eq!(added.status, 201, "{added}");
    let remove = async |client: Client| {
        client.patch(&format!("{project}/remove-member"), json!({"member_node_id": ada})).await
    };
    remove(world.as_founder()).await.refuses(400, "CANNOT_REMOVE_ADMIN");
    remove(world.as_admin()).await.refuses(400, "CANNOT_REMOVE_SELF");
    let left = world.as_admin().delete(&own_membership(&world.harbour.id)).await;
    assert_eq!((left.status, &left.json()["role"]), (200, &json!("member")), "{left}");
}

async fn leaving_a_roster_without_being_on_it_reveals_no_hidden_project(world: World) {
    let made_up = deleted(&world.as_member(), &own_membership(MADE_UP)).await;
    made_up.refuses(404, "NOT_FOUND");
    for (client, project) in [
        (world.as_member(), world.vault.id.as_str()),
        (world.as_member(), world.lighthouse.id.as_str()),
        (world.as_member(), world.garden.id.as_str()),
        (world.as_member(), "25"),
        (world.as_stranger(), world.harbour.id.as_str()),
        (world.as_former_member(), world.harbour.id.as_str()),
    ] {
        assert_eq!(deleted(&client, &own_membership(project)).await, made_up, "{project}");
    }
    for (client, project) in [
        (world.as_member(), &world.harbour.id),
        (world.as_admin(), &world.harbour.id),
        (world.as_admin(), &world.vault.id),
    ] {
        client.delete(&own_membership(project)).await.refuses(404, "USER_NOT_FOUND");
    }
    // Only the exact segment `me` stands for the caller, and only DELETE is allowed on it.
    let me = own_membership(&world.harbour.id);
    let patched = world.as_project_admin().patch(&me, json!({"role": "admin"})).await;
    patched.refuses(405, "METHOD_NOT_ALLOWED");
    assert_eq!(patched.header("allow"), Some("DELETE, OPTIONS"));
    world.as_project_admin().delete(&format!("{me}e")).await.refuses(405, "METHOD_NOT_ALLOWED");
}

async fn a_key_that_only_reads_leaves_nothing(world: World) {
    let (vault, harbour) = (own_membership(&world.vault.id), own_membership(&world.harbour.id));
    let reading = world.with_key(Who::ProjectMember, Key::ReadOnly).await;
    for path in [&organization(&world.meridian), &vault, &harbour] {
        reading.delete(path).await.refuses(403, "INSUFFICIENT_SCOPE");
    }
    // A missing membership is checked before the key's ability, and the last admin after it.
    let member = world.with_key(Who::Member, Key::ReadOnly).await;
    member.delete(&vault).await.refuses(404, "NOT_FOUND");
    member.delete(&harbour).await.refuses(404, "USER_NOT_FOUND");
    member.delete(&organization(&world.borealis)).await.refuses(404, "NOT_FOUND");
    let alan = world.with_key(Who::Stranger, Key::ReadOnly).await;
    alan.delete(&organization(&world.borealis)).await.refuses(403, "INSUFFICIENT_SCOPE");
    alan.delete(&own_membership(&world.lighthouse.id)).await.refuses(403, "INSUFFICIENT_SCOPE");
}

async fn of_two_concurrent_requests_to_leave_one_succeeds(world: World) {
    let margaret = world.as_project_member();
    for (path, done) in [(own_membership(&world.vault.id), 200), (organization(&world.meridian), 204)] {
        let clicks = [margaret.delete(&path), margaret.delete(&path)].map(IntoFuture::into_future);
        let mut statuses: Vec<_> = join_all(clicks).await.iter().map(|response| response.status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [done, 404], "{path}");
    }
}
