//! The commands for accounts, for an organization's own people, and for invitations, beside a running server.

use serde_json::{Value, json};

use crate::harness::{Home, Server, member, on_every_engine, text};

on_every_engine!(
    an_account_is_added_joins_an_organization_and_is_updated,
    own_people_with_one_address_are_different_people_and_reach_their_organization_alone,
    an_address_of_an_account_and_an_own_person_names_neither,
    an_invitation_is_created_listed_withdrawn_and_accepted,
);

/// An id that no record has.
const NOTHING: &str = "0193a5b0-7c1e-7000-8000-00000000abcd";

/// Runs `loggia people add` for Grace.
fn add_grace(home: &Home, organization: &str) -> Value {
    let who = ["--email", "grace@example.com", "--first-name", "Grace", "--last-name", "Hopper"];
    let options = ["--organization", organization, "--role", "member", "--json"];
    home.json(&[&["people", "add"], &who[..], &options].concat())
}

/// Returns the command that adds an account of Grace.
fn account<'a>(email: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let who = ["--email", email, "--first-name", "Grace", "--last-name", "Hopper"];
    [&["accounts", "add"], &who[..], more].concat()
}

/// Returns the exit code and the complaint of a command that must fail.
fn refused(home: &Home, arguments: &[&str]) -> (Option<i32>, String) {
    let output = home.run(arguments);
    assert!(!output.status.success(), "{arguments:?}");
    (output.status.code(), text(&output.stderr))
}

/// Returns the body of `GET /api/v1/me`.
fn me(server: &Server, made: &Value) -> Value {
    let response = server.get("/api/v1/me", Some(member(made, "apiKey")));
    assert_eq!(response.status, 200);
    response.json()["data"].clone()
}

fn an_account_is_added_joins_an_organization_and_is_updated(home: Home) {
    let made = home.bootstrap("ada@example.com");
    let server = home.serve();
    let organization = member(&made, "organizationId");
    let added = home.json(&account("grace@example.com", &["--json"]));
    assert_eq!(added, json!({"userId": added["userId"]}));
    let (code, message) = refused(&home, &account("GRACE@example.com", &[]));
    assert_eq!(code, Some(1), "{message}");

    // A known address is that of the account that joins.
    let options = ["--organization", organization, "--role", "viewer", "--json"];
    assert_eq!(home.json(&account("GRACE@example.com", &options)), added);
    let key = home.json(&["keys", "create", "--email", "grace@example.com", "--json"]);
    let shown = me(&server, &key);
    assert_eq!(shown["user"]["id"], added["userId"]);
    assert_eq!(shown["organizations"][0]["role"], "viewer");
    let nowhere = ["--organization", NOTHING, "--role", "viewer"];
    let (code, message) = refused(&home, &account("alan@example.com", &nowhere));
    assert!(code == Some(1) && message.contains(&format!("there is no organization {NOTHING}")), "{message}");

    let update = ["accounts", "update", "--email", "grace@example.com"];
    let changes = ["--new-email", "hopper@example.com", "--first-name", "Amazing", "--json"];
    assert_eq!(home.json(&[&update[..], &changes].concat()), added);
    let shown = me(&server, &key);
    let (name, email) = (&shown["user"]["fullName"], &shown["user"]["email"]);
    assert_eq!((name, email), (&json!("Amazing Hopper"), &json!("hopper@example.com")));
    let (code, message) = refused(&home, &[&update[..], &changes].concat());
    assert!(code == Some(1) && message.contains("no account has the address grace@example.com"), "{message}");
    let taken = ["accounts", "update", "--email", "hopper@example.com", "--new-email", "ADA@example.com"];
    assert_eq!(refused(&home, &taken).0, Some(1));
    assert_eq!(refused(&home, &update).0, Some(2), "nothing is to be changed");
    assert_eq!(refused(&home, &["accounts", "add", "--email", "x@example.com"]).0, Some(2));
}

