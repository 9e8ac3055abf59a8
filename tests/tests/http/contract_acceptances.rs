//! Acceptance of invitations, by accounts.

use futures_util::future::join_all;
use loggia_domain::invitation::InvitationToken;
use serde_json::{Value, json};

use crate::contract_invitations::{invitations, issued};
use crate::harness::client::{Client, Request};
use crate::harness::on_every_store;
use crate::harness::response::Response;
use crate::world::{Key, Who, World};

on_every_store!(
    an_account_joins_with_exactly_that_role_and_those_projects,
    a_former_member_is_readmitted_with_exactly_that_role_and_those_projects,
    every_invalid_token_gets_the_same_response,
    a_member_does_not_join_again,
    a_key_of_one_organization_accepts_nothing,
    a_key_from_before_the_last_readmission_accepts_no_other,
    a_deleted_project_is_not_joined,
    a_retry_gets_the_first_response,
    of_two_acceptances_at_once_one_joins,
);

const ACCEPT: &str = "/api/v1/invitations/accept";

fn accept(client: &Client, token: &Value) -> Request {
    client.post(ACCEPT, json!({"token": token}))
}

/// Returns a new invitation of Meridian's.
async fn invited(world: &World, more: Value) -> Value {
    let mut body = json!({"email": "somebody@example.com"});
    for (field, value) in more.as_object().expect("fields") {
        body[field] = value.clone();
    }
    issued(&world.as_admin().post(&invitations(&world.meridian), body).await)
}

/// Returns Grace's account after it has left Meridian.
async fn former_account(world: &World) -> Client {
    let grace = world.as_member();
    let left = grace.delete(&format!("/api/v1/me/organizations/{}", world.meridian)).await;
    assert_eq!(left.status, 204, "{left}");
    grace
}

/// Returns a user's role on the roster of a project, as its admin Barbara sees it.
async fn roster_role(world: &World, project: &str, user: &str) -> Option<Value> {
    let roster = world.as_founder().get(&format!("/v2/projects/{project}/members?per_page=100")).await.json();
    let mut rows = roster["result"].as_array().expect("a roster").iter();
    rows.find(|row| row["user_node_id"] == user).map(|row| row["role"].clone())
}

async fn an_account_joins_with_exactly_that_role_and_those_projects(world: World) {
    let alan = world.as_stranger();
    let (harbour, vault) = (&world.harbour.id, &world.vault.id);
    let projects = json!([{"node_id": vault, "role": "admin"}]);
    let invitation = invited(&world, json!({"role": "viewer", "projects": projects})).await;
    let organization = format!("/api/v1/organizations/{}", world.meridian);
    alan.get(&organization).await.refuses(404, "NOT_FOUND");
    let response = accept(&alan, &invitation["token"]).await;
    assert_eq!((response.status, &response.json()["data"]["role"]), (200, &json!("viewer")), "{response}");
    assert_eq!(response.json(), alan.get(&organization).await.json(), "as it is shown from now on");

    let member = format!("{organization}/members/{}", world.id(Who::Stranger));
    let shown = alan.get(&member).await.json()["data"].take();
    let (role, first, number) = (&shown["role"], &shown["firstName"], &shown["employeeNumber"]);
    assert_eq!((role, first, number), (&json!("viewer"), &json!("Alan"), &Value::Null));
    assert_eq!(roster_role(&world, vault, world.id(Who::Stranger)).await, Some(json!("admin")));
    assert_eq!(roster_role(&world, harbour, world.id(Who::Stranger)).await, None);
    let list = world.as_admin().get(&invitations(&world.meridian)).await.json();
    assert_eq!(list["data"].as_array().map(Vec::len), Some(1), "it is used: {list}");
}

