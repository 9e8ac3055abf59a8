//! Invitations of an organization: their admins' side.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::contract_own_lists::page_through;
use crate::harness::on_every_store;
use crate::harness::response::Response;
use crate::world::{MADE, MADE_UP, NOW, Who, World};

on_every_store!(
    a_token_is_shown_once,
    the_response_to_a_batch_has_the_order_of_the_batch,
    all_or_none_are_invited,
    every_error_of_a_batch_is_reported_at_once,
    only_admins_see_and_manage_invitations,
    an_organizations_invitations_are_paged,
    an_invitation_is_withdrawn_once,
    an_invitation_that_is_sent_again_has_a_new_token_and_its_whole_time,
    a_retry_does_not_show_a_token_again,
    nobody_learns_whether_an_address_is_known,
);

/// Fourteen days after [`NOW`].
const END: &str = "2026-02-15T08:00:00.000Z";

pub(crate) fn invitations(organization: &str) -> String {
    format!("/api/v1/organizations/{organization}/invitations")
}

/// Returns the one invitation that was created or sent again.
#[track_caller]
pub(crate) fn issued(response: &Response) -> Value {
    assert!(matches!(response.status, 200 | 201), "{response}");
    response.json()["data"].take()
}

/// Returns the addresses of Meridian's invitations.
async fn addresses(world: &World) -> Vec<Value> {
    let list = world.as_admin().get(&invitations(&world.meridian)).await.json();
    list["data"].as_array().expect("a list").iter().map(|invitation| invitation["email"].clone()).collect()
}

async fn a_token_is_shown_once(world: World) {
    let (admin, path) = (world.as_admin(), invitations(&world.meridian));
    let mut projects = [(&world.vault.id, "admin"), (&world.harbour.id, "member")];
    let body = json!({
        "email": " Mary@Example.com ", "role": "viewer",
        "projects": [{"node_id": world.vault.id, "role": "admin"}, {"node_id": world.harbour.id}],
    });
    let response = admin.post(&path, body).await;
    assert_eq!(response.status, 201, "{response}");
    assert_eq!((response.header("location"), response.header("etag")), (None, None), "{response}");
    assert_eq!(response.header("cache-control"), Some("no-store"));
    let mary = issued(&response);
    let (id, token) = (mary["id"].as_str().expect("an id"), mary["token"].as_str().expect("a token"));
    assert!(token.starts_with("lgi_") && token.len() == 53, "{token}");
    // Projects are shown by id.
    projects.sort_unstable();
    let projects = projects.map(|(id, role)| json!({"node_id": id, "role": role}));
    let mut expected = json!({
        "id": id, "email": "Mary@Example.com", "role": "viewer", "projects": projects,
        "invitedBy": world.id(Who::Admin), "createdAt": NOW, "expiresAt": END,
    });
    let of_the_operator = json!({
        "id": world.invitation, "email": "jean@example.com", "role": "member",
        "projects": [{"node_id": world.harbour.id, "role": "member"}],
        "invitedBy": null, "createdAt": MADE, "expiresAt": "2026-02-14T08:00:00.000Z",
    });
    let list = admin.get(&path).await;
    list.is(200, json!({"data": [of_the_operator, expected]}));
    assert!(!list.to_string().contains("lgi_"), "{list}");
    expected["token"] = token.into();
    assert_eq!(mary, expected);
    // An expired invitation stays until it is withdrawn.
    world.clock.advance_seconds(15 * 24 * 60 * 60);
    assert_eq!(addresses(&world).await, ["jean@example.com", "Mary@Example.com"]);
}

