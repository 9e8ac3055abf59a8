//! The profile of the caller's account: `PATCH /api/v1/me`, and what an organization may not change.

use loggia_domain::role::ScopeRole;
use loggia_domain::service::NewAccount;
use loggia_testkit::builders::GRACE;
use serde_json::{Value, json};

use crate::harness::client::Client;
use crate::harness::on_every_store;
use crate::world::{Key, MADE, NOW, Who, World};

on_every_store!(
    a_change_shows_in_every_organization_of_the_caller,
    a_former_organization_keeps_the_profile_that_it_knew,
    an_admin_changes_nothing_that_belongs_to_an_account,
    a_key_that_is_confined_or_only_reads_changes_no_profile,
    a_patch_that_changes_nothing_writes_nothing,
    a_change_that_is_sent_again_is_made_once,
    a_field_outside_the_profile_is_refused,
);

const ME: &str = "/api/v1/me";
const PICTURE: &str = "https://example.com/grace.png";

fn member(organization: &str, world: &World, who: Who) -> String {
    format!("/api/v1/organizations/{organization}/members/{}", world.id(who))
}

/// Makes Grace, a member of Meridian, a member of Borealis too.
async fn join_borealis(world: &World) {
    let account = NewAccount { email: GRACE.email(), profile: GRACE.profile() };
    let borealis = world.person(Who::Stranger).organization;
    let joined = world.loggia.operator().add_account_member(borealis, &account, ScopeRole::Viewer).await;
    assert_eq!(joined.expect("a member").user, world.person(Who::Member).user);
}

/// Returns a part of a single record.
async fn data(client: &Client, path: &str) -> Value {
    let response = client.get(path).await;
    assert_eq!(response.status, 200, "{response}");
    response.json()["data"].take()
}