async fn a_former_member_is_readmitted_with_exactly_that_role_and_those_projects(world: World) {
    let (margaret, user) = (world.as_project_member(), world.id(Who::ProjectMember));
    let organization = format!("/api/v1/organizations/{}", world.meridian);
    let other = world.with_key(Who::ProjectMember, Key::Full).await;
    let before = margaret.get(&format!("{organization}/members/{user}")).await.json()["data"].take();
    let left = margaret.delete(&format!("/api/v1/me/organizations/{}", world.meridian)).await;
    assert_eq!(left.status, 204, "{left}");
    let projects = json!([{"node_id": world.harbour.id, "role": "admin"}]);
    let invitation = invited(&world, json!({"role": "viewer", "projects": projects})).await;
    let response = accept(&margaret, &invitation["token"]).await;
    assert_eq!((response.status, &response.json()["data"]["role"]), (200, &json!("viewer")), "{response}");

    let mut after = margaret.get(&format!("{organization}/members/{user}")).await.json()["data"].take();
    assert_eq!((&after["role"], &after["active"]), (&json!("viewer"), &json!(true)));
    for field in ["role", "updatedAt"] {
        after[field] = before[field].clone();
    }
    assert_eq!(after, before, "the username and the employee number stay");
    assert_eq!(roster_role(&world, &world.harbour.id, user).await, Some(json!("admin")));
    assert_eq!(
        roster_role(&world, &world.vault.id, user).await,
        None,
        "earlier memberships are not restored"
    );
    // The key of the request opens the organization again; other keys from before do not.
    other.get(&organization).await.refuses(404, "NOT_FOUND");
    assert_eq!(other.get("/api/v1/spaces?organizationId=").await.status, 200);
}

async fn every_invalid_token_gets_the_same_response(world: World) {
    let alan = world.as_stranger();
    let send = async |token: &Value| accept(&alan, token).header("X-Request-Id", "the-same").await;
    let token = |invitation: &Value| invitation["token"].clone();
    let of = async |email: &str| invited(&world, json!({"email": email})).await;
    let (withdrawn, replaced, expired) =
        (of("a@example.com").await, of("b@example.com").await, of("c@example.com").await);
    let path = |invitation: &Value| {
        format!("{}/{}", invitations(&world.meridian), invitation["id"].as_str().expect("an id"))
    };
    assert_eq!(world.as_admin().delete(&path(&withdrawn)).await.status, 204);
    world.clock.advance_seconds(14 * 24 * 60 * 60);
    let resend = format!("{}/resend", path(&replaced));
    let live = token(&issued(&world.as_admin().request("POST", &resend).await));
    let used = of("d@example.com").await;
    assert_eq!(accept(&former_account(&world).await, &token(&used)).await.status, 200);

    let unknown = send(&json!(InvitationToken::from_entropy([7; 32]).expose())).await;
    unknown.refuses(404, "INVITATION_NOT_FOUND");
    let text = live.as_str().expect("a token");
    for ended in [
        token(&withdrawn),
        token(&replaced),
        token(&expired),
        token(&used),
        json!(""),
        json!("quay"),
        json!(&text[..52]),
        json!(format!("{text} ")),
        json!(text.to_lowercase()),
        json!(text.replacen("lgi_", "lga_", 1)),
        json!(world.invitation),
    ] {
        assert_eq!(send(&ended).await, unknown, "{ended}");
    }
    assert_eq!(send(&live).await.status, 200, "the control");
}

async fn a_member_does_not_join_again(world: World) {
    let invitation = invited(&world, json!({"role": "admin"})).await;
    let (grace, organization) = (world.as_member(), format!("/api/v1/organizations/{}", world.meridian));
    accept(&grace, &invitation["token"]).await.refuses(400, "ALREADY_A_MEMBER");
    assert_eq!(grace.get(&organization).await.json()["data"]["role"], "member");
    // The invitation is not used up.
    assert_eq!(accept(&world.as_stranger(), &invitation["token"]).await.status, 200);
}