async fn the_response_to_a_batch_has_the_order_of_the_batch(world: World) {
    let (admin, path) = (world.as_admin(), invitations(&world.meridian));
    let people = json!([{"email": "b@example.com", "role": "admin"}, {"email": "a@example.com"}]);
    let response = admin.post(&path, people).await;
    assert_eq!((response.status, response.header("location")), (201, None), "{response}");
    let made = response.json();
    let made = made["data"].as_array().expect("a list");
    let shown: Vec<_> = made.iter().map(|one| (&one["email"], &one["role"], &one["projects"])).collect();
    let (a, b, none) = (json!("a@example.com"), json!("b@example.com"), json!([]));
    assert_eq!(shown, [(&b, &json!("admin"), &none), (&a, &json!("member"), &none)]);
    let tokens: BTreeSet<_> = made.iter().map(|one| one["token"].as_str().expect("a token")).collect();
    assert_eq!(tokens.len(), 2);
    // An array gets an array, even of one element.
    let one = admin.post(&path, json!([{"email": "c@example.com"}])).await;
    assert_eq!(one.json()["data"].as_array().map(Vec::len), Some(1), "{one}");
    let hundred: Vec<_> = (0..100).map(|number| json!({"email": format!("x{number}@example.com")})).collect();
    let hundred = admin.post(&path, json!(hundred)).await;
    assert_eq!(hundred.json()["data"].as_array().map(Vec::len), Some(100), "{}", hundred.status);
}

async fn all_or_none_are_invited(world: World) {
    let (admin, path) = (world.as_admin(), invitations(&world.meridian));
    let new = json!({"email": "new@example.com"});
    let single = admin.post(&path, json!({"email": "JEAN@example.com"})).await;
    single.refuses(409, "ALREADY_INVITED");
    assert_eq!(single.field_errors(), [("/email".to_owned(), "ALREADY_INVITED".to_owned())]);
    let taken = admin.post(&path, json!([new, {"email": "jean@EXAMPLE.com"}])).await;
    taken.refuses(409, "ALREADY_INVITED");
    assert_eq!(taken.field_errors(), [("/1/email".to_owned(), "ALREADY_INVITED".to_owned())]);
    let harbour = json!({"node_id": world.harbour.id});
    for unknown in [MADE_UP, &world.lighthouse.id, &world.garden.id, &world.meridian] {
        let projects = json!([harbour, {"node_id": unknown}]);
        let one = admin.post(&path, json!({"email": "a@example.com", "projects": projects})).await;
        one.names(&[("/projects/1/node_id", "UNKNOWN_PROJECT")]);
        let many = admin.post(&path, json!([new, {"email": "a@example.com", "projects": projects}])).await;
        many.names(&[("/1/projects/1/node_id", "UNKNOWN_PROJECT")]);
    }
    assert_eq!(addresses(&world).await, ["jean@example.com"], "no other address");
    assert_eq!(admin.post(&path, new).await.status, 201);
}

async fn every_error_of_a_batch_is_reported_at_once(world: World) {
    let (admin, path) = (world.as_admin(), invitations(&world.meridian));
    let person = |number: usize| json!({"email": format!("x{number}@example.com")});
    admin.post(&path, json!([])).await.names(&[("", "TOO_SHORT")]);
    admin.post(&path, json!((0..101).map(person).collect::<Vec<_>>())).await.names(&[("", "TOO_LONG")]);
    let harbour = json!({"node_id": world.harbour.id});
    let bad = json!([
        {"email": "a@example.com", "role": "owner", "firstName": "Ada"},
        7,
        {"email": "A@EXAMPLE.com"},
        {"projects": [harbour, 7, {"role": "viewer"}, {"node_id": "quay", "name": "Quay"}, harbour, {}]},
        {"email": "b@example.com", "projects": {"node_id": MADE_UP}},
    ]);
    admin.post(&path, bad).await.names(&[
        ("/0/role", "NOT_ALLOWED"),
        ("/0/firstName", "UNKNOWN_FIELD"),
        ("/1", "WRONG_TYPE"),
        ("/3/email", "REQUIRED"),
        ("/3/projects/1", "WRONG_TYPE"),
        ("/3/projects/2/node_id", "REQUIRED"),
        ("/3/projects/2/role", "NOT_ALLOWED"),
        ("/3/projects/3/node_id", "INVALID_ID"),
        ("/3/projects/3/name", "UNKNOWN_FIELD"),
        ("/3/projects/5/node_id", "REQUIRED"),
        ("/3/projects/4/node_id", "DUPLICATE_VALUE"),
        ("/4/projects", "WRONG_TYPE"),
        ("/2/email", "DUPLICATE_VALUE"),
    ]);
    assert_eq!(addresses(&world).await, ["jean@example.com"]);
}

