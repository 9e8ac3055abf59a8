//! The validity and the reach of API keys.

use serde_json::json;

use crate::harness::client::Client;
use crate::harness::on_every_store;
use crate::world::{Key, Who, World};

on_every_store!(
    a_request_without_a_key_gets_401,
    a_key_that_is_not_live_gets_401,
    the_authentication_scheme_is_matched_in_any_case,
    a_revoked_key_is_refused_from_the_next_request_on,
    a_confined_key_reaches_one_organization,
    a_personal_key_starts_in_the_personal_scope,
    a_deactivated_member_reads_nothing_of_the_organization,
    me_shows_the_abilities_and_scopes_of_the_key,
);

const MISSING: &str = r#"Bearer realm="loggia""#;
const INVALID: &str = r#"Bearer realm="loggia", error="invalid_token""#;

async fn a_request_without_a_key_gets_401(world: World) {
    let basic = world.with_authorization(&["Basic YWRhOmFkYQ=="]);
    for client in [world.as_nobody(), basic, world.with_authorization(&[""])] {
        let response = client.get("/api/v1/spaces").await;
        response.refuses(401, "UNAUTHENTICATED");
        assert_eq!(response.header("www-authenticate"), Some(MISSING), "{response}");
    }
}

async fn a_key_that_is_not_live_gets_401(world: World) {
    let live = world.new_key(Who::Admin, Key::Full).await;
    let revoked = world.new_key(Who::Admin, Key::Revoked).await;
    let expired = world.new_key(Who::Admin, Key::Expired).await;
    // The checksum catches one changed character; the store rejects an unknown key that is well-formed.
    let digit = if live.ends_with('0') { '1' } else { '0' };
    let mistyped = format!("{}{digit}", &live[..live.len() - 1]);
    let unknown = loggia_domain::key::KeySecret::from_entropy([7; 32]);
    let quoted = format!("\"{live}\"");
    for secret in [&revoked, &expired, &mistyped, unknown.expose(), &quoted, "", "lga_", "é", &live[1..]] {
        for authorization in [format!("Bearer {secret}"), format!("bearer {secret}")] {
            let response = world.with_authorization(&[&authorization]).get("/v2/projects").await;
            response.refuses(401, "INVALID_KEY");
            assert_eq!(response.header("www-authenticate"), Some(INVALID), "{response}");
        }
    }
    let one = format!("Bearer {live}");
    let response = world.with_authorization(&[&one, &one]).get("/v2/projects").await;
    response.refuses(401, "INVALID_KEY");
    assert_eq!(response.header("www-authenticate"), Some(INVALID), "{response}");
    assert_eq!(world.with_authorization(&[&one]).get("/v2/projects").await.status, 200);
    // A key in the query is not accepted: logs and proxies would store it.
    let response = world.as_nobody().get(&format!("/v2/projects?access_token={live}")).await;
    response.refuses(401, "UNAUTHENTICATED");
}

async fn the_authentication_scheme_is_matched_in_any_case(world: World) {
    let secret = world.new_key(Who::Viewer, Key::Full).await;
    for scheme in ["Bearer", "bearer", "BEARER"] {
        let client = world.with_authorization(&[&format!("{scheme} {secret}")]);
        assert_eq!(client.get("/api/v1/me").await.status, 200, "{scheme}");
    }
}

async fn a_revoked_key_is_refused_from_the_next_request_on(world: World) {
    use loggia_domain::event::Actor;
    use loggia_domain::id::KeyId;
    use loggia_domain::key::Descendants;

    let client = world.with_key(Who::Member, Key::Full).await;
    let me = client.get("/api/v1/me").await.json();
    let id = KeyId::parse(me["data"]["key"]["id"].as_str().expect("an id")).expect("an id");
    world
        .loggia
        .operator()
        .revoke_key(Actor::Operator, None, id, Descendants::Revoke)
        .await
        .expect("revoking");
    client.get("/api/v1/me").await.refuses(401, "INVALID_KEY");
    assert_eq!(world.as_member().get("/api/v1/me").await.status, 200, "another key lives on");
}

/// Returns the statuses of a list of each dialect, in the scope that is named.
async fn lists(client: &Client, organization: &str) -> [u16; 2] {
    let spaces = client.get(&format!("/api/v1/spaces?organizationId={organization}")).await;
    let projects = client.get(&format!("/v2/projects?organization_id={organization}")).await;
    [spaces.status, projects.status]
}

