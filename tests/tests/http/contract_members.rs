//! Members of an organization: adding, reading, changing and deactivating them.

use serde_json::{Value, json};

use crate::harness::on_every_store;
use crate::world::{Key, MADE, MADE_UP, NOW, Who, World};

on_every_store!(
    a_member_is_shown_whole,
    one_member_or_several_are_added,
    an_address_that_is_known_elsewhere_reveals_nothing,
    a_taken_address_username_or_number_is_reported,
    adding_an_inactive_member_is_refused_with_the_way_to_reactivate_them,
    a_batch_is_one_to_a_hundred_people_and_all_or_none,
    a_machine_has_no_address,
    a_profile_is_patched,
    a_deactivated_member_loses_access_and_open_tasks_and_stays_an_author,
    the_last_admin_stays,
    fields_that_belong_to_an_account_are_not_changed,
);

fn members(world: &World) -> String {
    format!("/api/v1/organizations/{}/members", world.meridian)
}

fn member(world: &World, who: Who) -> String {
    format!("{}/{}", members(world), world.id(who))
}

fn jean() -> Value {
    json!({"email": "jean@example.com", "firstName": "Jean", "lastName": "Bartik"})
}

async fn a_member_is_shown_whole(world: World) {
    let grace = json!({
        "id": world.id(Who::Member), "kind": "person", "account": true, "email": "grace@example.com", "role": "member",
        "active": true, "firstName": "Grace", "lastName": "Hopper", "fullName": "Grace Hopper",
        "username": "grace", "employeeNumber": "3", "avatar": null, "createdAt": MADE, "updatedAt": MADE,
    });
    let shown = world.as_viewer().get(&member(&world, Who::Member)).await;
    shown.is(200, json!({"data": grace}));
}

async fn one_member_or_several_are_added(world: World) {
    let admin = world.as_admin();
    let full = json!({
        "email": " Jean@Example.com ", "kind": "person", "role": "viewer", "firstName": "Jean",
        "lastName": "Bartik", "username": "jean", "employeeNumber": "8", "avatar": "https://example.com/jean.png",
    });
    let added = admin.post(&members(&world), full).await;
    let id = added.json()["data"]["id"].clone();
    let jean = json!({
        "id": id, "kind": "person", "account": false, "email": "Jean@Example.com", "role": "viewer", "active": true,
        "firstName": "Jean", "lastName": "Bartik", "fullName": "Jean Bartik", "username": "jean",
        "employeeNumber": "8", "avatar": "https://example.com/jean.png", "createdAt": NOW, "updatedAt": NOW,
    });
    added.is(201, json!({"data": jean}));
    let path = format!("{}/{}", members(&world), id.as_str().expect("an id"));
    assert_eq!(added.location(), Some(path.as_str()));
    admin.get(&path).await.is(200, json!({"data": jean}));

    // An array gets an array in that order, even of one element.
    let person =
        |name: &str| json!({"email": format!("{name}@example.com"), "firstName": name, "lastName": "Z"});
    let added = admin.post(&members(&world), json!([person("yves"), person("anna")])).await;
    assert_eq!((added.status, added.location()), (201, None), "{added}");
    let names: Vec<_> = (0..2).map(|n| added.json()["data"][n]["firstName"].clone()).collect();
    assert_eq!(names, ["yves", "anna"]);
    assert_eq!(added.json()["data"][0]["role"], "member", "the default role");
    let one = admin.post(&members(&world), json!([person("olga")])).await;
    assert_eq!(one.json()["data"].as_array().map(Vec::len), Some(1), "{one}");
}