async fn a_change_shows_in_every_organization_of_the_caller(world: World) {
    join_borealis(&world).await;
    let (grace, ada, alan) = (world.as_member(), world.as_admin(), world.as_stranger());
    let memberships = [
        (&ada, member(&world.meridian, &world, Who::Member)),
        (&alan, member(&world.borealis, &world, Who::Member)),
    ];
    let mut expected = Vec::new();
    for (admin, path) in &memberships {
        let mut shown = data(admin, path).await;
        shown["firstName"] = json!("Amazing");
        shown["fullName"] = json!("Amazing Hopper");
        shown["avatar"] = json!(PICTURE);
        shown["updatedAt"] = json!(NOW);
        expected.push(shown);
    }
    assert_eq!((&expected[0]["username"], &expected[0]["employeeNumber"]), (&json!("grace"), &json!("3")));
    assert_eq!((&expected[0]["role"], &expected[1]["role"]), (&json!("member"), &json!("viewer")));

    let changed = grace.patch(ME, json!({"firstName": " Amazing ", "avatar": PICTURE})).await;
    let user = json!({
        "id": world.id(Who::Member), "kind": "person", "account": true, "email": "grace@example.com", "firstName": "Amazing",
        "lastName": "Hopper", "fullName": "Amazing Hopper", "username": "grace", "avatar": PICTURE, "createdAt": MADE,
    });
    changed.is(200, json!({"data": user}));
    assert_eq!((changed.header("etag"), changed.location()), (None, None), "{changed}");
    assert_eq!(data(&grace, ME).await["user"], user, "as it is read afterwards");
    for ((admin, path), expected) in memberships.iter().zip(expected) {
        assert_eq!(data(admin, path).await, expected, "{path}");
    }
    for (admin, organization) in [(&ada, &world.meridian), (&alan, &world.borealis)] {
        let list = format!("/api/v1/organizations/{organization}/members?search=amazing");
        assert_eq!(data(admin, &list).await[0]["id"], world.id(Who::Member), "found by the new name");
    }
    // Null takes the picture away.
    let cleared = grace.request("PATCH", ME).raw("application/merge-patch+json", r#"{"avatar":null}"#).await;
    assert_eq!((cleared.status, &cleared.json()["data"]["avatar"]), (200, &Value::Null), "{cleared}");
    assert_eq!(data(&alan, &memberships[1].1).await["avatar"], Value::Null);
}

async fn a_former_organization_keeps_the_profile_that_it_knew(world: World) {
    let (grace, path) = (world.as_member(), member(&world.meridian, &world, Who::Member));
    let left = grace.delete(&format!("/api/v1/me/organizations/{}", world.meridian)).await;
    assert_eq!(left.status, 204, "{left}");
    let before = data(&world.as_admin(), &path).await;
    let changed = grace.patch(ME, json!({"lastName": "Murray"})).await;
    // The default scope of the key is closed, so the user has no profile there.
    let user = changed.json()["data"].take();
    assert_eq!((changed.status, &user["fullName"]), (200, &Value::Null), "{changed}");
    assert_eq!(data(&grace, ME).await["user"], user);
    let at_home = world.with_key(Who::Member, Key::Personal).await;
    assert_eq!(data(&at_home, ME).await["user"]["fullName"], "Grace Murray");
    assert_eq!(data(&world.as_admin(), &path).await, before);
}

async fn an_admin_changes_nothing_that_belongs_to_an_account(world: World) {
    let (ada, path) = (world.as_admin(), member(&world.meridian, &world, Who::Member));
    let before = data(&ada, &path).await;
    for body in [json!({"firstName": "G"}), json!({"lastName": "H"}), json!({"avatar": PICTURE})] {
        ada.patch(&path, body).await.refuses(403, "BELONGS_TO_ACCOUNT");
    }
    assert_eq!(data(&ada, &path).await, before);
    // The admin changes the fields that the organization keeps, and a change of the account's own profile leaves them.
    let changed =
        ada.patch(&path, json!({"username": "admiral", "employeeNumber": "30", "role": "viewer"})).await;
    assert_eq!(changed.status, 200, "{changed}");
    assert_eq!(world.as_member().patch(ME, json!({"lastName": "Murray"})).await.status, 200);
    let shown = data(&ada, &path).await;
    for (field, value) in
        [("username", "admiral"), ("employeeNumber", "30"), ("role", "viewer"), ("fullName", "Grace Murray")]
    {
        assert_eq!(shown[field], value, "{shown}");
    }
}

async fn a_key_that_is_confined_or_only_reads_changes_no_profile(world: World) {
    let before = data(&world.as_member(), ME).await["user"].take();
    for (kind, code) in [(Key::Confined, "KEY_IS_CONFINED"), (Key::ReadOnly, "INSUFFICIENT_SCOPE")] {
        let client = world.with_key(Who::Member, kind).await;
        for body in [json!({"firstName": "G"}), json!({})] {
            client.patch(ME, body).await.refuses(403, code);
        }
    }
    assert_eq!(data(&world.as_member(), ME).await["user"], before);
}

async fn a_patch_that_changes_nothing_writes_nothing(world: World) {
    let path = member(&world.meridian, &world, Who::Member);
    let before = world.as_admin().get(&path).await;
    for body in [json!({}), json!({"firstName": "Grace", "lastName": "Hopper", "avatar": null})] {
        let response = world.as_member().patch(ME, body).await;
        assert_eq!(
            (response.status, &response.json()["data"]["fullName"]),
            (200, &json!("Grace Hopper")),
            "{response}"
        );
    }
    let after = world.as_admin().get(&path).await;
    assert_eq!((after.header("etag"), after.json()), (before.header("etag"), before.json()));
}

async fn a_change_that_is_sent_again_is_made_once(world: World) {
    let grace = world.as_member();
    let change =
        |client: &Client| client.patch(ME, json!({"firstName": "Amazing"})).header("Idempotency-Key", "once");
    let first = change(&grace).await;
    assert_eq!((first.status, &first.json()["data"]["firstName"]), (200, &json!("Amazing")), "{first}");
    assert_eq!(grace.patch(ME, json!({"firstName": "Grace"})).await.status, 200);
    // The response concerns the caller only, so it does not depend on an organization.
    let left = grace.delete(&format!("/api/v1/me/organizations/{}", world.meridian)).await;
    assert_eq!(left.status, 204, "{left}");
    let again = change(&grace).await;
    assert_eq!((again.status, &again.bytes), (200, &first.bytes), "{again}");
    let at_home = world.with_key(Who::Member, Key::Personal).await;
    assert_eq!(data(&at_home, ME).await["user"]["firstName"], "Grace", "it was made once");
}

async fn a_field_outside_the_profile_is_refused(world: World) {
    let grace = world.as_member();
    let body = json!({
        "firstName": null, "lastName": "", "avatar": "ftp://example.com/x", "email": "g@example.com", "username": "g",
    });
    let refused = grace.patch(ME, body).await;
    refused.refuses(400, "VALIDATION_FAILED");
    let named: Vec<_> = refused.field_errors().into_iter().map(|(pointer, _)| pointer).collect();
    assert_eq!(named, ["/firstName", "/lastName", "/avatar", "/email", "/username"], "{refused}");
    grace.patch(ME, json!({"email": "grace@example.com"})).await.names(&[("/email", "IMMUTABLE")]);
    grace.patch(ME, json!({"role": "admin"})).await.names(&[("/role", "UNKNOWN_FIELD")]);
    grace.patch(&format!("{ME}?limit=1"), json!({})).await.names(&[("?limit", "UNKNOWN_PARAMETER")]);
}