fn own_people_with_one_address_are_different_people_and_reach_their_organization_alone(home: Home) {
    let server = home.serve();
    let ours = home.bootstrap("ada@example.com");
    let theirs = home.bootstrap("eve@example.com");
    let [ours, theirs] = [&ours, &theirs].map(|made| member(made, "organizationId"));
    let graces = [ours, theirs].map(|organization| add_grace(&home, organization));
    assert_ne!(graces[0]["userId"], graces[1]["userId"]);
    let email = ["--email", "grace@example.com"];
    for (organization, grace) in [ours, theirs].into_iter().zip(&graces) {
        let options = ["--organization", organization, "--json"];
        let by_email = home.json(&[&["keys", "create"], &email[..], &options].concat());
        // The default scope of an own person is the organization.
        let by_id = home.json(&["keys", "create", "--user", member(grace, "userId"), "--json"]);
        for key in [&by_email, &by_id] {
            let shown = me(&server, key);
            let scope = json!({"kind": "organization", "organizationId": organization});
            assert_eq!((&shown["user"]["id"], &shown["scopes"]), (&grace["userId"], &json!([scope])));
        }
        let listed = home.json(&[&["keys", "list"], &email[..], &options].concat());
        let listed = listed["keys"].as_array().unwrap();
        let only = |key: &Value| (key["keyId"].clone(), key["onlyOrganizationId"].clone());
        let made = [&by_email, &by_id].map(|key| (key["keyId"].clone(), json!(organization)));
        assert_eq!(listed.iter().map(only).collect::<Vec<_>>(), made);
    }
    // Without the organization an address is that of an account, and an own person has no scope but the organization.
    let (code, message) = refused(&home, &[&["keys", "create"], &email[..]].concat());
    assert!(code == Some(1) && message.contains("no account has the address grace@example.com"), "{message}");
    let grace = member(&graces[0], "userId");
    let (code, message) = refused(&home, &["keys", "create", "--user", grace, "--personal"]);
    assert!(code == Some(2) && message.contains("no personal scope"), "{message}");
    let (code, message) = refused(&home, &["keys", "create", "--user", grace, "--organization", theirs]);
    assert!(code == Some(1) && message.contains("not an active member"), "{message}");
    assert_eq!(refused(&home, &["keys", "list", "--user", NOTHING]).0, Some(1));
    assert_eq!(refused(&home, &["keys", "list"]).0, Some(2));
    assert_eq!(refused(&home, &[&["keys", "list", "--user", grace], &email[..]].concat()).0, Some(2));
}

fn an_address_of_an_account_and_an_own_person_names_neither(home: Home) {
    let made = home.bootstrap("grace@example.com");
    let organization = member(&made, "organizationId");
    let own = add_grace(&home, organization);
    let email = ["--email", "grace@example.com"];
    let (code, message) =
        refused(&home, &[&["keys", "create"], &email[..], &["--organization", organization]].concat());
    assert_eq!(code, Some(2), "{message}");
    for user in [&made, &own] {
        assert!(message.contains(&format!("--user {}", member(user, "userId"))), "{message}");
    }
    // Without the organization there is no doubt.
    let listed = home.json(&[&["keys", "list"], &email[..], &["--json"]].concat());
    assert_eq!(listed["keys"].as_array().map(Vec::len), Some(1), "the key of the account");
}

fn an_invitation_is_created_listed_withdrawn_and_accepted(home: Home) {
    let server = home.serve();
    let ours = home.bootstrap("ada@example.com");
    let theirs = home.bootstrap("eve@example.com");
    let organization = member(&ours, "organizationId");
    let options = ["--organization", organization, "--json"];
    let create = |email: &str| {
        home.json(&[&["invitations", "create", "--email", email, "--role", "viewer"], &options[..]].concat())
    };
    let list = || home.json(&[&["invitations", "list"], &options[..]].concat())["invitations"].clone();
    let accept = |invited: &Value| {
        let body = json!({"token": invited["token"]}).to_string();
        server.send("POST", "/api/v1/invitations/accept", Some(member(&theirs, "apiKey")), Some(&body))
    };
    assert_eq!(list(), json!([]));
    let [first, second] = ["eve@example.com", "nobody@example.com"].map(create);
    let parts = ["invitationId", "token", "expiresAt"].map(|name| member(&first, name));
    assert!(parts[1].starts_with("lgi_"), "{first}");
    assert_eq!(first, json!({"invitationId": parts[0], "token": parts[1], "expiresAt": parts[2]}));
    let listed = list();
    let shown = json!({
        "invitationId": parts[0], "email": "eve@example.com", "state": "pending", "role": "viewer", "projects": [],
        "invitedBy": null, "createdAt": listed[0]["createdAt"], "expiresAt": parts[2],
    });
    assert_eq!((&listed[0], &listed[1]["invitationId"]), (&shown, &second["invitationId"]));
    let again = ["invitations", "create", "--email", "EVE@example.com", "--role", "admin", "--organization"];
    assert_eq!(refused(&home, &[&again[..], &[organization]].concat()).0, Some(1), "the address is invited");
    let (code, message) = refused(&home, &["invitations", "list", "--organization", NOTHING]);
    assert!(code == Some(1) && message.contains("there is no organization"), "{message}");

    let withdraw = [&["invitations", "withdraw", member(&second, "invitationId")], &options[..]].concat();
    assert_eq!(home.json(&withdraw), json!({"invitationId": second["invitationId"]}));
    assert_eq!(refused(&home, &withdraw).0, Some(1), "it is withdrawn already");
    assert_eq!(accept(&second).status, 404);
    assert_eq!(accept(&first).status, 200);
    assert_eq!(list(), json!([]));
    let shown = me(&server, &theirs);
    let mut roles = shown["organizations"].as_array().unwrap().iter().map(|one| (&one["id"], &one["role"]));
    assert!(roles.any(|joined| joined == (&json!(organization), &json!("viewer"))), "{shown}");
}