/// Gives an address to Hedy, who then gets her own back, and adds a person with that address. Returns the bodies of both responses, with
/// the address and the person's id replaced.
async fn given_and_added(world: &World, email: &str) -> [String; 2] {
    let (admin, alan) = (world.as_admin(), world.as_stranger());
    let borealis = format!("/api/v1/organizations/{}/members", world.borealis);
    let joan = json!({"email": "joan@example.com", "firstName": "Joan", "lastName": "Clarke"});
    let joan = alan.post(&borealis, joan).await;
    let joan = joan.json()["data"]["id"].as_str().expect("an id").to_owned();
    let known = async || {
        let elsewhere = [world.id(Who::Stranger), joan.as_str()].map(|id| format!("{borealis}/{id}"));
        let mut known = vec![admin.get(&member(world, Who::Member)).await.json()];
        for path in elsewhere {
            known.push(alan.get(&path).await.json());
        }
        known
    };
    let before = known().await;

    let hedy = member(world, Who::Own);
    let given = admin.patch(&hedy, json!({"email": email})).await;
    let back = admin.patch(&hedy, json!({"email": "hedy@example.com"})).await;
    // Ids count up, so a new record has a greater one than any record before.
    let last = world.ports().ids.next().to_string();
    let person = json!({"email": email, "firstName": "Al", "lastName": "T", "username": "al"});
    let added = admin.post(&members(world), person).await;
    let statuses = (given.status, back.status, added.status);
    assert_eq!(statuses, (200, 200, 201), "{given} {back} {added}");
    let id = added.json()["data"]["id"].as_str().expect("an id").to_owned();
    assert!(id > last, "{id} is the id of a new user: {added}");
    for user in [world.id(Who::Stranger), joan.as_str()] {
        let path = format!("{}/{user}", members(world));
        admin.get(&path).await.refuses(404, "USER_NOT_FOUND");
    }
    assert_eq!(known().await, before, "the users who had an address already are unchanged");

    [(given, world.id(Who::Own)), (added, id.as_str())].map(|(response, id)| {
        assert_eq!(response.json()["data"]["email"], email, "the address is as it was sent");
        let body = String::from_utf8(response.bytes).expect("a text");
        body.replace(email, "EMAIL").replace(id, "ID")
    })
}

async fn an_address_that_is_known_elsewhere_reveals_nothing(world: World) {
    let new = given_and_added(&world, "alonzo@example.com").await;
    // Alan has an account, and so has Grace, who is a member of Meridian. Joan is one of Borealis' own people.
    for known in ["ALAN@example.com", "Grace@example.com", "Joan@example.com"] {
        assert_eq!(given_and_added(&world.again().await, known).await, new, "{known}");
    }
}

async fn a_taken_address_username_or_number_is_reported(world: World) {
    let admin = world.as_admin();
    let with = |field: &str, value: &str| {
        let mut person = jean();
        person[field] = value.into();
        person
    };
    for (field, value, code) in [
        ("email", "HEDY@example.com", "ALREADY_A_MEMBER"),
        ("username", "GRACE", "USERNAME_TAKEN"),
        ("employeeNumber", "3", "EMPLOYEE_NUMBER_TAKEN"),
    ] {
        let response = admin.post(&members(&world), with(field, value)).await;
        response.refuses(400, code);
        response.names(&[(&format!("/{field}"), code)]);
        let good = json!({"email": "anna@example.com", "firstName": "Anna", "lastName": "W"});
        let response = admin.post(&members(&world), json!([good, with(field, value)])).await;
        response.refuses(400, code);
        response.names(&[(&format!("/1/{field}"), code)]);
        if field != "email" {
            let response = admin.patch(&member(&world, Who::Viewer), json!({field: value})).await;
            response.refuses(400, code);
            response.names(&[(&format!("/{field}"), code)]);
        }
    }
    let both = json!([with("username", "quay"), {"email": "b@example.com", "firstName": "B", "lastName": "B", "username": "Quay"}]);
    admin.post(&members(&world), both).await.names(&[("/1/username", "USERNAME_TAKEN")]);
    let list = admin.get(&format!("{}?search=anna", members(&world))).await;
    assert_eq!(list.json(), json!({"data": []}), "all or none");
}

async fn adding_an_inactive_member_is_refused_with_the_way_to_reactivate_them(world: World) {
    let admin = world.as_admin();
    let again = json!({"email": "dennis@example.com", "firstName": "Dennis", "lastName": "R"});
    let path = member(&world, Who::Former);
    for (body, pointer) in [(again.clone(), "/email"), (json!([jean(), again]), "/1/email")] {
        let response = admin.post(&members(&world), body).await;
        response.refuses(400, "ALREADY_A_MEMBER");
        response.names(&[(pointer, "MEMBER_INACTIVE")]);
        let detail = response.json()["errors"][0]["detail"].as_str().map(str::to_owned).unwrap_or_default();
        let way_back = format!("`PATCH {path}` with `{{\"active\": true}}`");
        assert!(detail.contains("inactive") && detail.contains(&way_back), "{response}");
        assert_eq!(
            admin.get(&path).await.json()["data"]["active"],
            json!(false),
            "nothing is changed by that"
        );
    }
    // A caller who may not add members does not learn that the person is an inactive member.
    world
        .as_member()
        .post(&members(&world), json!({"email": "dennis@example.com", "firstName": "D", "lastName": "R"}))
        .await
        .refuses(403, "FORBIDDEN");
    let back = admin.patch(&path, json!({"active": true})).await;
    assert_eq!((back.status, &back.json()["data"]["active"]), (200, &json!(true)));
}