async fn only_admins_see_and_manage_invitations(world: World) {
    let path = invitations(&world.meridian);
    let one = format!("{path}/{}", world.invitation);
    for (client, status, code) in [
        (world.as_project_admin(), 403, "FORBIDDEN"),
        (world.as_viewer(), 403, "FORBIDDEN"),
        (world.as_stranger(), 404, "NOT_FOUND"),
        (world.as_former_member(), 404, "NOT_FOUND"),
    ] {
        client.get(&path).await.refuses(status, code);
        client.post(&path, json!({"email": "mary@example.com"})).await.refuses(status, code);
        client.delete(&one).await.refuses(status, code);
        client.request("POST", &format!("{one}/resend")).await.refuses(status, code);
    }
    assert_eq!(addresses(&world).await, ["jean@example.com"]);
}

async fn an_organizations_invitations_are_paged(world: World) {
    let (admin, path) = (world.as_admin(), invitations(&world.meridian));
    let mut expected = vec![world.invitation.clone()];
    for number in 0..7 {
        let made = issued(&admin.post(&path, json!({"email": format!("x{number}@example.com")})).await);
        expected.push(made["id"].as_str().expect("an id").to_owned());
    }
    assert_eq!(page_through(&admin, &path, |page| page["data"].clone()).await, expected);
    for (query, error) in [
        ("limit=0", ("?limit", "OUT_OF_RANGE")),
        ("cursor=x", ("?cursor", "INVALID_CURSOR")),
        ("offset=1", ("?offset", "UNKNOWN_PARAMETER")),
    ] {
        admin.get(&format!("{path}?{query}")).await.names(&[error]);
    }
}

async fn an_invitation_is_withdrawn_once(world: World) {
    let (admin, path) = (world.as_admin(), invitations(&world.meridian));
    let mary = issued(&admin.post(&path, json!({"email": "mary@example.com"})).await);
    let one = format!("{path}/{}", mary["id"].as_str().expect("an id"));
    admin.delete(&format!("{one}?force=true")).await.names(&[("?force", "UNKNOWN_PARAMETER")]);
    let withdrawn = admin.delete(&one).await;
    assert_eq!((withdrawn.status, withdrawn.bytes.len()), (204, 0), "{withdrawn}");
    admin.delete(&one).await.refuses(404, "NOT_FOUND");
    admin.request("POST", &format!("{one}/resend")).await.refuses(404, "NOT_FOUND");
    assert_eq!(addresses(&world).await, ["jean@example.com"]);
    let accept = json!({"token": mary["token"]});
    let refused = world.as_stranger().post("/api/v1/invitations/accept", accept).await;
    refused.refuses(404, "INVITATION_NOT_FOUND");
    // The address can be invited anew.
    assert_eq!(admin.post(&path, json!({"email": "mary@example.com"})).await.status, 201);
}