async fn a_key_of_one_organization_accepts_nothing(world: World) {
    let invitation = invited(&world, json!({})).await;
    let (token, unknown) = (&invitation["token"], &json!("quay"));
    for token in [token, unknown] {
        let confined = world.with_key(Who::Stranger, Key::Confined).await;
        accept(&confined, token).await.refuses(403, "KEY_IS_CONFINED");
        let reading = world.with_key(Who::Stranger, Key::ReadOnly).await;
        accept(&reading, token).await.refuses(403, "INSUFFICIENT_SCOPE");
    }
    let own = json!({"email": "own@example.com", "firstName": "Mary", "lastName": "Keller"});
    let members = format!("/api/v1/organizations/{}/members", world.borealis);
    let own = world.as_stranger().post(&members, own).await.json()["data"]["id"].take();
    let keys = format!("{members}/{}/api-keys", own.as_str().expect("an id"));
    let key = world.as_stranger().post(&keys, json!({"name": "badge"})).await.json()["data"]["key"].take();
    let own = world.with_authorization(&[&format!("Bearer {}", key.as_str().expect("a secret"))]);
    accept(&own, token).await.refuses(403, "KEY_IS_CONFINED");
    assert_eq!(accept(&world.as_stranger(), token).await.status, 200);
}

async fn a_key_from_before_the_last_readmission_accepts_no_other(world: World) {
    let leave = format!("/api/v1/me/organizations/{}", world.meridian);
    let (margaret, other) = (world.as_project_member(), world.with_key(Who::ProjectMember, Key::Full).await);
    assert_eq!(margaret.delete(&leave).await.status, 204);
    let first = invited(&world, json!({})).await;
    assert_eq!(accept(&margaret, &first["token"]).await.status, 200);
    assert_eq!(margaret.delete(&leave).await.status, 204);
    let second = invited(&world, json!({})).await;
    accept(&other, &second["token"]).await.refuses(403, "KEY_TOO_OLD");
    margaret.get(&format!("/api/v1/organizations/{}", world.meridian)).await.refuses(404, "NOT_FOUND");
    assert_eq!(accept(&margaret, &second["token"]).await.status, 200, "the invitation stayed");
}

async fn a_deleted_project_is_not_joined(world: World) {
    let projects = json!([{"node_id": world.vault.id}, {"node_id": world.harbour.id}]);
    let invitation = invited(&world, json!({"projects": projects})).await;
    let deleted = world.as_founder().delete(&format!("/v2/projects/{}", world.harbour.id)).await;
    assert_eq!(deleted.status, 200, "{deleted}");
    let list = world.as_admin().get(&invitations(&world.meridian)).await.json();
    assert_eq!(list["data"][1]["projects"], json!([{"node_id": world.vault.id, "role": "member"}]), "{list}");
    assert_eq!(accept(&world.as_stranger(), &invitation["token"]).await.status, 200);
    let user = world.id(Who::Stranger);
    assert_eq!(roster_role(&world, &world.vault.id, user).await, Some(json!("member")));
}

async fn a_retry_gets_the_first_response(world: World) {
    let (alan, invitation) = (world.as_stranger(), invited(&world, json!({})).await);
    let send = async || accept(&alan, &invitation["token"]).header("Idempotency-Key", "k").await;
    let (first, again) = (send().await, send().await);
    assert_eq!((first.status, again.status), (200, 200), "{first} {again}");
    assert_eq!((again.header("idempotent-replayed"), &again.bytes), (Some("true"), &first.bytes));
    accept(&alan, &invitation["token"]).await.refuses(404, "INVITATION_NOT_FOUND");
}

async fn of_two_acceptances_at_once_one_joins(world: World) {
    let invitation = invited(&world, json!({})).await;
    let clients = [world.as_stranger(), former_account(&world).await];
    let calls = clients.iter().map(|client| accept(client, &invitation["token"]).into_future());
    let responses: Vec<Response> = join_all(calls).await;
    let mut statuses: Vec<_> = responses.iter().map(|response| response.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 404], "{responses:?}");
    let list = clients
        .iter()
        .map(async |client| client.get(&format!("/api/v1/organizations/{}", world.meridian)).await.status);
    let mut seen = join_all(list).await;
    seen.sort_unstable();
    assert_eq!(seen, [200, 404], "one of them is in");
}