async fn a_batch_is_one_to_a_hundred_people_and_all_or_none(world: World) {
    let admin = world.as_admin();
    let person =
        |number: usize| json!({"email": format!("p{number}@example.com"), "firstName": "P", "lastName": "Q"});
    let batch = |count: usize| Value::from((0..count).map(person).collect::<Vec<_>>());
    let post = |body: Value| admin.post(&members(&world), body);
    post(json!([])).await.names(&[("", "TOO_SHORT")]);
    post(batch(101)).await.names(&[("", "TOO_LONG")]);
    let mut again = person(1);
    again["email"] = "P1@EXAMPLE.com".into();
    post(json!([person(1), {"email": "quay"}, again, 7, person(1)])).await.names(&[
        ("/1/email", "INVALID_FORMAT"),
        ("/1/firstName", "REQUIRED"),
        ("/1/lastName", "REQUIRED"),
        ("/3", "WRONG_TYPE"),
        ("/2/email", "DUPLICATE_VALUE"),
        ("/4/email", "DUPLICATE_VALUE"),
    ]);
    assert_eq!(post(batch(100)).await.status, 201);
    let count = admin.get(&format!("{}?limit=1&count=true", members(&world))).await;
    assert_eq!(count.header("x-total-count"), Some("108"));
}

async fn a_machine_has_no_address(world: World) {
    let admin = world.as_founder();
    let gauge = json!({"kind": "machine", "firstName": "Tide", "lastName": "Gauge", "email": null});
    let made = admin.post(&members(&world), json!([gauge, gauge])).await;
    assert_eq!(made.status, 201, "two machines of one name: {made}");
    let data = &made.json()["data"][0];
    assert_eq!((&data["kind"], &data["email"]), (&json!("machine"), &Value::Null));
    let id = data["id"].as_str().expect("an id");
    let with_address =
        json!({"kind": "machine", "firstName": "T", "lastName": "G", "email": "t@example.com"});
    admin.post(&members(&world), with_address).await.names(&[("/email", "NOT_ALLOWED")]);
    let person = json!({"kind": "person", "firstName": "T", "lastName": "G"});
    admin.post(&members(&world), person).await.names(&[("/email", "REQUIRED")]);

    let keys = format!("{}/{id}/api-keys", members(&world));
    let key = admin.post(&keys, json!({"name": "gauge"})).await.json()["data"]["key"].take();
    let machine = world.with_authorization(&[&format!("Bearer {}", key.as_str().expect("a key"))]);
    let me = machine.get("/api/v1/me").await.json()["data"].take();
    assert_eq!((&me["user"]["kind"], &me["user"]["email"]), (&json!("machine"), &Value::Null));
    assert_eq!(me["scopes"], json!([{"kind": "organization", "organizationId": world.meridian}]));
    machine.get("/api/v1/spaces?organizationId=").await.refuses(403, "NO_ACCESS_TO_ORGANIZATION");
    let space = machine.post("/api/v1/spaces", json!({"name": "Level"})).await;
    let path = format!("{}?include=createdBy", space.location().expect("its location"));
    let creator = admin.get(&path).await.json()["data"]["createdBy"].take();
    assert_eq!((&creator["kind"], &creator["email"]), (&json!("machine"), &Value::Null));
    // The projects dialect shows unknown texts of people as empty, never as null.
    let roster = format!("/v2/projects/{}/add-member", world.harbour.id);
    let membership = admin.post(&roster, json!({"user_node_id": id})).await;
    assert_eq!(membership.json()["member"]["email"], "", "{membership}");
    let task = json!({"task_name": "Measure"});
    let task = machine.post(&format!("/v2/projects/{}/tasks?dottie=true", world.harbour.id), task).await;
    assert_eq!(task.json()["created_by"]["email"], "", "{task}");
}