async fn an_invitation_that_is_sent_again_has_a_new_token_and_its_whole_time(world: World) {
    let (admin, path) = (world.as_admin(), invitations(&world.meridian));
    let accept =
        |token: &Value| world.as_stranger().post("/api/v1/invitations/accept", json!({"token": token}));
    let first = issued(&admin.post(&path, json!({"email": "mary@example.com", "role": "viewer"})).await);
    let resend = format!("{path}/{}/resend", first["id"].as_str().expect("an id"));
    // The invitation has expired.
    world.clock.advance_seconds(14 * 24 * 60 * 60);
    accept(&first["token"]).await.refuses(404, "INVITATION_NOT_FOUND");
    // A body is not read.
    for request in [admin.request("POST", &resend), admin.post(&resend, json!({}))] {
        let response = request.await;
        assert_eq!(
            (response.status, response.header("cache-control")),
            (200, Some("no-store")),
            "{response}"
        );
        let mut again = issued(&response);
        assert_eq!(again["expiresAt"], "2026-03-01T08:00:00.000Z");
        assert_ne!(again["token"], first["token"]);
        for field in ["expiresAt", "token"] {
            again[field] = first[field].clone();
        }
        assert_eq!(again, first, "the rest stays");
    }
    let last = issued(&admin.request("POST", &resend).await);
    accept(&first["token"]).await.refuses(404, "INVITATION_NOT_FOUND");
    world.clock.advance_seconds(14 * 24 * 60 * 60 - 1);
    let accepted = accept(&last["token"]).await;
    assert_eq!((accepted.status, &accepted.json()["data"]["role"]), (200, &json!("viewer")), "{accepted}");
}

async fn a_retry_does_not_show_a_token_again(world: World) {
    let (admin, path) = (world.as_admin(), invitations(&world.meridian));
    let resend = format!("{path}/{}/resend", world.invitation);
    let send = || admin.request("POST", &resend).header("Idempotency-Key", "k");
    let first = issued(&send().await);
    send().await.refuses(409, "SECRET_ALREADY_SHOWN");
    let invite = || admin.post(&path, json!([{"email": "a@example.com"}])).header("Idempotency-Key", "k");
    assert_eq!(invite().await.status, 201);
    invite().await.refuses(409, "SECRET_ALREADY_SHOWN");
    assert_eq!(addresses(&world).await, ["jean@example.com", "a@example.com"], "once");
    // The token of the first response still opens the organization.
    let accept = json!({"token": first["token"]});
    assert_eq!(world.as_stranger().post("/api/v1/invitations/accept", accept).await.status, 200);
}

async fn nobody_learns_whether_an_address_is_known(world: World) {
    let (admin, path) = (world.as_admin(), invitations(&world.meridian));
    let person = |email: &str| json!({"email": email, "firstName": "Mary", "lastName": "Keller"});
    for (client, organization, email) in [
        (world.as_stranger(), &world.borealis, "their.own@example.com"),
        (world.as_admin(), &world.meridian, "our.own@example.com"),
    ] {
        let members = format!("/api/v1/organizations/{organization}/members");
        assert_eq!(client.post(&members, person(email)).await.status, 201);
    }
    let mut responses = Vec::new();
    for email in [
        "unknown@example.com",
        "their.own@example.com",
        "our.own@example.com",
        // An account elsewhere, a member, a former member, and the caller. Each address comes back as it was sent.
        "ALAN@example.com",
        "Grace@Example.com",
        "dennis@example.com",
        "ada@EXAMPLE.com",
    ] {
        let mut response =
            admin.post(&path, json!({"email": email})).header("X-Request-Id", "the-same").await;
        let made = issued(&response);
        assert_eq!(made["email"], email, "{response}");
        let mut text = String::from_utf8(response.bytes).expect("JSON");
        for field in ["id", "email", "token"] {
            text = text.replacen(made[field].as_str().expect("a text"), field, 1);
        }
        response.bytes = text.into_bytes();
        responses.push((made["id"].to_string(), response));
    }
    let (_, unknown) = &responses[0];
    for (_, response) in &responses {
        assert_eq!(response, unknown);
    }
    // Each id is as new as the invitation.
    assert!(responses.is_sorted_by(|(one, _), (next, _)| one < next), "{responses:?}");
    // A second invitation for an address is refused, whether or not a user has that address.
    let mut refused = Vec::new();
    for email in ["unknown@example.com", "alan@example.com", "grace@example.com"] {
        refused.push(admin.post(&path, json!({"email": email})).header("X-Request-Id", "the-same").await);
    }
    refused[0].refuses(409, "ALREADY_INVITED");
    assert!(refused.iter().all(|response| *response == refused[0]), "{refused:?}");
}