async fn a_confined_key_reaches_one_organization(world: World) {
    let free = world.as_project_member();
    let confined = world.with_key(Who::ProjectMember, Key::Confined).await;
    assert_eq!(lists(&free, "").await, [200, 200]);
    assert_eq!(lists(&free, &world.meridian).await, [200, 200]);
    assert_eq!(lists(&confined, &world.meridian).await, [200, 200]);
    assert_eq!(lists(&confined, "").await, [403, 403], "not even the user's own personal scope");
    assert_eq!(lists(&confined, &world.borealis).await, [403, 403]);

    for path in [
        format!("/api/v1/spaces/{}", world.garden.space),
        format!("/v2/projects/{}", world.garden.id),
        format!("/v2/projects/{}/members", world.garden.id),
        format!("/v2/tasks/{}", world.garden.free_task),
    ] {
        assert_eq!(free.get(&path).await.status, 200, "{path}");
        confined.get(&path).await.refuses(404, "NOT_FOUND");
    }
    let personal = json!({"name": "Diary", "organizationId": null});
    confined.post("/api/v1/spaces", personal).await.refuses(403, "NO_ACCESS_TO_ORGANIZATION");
    let path = format!("/api/v1/spaces/{}", world.garden.space);
    confined.patch(&path, json!({"name": "Taken"})).await.refuses(404, "NOT_FOUND");
    confined.delete(&path).await.refuses(404, "NOT_FOUND");
}

async fn a_personal_key_starts_in_the_personal_scope(world: World) {
    let personal = world.with_key(Who::ProjectMember, Key::Personal).await;
    let projects = personal.get("/v2/projects").await.json();
    assert_eq!(projects["result"][0]["project_name"], json!("Garden"));
    let mine = personal.get("/v2/tasks/my-tasks-by-project").await.json();
    assert_eq!(mine["result"][0]["project"]["project_name"], json!("Garden"));
    let made = personal.post("/api/v1/spaces", json!({"name": "Diary"})).await;
    assert_eq!(made.json()["data"]["organizationId"], json!(null), "{made}");
    let there = json!({"name": "Quay", "organizationId": world.meridian});
    let made = personal.post("/api/v1/spaces", there).await;
    assert_eq!(made.json()["data"]["organizationId"], json!(world.meridian), "{made}");
}

async fn a_deactivated_member_reads_nothing_of_the_organization(world: World) {
    let former = world.as_former_member();
    let response = former.get("/api/v1/spaces").await;
    response.refuses(403, "NO_ACCESS_TO_ORGANIZATION");
    assert_eq!(lists(&former, &world.meridian).await, [403, 403]);
    assert_eq!(lists(&former, "").await, [403, 403], "an own person has no personal scope");
    for path in [
        format!("/api/v1/organizations/{}", world.meridian),
        format!("/api/v1/spaces/{}", world.pier),
        format!("/v2/projects/{}", world.harbour.id),
        format!("/v2/projects/{}/tasks", world.harbour.id),
        format!("/v2/tasks/{}", world.harbour.free_task),
    ] {
        former.get(&path).await.refuses(404, "NOT_FOUND");
    }
    former.get("/api/v1/organizations").await.is(200, json!({"data": []}));
    let me = former.get("/api/v1/me").await.json();
    assert_eq!(me["data"]["scopes"], json!([]));
    assert_eq!(me["data"]["organizations"], json!([]));
}

async fn me_shows_the_abilities_and_scopes_of_the_key(world: World) {
    let meridian = json!({"kind": "organization", "organizationId": world.meridian});
    let personal = json!({"kind": "personal", "organizationId": null});
    let me =
        async |kind| world.with_key(Who::Member, kind).await.get("/api/v1/me").await.json()["data"].take();

    let full = me(Key::Full).await;
    assert_eq!(full["abilities"], json!(["read", "write"]));
    assert_eq!(full["defaultScope"], meridian);
    assert_eq!(full["scopes"], json!([meridian, personal]));
    assert_eq!(me(Key::ReadOnly).await["abilities"], json!(["read"]));
    let confined = me(Key::Confined).await;
    assert_eq!(confined["scopes"], json!([meridian]));
    assert_eq!(me(Key::Personal).await["defaultScope"], personal);
}