async fn a_profile_is_patched(world: World) {
    let (admin, path) = (world.as_admin(), member(&world, Who::Own));
    let before = admin.get(&path).await.json();
    world.clock.advance_seconds(60);
    for nothing in [json!({}), json!({"role": "member", "active": true, "username": "hedy"})] {
        admin.patch(&path, nothing).await.is(200, before.clone());
    }
    let patch = json!({
        "role": "viewer", "firstName": "G.", "lastName": "H.", "username": null, "employeeNumber": "33",
        "avatar": "https://example.com/g.png",
    });
    let mut after = before.clone();
    for (field, value) in patch.as_object().expect("an object") {
        after["data"][field] = value.clone();
    }
    after["data"]["fullName"] = "G. H.".into();
    after["data"]["updatedAt"] = "2026-02-01T08:01:00.000Z".into();
    admin.patch(&path, patch).await.is(200, after.clone());
    world.as_viewer().get(&path).await.is(200, after);
    // Its own people's addresses are the organization's to correct, and unique among them.
    let changed = admin.patch(&path, json!({"email": "Grace@example.com"})).await;
    assert_eq!(changed.json()["data"]["email"], "Grace@example.com", "{changed}");
    let taken = admin.patch(&path, json!({"email": "DENNIS@example.com"})).await;
    taken.refuses(400, "EMAIL_TAKEN");
    taken.names(&[("/email", "EMAIL_TAKEN")]);
    world.as_own_person().patch(&path, json!({"role": "admin"})).await.refuses(403, "FORBIDDEN");
}

async fn a_deactivated_member_loses_access_and_open_tasks_and_stays_an_author(world: World) {
    let (admin, margaret) = (world.as_founder(), world.as_project_member());
    let path = member(&world, Who::ProjectMember);
    let made = margaret.post("/api/v1/spaces", json!({"name": "Hers"})).await;
    let space = made.location().expect("its location").to_owned();
    let gone = admin.delete(&path).await;
    assert_eq!((gone.status, &gone.json()["data"]["active"]), (200, &json!(false)), "{gone}");
    admin.delete(&path).await.is(200, gone.json());

    margaret.get(&space).await.refuses(404, "NOT_FOUND");
    margaret.get("/v2/projects").await.refuses(403, "NO_ACCESS_TO_ORGANIZATION");
    assert_eq!(margaret.get("/v2/projects?organization_id=").await.status, 200, "their own stays");
    let roster = admin.get(&format!("/v2/projects/{}/members", world.harbour.id)).await.json();
    assert_eq!(roster["total"], 2, "{roster}");
    let assignee = async |task: &str| {
        admin.get(&format!("/v2/tasks/{task}?dottie=true")).await.json()["assignee"]["node_id"].take()
    };
    assert_eq!(assignee(&world.harbour.open_task).await, Value::Null);
    assert_eq!(assignee(&world.harbour.done_task).await, world.id(Who::ProjectMember));
    let author = admin.get(&format!("{space}?include=createdBy")).await.json()["data"]["createdBy"].take();
    assert_eq!(author["fullName"], "Margaret Hamilton");

    admin.patch(&path, json!({"active": true})).await.refuses(409, "INVITATION_REQUIRED");
    world.bring_back(Who::ProjectMember).await;
    margaret.get(&space).await.refuses(404, "NOT_FOUND");
    let new_key = world.with_key(Who::ProjectMember, Key::Full).await;
    assert_eq!(new_key.get(&space).await.status, 200, "with a key from afterwards");
    let roster = admin.get(&format!("/v2/projects/{}/members", world.harbour.id)).await.json();
    assert_eq!(roster["total"], 2, "but not onto the rosters: {roster}");
}

async fn the_last_admin_stays(world: World) {
    let (ada, barbara) = (member(&world, Who::Admin), member(&world, Who::Founder));
    let admin = world.as_admin();
    assert_eq!(admin.patch(&barbara, json!({"role": "member"})).await.status, 200);
    for refused in [
        admin.delete(&ada).await,
        admin.patch(&ada, json!({"role": "viewer"})).await,
        admin.patch(&ada, json!({"active": false, "username": "countess"})).await,
    ] {
        refused.refuses(409, "LAST_ADMIN");
    }
    assert_eq!(admin.get(&ada).await.json()["data"]["username"], "ada", "nothing of it was done");
    let made_up = format!("{}/{MADE_UP}", members(&world));
    admin.delete(&made_up).await.refuses(404, "USER_NOT_FOUND");
}

async fn fields_that_belong_to_an_account_are_not_changed(world: World) {
    let (admin, path) = (world.as_admin(), member(&world, Who::Member));
    let before = admin.get(&path).await.json();
    for patch in [
        json!({"firstName": "Mallory", "role": "viewer"}),
        json!({"lastName": "Mallory"}),
        json!({"avatar": "https://example.com/mallory.png"}),
        json!({"email": "mallory@example.com"}),
    ] {
        admin.patch(&path, patch).await.refuses(403, "BELONGS_TO_ACCOUNT");
    }
    admin.get(&path).await.is(200, before);
    let kept =
        admin.patch(&path, json!({"firstName": "Grace", "username": "g", "employeeNumber": "42"})).await;
    assert_eq!(kept.json()["data"]["employeeNumber"], "42", "{kept}");
}
