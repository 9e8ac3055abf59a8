//! Rosters: adding, removing and changing members of a project.

use serde_json::{Value, json};

use crate::harness::on_every_store;
use crate::harness::response::Response;
use crate::world::{MADE, MADE_UP, NOW, Who, World};

on_every_store!(
    a_roster_is_listed_by_number,
    a_person_is_added,
    people_are_added_in_their_order,
    people_are_added_all_or_none,
    a_batch_has_one_to_a_hundred_people,
    removing_is_checked_in_its_order,
    removing_a_person_unassigns_their_open_tasks,
    a_removal_names_one_person,
    a_role_is_changed,
    the_last_admin_stays,
);

fn roster(world: &World, rest: &str) -> String {
    format!("/v2/projects/{}/{rest}", world.harbour.id)
}

/// Returns a membership on Harbour's roster, with the parts that differ between members.
fn membership(world: &World, id: u32, node_id: &Value, role: &str, who: Who, made: &str) -> Value {
    let (number, name) = match who {
        Who::Founder => (2, "barbara"),
        Who::Member => (3, "grace"),
        Who::Viewer => (4, "edsger"),
        Who::ProjectMember => (5, "margaret"),
        Who::ProjectAdmin => (6, "katherine"),
        Who::Admin | Who::Former | Who::Stranger | Who::Own => panic!("{who:?} is never on this roster"),
    };
    json!({
        "id": id, "node_id": node_id, "role": role, "user_node_id": world.id(who), "createdAt": made,
        "project": {"id": 1, "node_id": world.harbour.id, "project_name": "Harbour"},
        "member": {
            "id": number, "node_id": world.id(who), "username": name, "email": format!("{name}@example.com"),
        },
    })
}

/// Returns the usernames and roles on the roster.
async fn people(world: &World) -> Vec<(String, String)> {
    let list = world.as_project_admin().get(&roster(world, "members")).await.json();
    let rows = list["result"].as_array().expect("rows");
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    rows.iter().map(|row| (text(&row["member"]["username"]), text(&row["role"]))).collect()
}

async fn a_roster_is_listed_by_number(world: World) {
    let list = world.as_project_member().get(&roster(&world, "members")).await;
    let body = list.json();
    let node_id = |index: usize| &body["result"][index]["node_id"];
    list.is(
        200,
        json!({
            "total": 3, "last_page": 1, "prev_page": null, "next_page": null, "has_next_page": false,
            "page": 1, "per_page": 20, "from": 0, "to": 3, "next_cursor": null,
            "result": [
                membership(&world, 1, node_id(0), "admin", Who::Founder, MADE),
                membership(&world, 2, node_id(1), "admin", Who::ProjectAdmin, MADE),
                membership(&world, 3, node_id(2), "member", Who::ProjectMember, MADE),
            ],
        }),
    );
    let client = world.as_project_member();
    let page = client.get(&roster(&world, "members?per_page=2")).await.json();
    let cursor = page["next_cursor"].as_str().expect("a cursor");
    let rest = client.get(&roster(&world, &format!("members?cursor={cursor}"))).await.json();
    assert_eq!(rest["result"], json!([body["result"][2]]));
}

async fn a_person_is_added(world: World) {
    let body = json!({"user_node_id": world.id(Who::Member)});
    let added = world.as_project_admin().post(&roster(&world, "add-member"), body).await;
    let id = added.json()["node_id"].clone();
    added.is(201, membership(&world, 4, &id, "member", Who::Member, NOW));
    assert_eq!(added.location(), None);
    let body = json!({"user_node_id": world.id(Who::Viewer), "role": "admin"});
    let added = world.as_admin().post(&roster(&world, "add-member"), body.clone()).await;
    let id = added.json()["node_id"].clone();
    added.is(201, membership(&world, 5, &id, "admin", Who::Viewer, NOW));
    let again = world.as_admin().post(&roster(&world, "add-member"), body).await;
    again.refuses(400, "ALREADY_A_MEMBER");
    again.names(&[("/user_node_id", "ALREADY_A_MEMBER")]);
}

async fn people_are_added_in_their_order(world: World) {
    let admin = world.as_project_admin();
    let body = json!([
        {"user_node_id": world.id(Who::Viewer), "role": "admin"},
        {"user_node_id": world.id(Who::Member)},
    ]);
    let added = admin.post(&roster(&world, "add-member"), body).await;
    let rows = added.json();
    added.is(
        201,
        json!([
            membership(&world, 4, &rows[0]["node_id"], "admin", Who::Viewer, NOW),
            membership(&world, 5, &rows[1]["node_id"], "member", Who::Member, NOW),
        ]),
    );
    // An array gets an array, even of one element.
    let one =
        admin.post(&roster(&world, "add-member"), json!([{"user_node_id": world.id(Who::Admin)}])).await;
    assert_eq!((one.status, one.json().as_array().map(Vec::len)), (201, Some(1)), "{one}");
}

async fn people_are_added_all_or_none(world: World) {
    let admin = world.as_project_admin();
    let before = people(&world).await;
    let add = async |people: &[&str]| {
        let people: Vec<_> = people.iter().map(|id| json!({"user_node_id": id})).collect();
        admin.post(&roster(&world, "add-member"), json!(people)).await
    };
    let (grace, edsger) = (world.id(Who::Member), world.id(Who::Viewer));
    let unknown = add(&[grace, edsger, MADE_UP]).await;
    unknown.refuses(404, "USER_NOT_FOUND");
    assert_eq!(unknown.field_errors(), [("/2/user_node_id".to_owned(), "USER_NOT_FOUND".to_owned())]);
    let there = add(&[grace, world.id(Who::ProjectMember)]).await;
    there.refuses(400, "ALREADY_A_MEMBER");
    there.names(&[("/1/user_node_id", "ALREADY_A_MEMBER")]);
    let former = add(&[world.id(Who::Former), grace]).await;
    assert_eq!((former.status, former.field_errors()[0].0.as_str()), (404, "/0/user_node_id"), "{former}");
    add(&[grace, edsger, grace]).await.names(&[("/2/user_node_id", "DUPLICATE_VALUE")]);
    assert_eq!(people(&world).await, before);
    assert_eq!(add(&[grace, edsger]).await.status, 201);
}

async fn a_batch_has_one_to_a_hundred_people(world: World) {
    let admin = world.as_project_admin();
    let add = async |body: Value| admin.post(&roster(&world, "add-member"), body).await;
    add(json!([])).await.names(&[("", "TOO_SHORT")]);
    let person = json!({"user_node_id": world.id(Who::Member)});
    add(json!(vec![person; 101])).await.names(&[("", "TOO_LONG")]);
    // All hundred elements are parsed, even the last one, which is not an id.
    let mut hundred: Vec<Value> = (0..100).map(|number| json!({"user_node_id": number})).collect();
    hundred[99] = json!({"user_node_id": "abc"});
    add(json!(hundred)).await.names(&[("/99/user_node_id", "INVALID_ID")]);

    // A display id identifies no user, and two different ones are not duplicates.
    let numbers = add(json!([{"user_node_id": 3}, {"user_node_id": 4}])).await;
    assert_eq!(
        (numbers.problem().1.as_str(), numbers.field_errors()[0].0.as_str()),
        ("USER_NOT_FOUND", "/0/user_node_id")
    );

    let hinted = add(json!({"member_id": 3})).await;
    hinted.names(&[("/member_id", "UNKNOWN_FIELD"), ("/user_node_id", "REQUIRED")]);
    let hint = hinted.json()["errors"][0]["detail"].clone();
    assert!(hint.as_str().is_some_and(|text| text.contains("user_node_id")), "{hint}");
    add(json!([{"member_id": 3}, 7])).await.names(&[
        ("/0/member_id", "UNKNOWN_FIELD"),
        ("/0/user_node_id", "REQUIRED"),
        ("/1", "WRONG_TYPE"),
    ]);
    let role = json!({"user_node_id": world.id(Who::Member), "role": "viewer"});
    add(role).await.names(&[("/role", "NOT_ALLOWED")]);
}

async fn removing_is_checked_in_its_order(world: World) {
    let remove = async |who: Who, person: &str, project: &str| -> Response {
        let path = format!("/v2/projects/{project}/remove-member");
        world.caller(who).patch(&path, json!({"member_node_id": person})).await
    };
    let harbour = world.harbour.id.as_str();
    let oneself = world.id(Who::ProjectMember);
    // An unknown project, before all else.
    remove(Who::ProjectMember, MADE_UP, MADE_UP).await.refuses(404, "NOT_FOUND");
    // The caller is not an admin of the project: before anything about the user, even if it is the caller.
    remove(Who::ProjectMember, MADE_UP, harbour).await.refuses(403, "FORBIDDEN");
    remove(Who::ProjectMember, oneself, harbour).await.refuses(403, "FORBIDDEN");
    // An unknown user.
    remove(Who::ProjectAdmin, MADE_UP, harbour).await.refuses(404, "USER_NOT_FOUND");
    // The caller: before whether and with which role the caller is on the roster.
    remove(Who::ProjectAdmin, world.id(Who::ProjectAdmin), harbour).await.refuses(400, "CANNOT_REMOVE_SELF");
    remove(Who::Admin, world.id(Who::Admin), harbour).await.refuses(400, "CANNOT_REMOVE_SELF");
    // A user who is not on the roster: before the user's roles elsewhere.
    remove(Who::ProjectAdmin, world.id(Who::Admin), harbour).await.refuses(400, "NOT_A_MEMBER");
    remove(Who::ProjectAdmin, world.id(Who::Member), harbour).await.refuses(400, "NOT_A_MEMBER");
    remove(Who::ProjectAdmin, world.id(Who::Founder), harbour).await.refuses(400, "CANNOT_REMOVE_ADMIN");
    remove(Who::Admin, world.id(Who::ProjectAdmin), harbour).await.refuses(400, "CANNOT_REMOVE_ADMIN");
    // An admin of the organization is an admin of the project, even if the roster has them as a member.
    let ada = world.id(Who::Admin);
    let added =
        world.as_project_admin().post(&roster(&world, "add-member"), json!({"user_node_id": ada})).await;
    assert_eq!((added.status, &added.json()["role"]), (201, &json!("member")));
    for who in [Who::ProjectAdmin, Who::Founder] {
        let refused = remove(who, ada, harbour).await;
        refused.refuses(400, "CANNOT_REMOVE_ADMIN");
        refused.names(&[("/member_node_id", "CANNOT_REMOVE_ADMIN")]);
        let detail = refused.json()["detail"].clone();
        assert!(detail.as_str().is_some_and(|text| text.contains("organization")), "{refused}");
    }
    assert_eq!(people(&world).await.len(), 4, "no membership was removed");
    assert_eq!(remove(Who::ProjectAdmin, oneself, harbour).await.status, 200);
    remove(Who::ProjectAdmin, oneself, harbour).await.refuses(400, "NOT_A_MEMBER");
}

async fn removing_a_person_unassigns_their_open_tasks(world: World) {
    let admin = world.as_project_admin();
    let listed = admin.get(&roster(&world, "members")).await.json();
    let tasks = roster(&world, "tasks");
    let given_up =
        json!({"task_name": "Sail", "status": "cancelled", "assignee_node_id": world.id(Who::ProjectMember)});
    let given_up = admin.post(&tasks, given_up).await.json();
    let mut expected =
        membership(&world, 3, &listed["result"][2]["node_id"], "member", Who::ProjectMember, MADE);
    expected["message"] = json!("PROJECT_MEMBER_REMOVED");
    let body = json!({"user_node_id": world.id(Who::ProjectMember)});
    admin.patch(&roster(&world, "remove-member"), body).await.is(200, expected);

    let assignee = async |task: &str| {
        let task = admin.get(&format!("/v2/tasks/{task}?dottie=true")).await.json();
        (task["assignee"]["full_name"].clone(), task["updatedAt"].clone())
    };
    let margaret = json!("Margaret Hamilton");
    assert_eq!(assignee(&world.harbour.open_task).await, (json!(null), json!(NOW)));
    assert_eq!(assignee(&world.harbour.done_task).await, (margaret.clone(), json!(MADE)), "done is done");
    let given_up = given_up["node_id"].as_str().expect("an id");
    assert_eq!(assignee(given_up).await, (margaret.clone(), json!(NOW)));
    // Tasks of other projects are not affected.
    let other = world.as_founder().get(&format!("/v2/tasks/{}?dottie=true", world.vault.open_task)).await;
    assert_eq!(other.json()["assignee"]["full_name"], margaret);
}

async fn a_removal_names_one_person(world: World) {
    let admin = world.as_project_admin();
    let remove = async |body: Value| admin.patch(&roster(&world, "remove-member"), body).await;
    let (margaret, grace) = (world.id(Who::ProjectMember), world.id(Who::Member));
    remove(json!({})).await.names(&[("/member_node_id", "REQUIRED")]);
    let both = json!({"member_node_id": margaret, "user_node_id": grace});
    remove(both).await.names(&[("/user_node_id", "CONTRADICTION")]);
    remove(json!({"member_id": 3}))
        .await
        .names(&[("/member_id", "UNKNOWN_FIELD"), ("/member_node_id", "REQUIRED")]);
    remove(json!({"member_node_id": null})).await.names(&[("/member_node_id", "NULL_NOT_ALLOWED")]);
    admin.request("PATCH", &roster(&world, "remove-member")).await.refuses(400, "INVALID_JSON");
    let same = json!({"member_node_id": margaret, "user_node_id": margaret});
    assert_eq!(remove(same).await.status, 200);
}

async fn a_role_is_changed(world: World) {
    let admin = world.as_project_admin();
    let path = roster(&world, &format!("members/{}", world.id(Who::ProjectMember)));
    let id = admin.get(&roster(&world, "members")).await.json()["result"][2]["node_id"].clone();
    let promoted = membership(&world, 3, &id, "admin", Who::ProjectMember, MADE);
    admin.patch(&path, json!({"role": "admin"})).await.is(200, promoted.clone());
    admin.patch(&path, json!({"role": "admin"})).await.is(200, promoted);
    let demoted = membership(&world, 3, &id, "member", Who::ProjectMember, MADE);
    admin.patch(&path, json!({"role": "member"})).await.is(200, demoted);
    admin.patch(&path, json!({})).await.names(&[("/role", "REQUIRED")]);
    admin.patch(&path, json!({"role": null})).await.names(&[("/role", "NULL_NOT_ALLOWED")]);
    admin.patch(&path, json!({"role": "viewer"})).await.names(&[("/role", "NOT_ALLOWED")]);
}

async fn the_last_admin_stays(world: World) {
    // An admin of the organization may change any roster, and cannot leave one without an admin, either.
    let admin = world.as_admin();
    let demote = async |who: Who| {
        admin.patch(&roster(&world, &format!("members/{}", world.id(who))), json!({"role": "member"})).await
    };
    assert_eq!(demote(Who::Founder).await.status, 200);
    demote(Who::ProjectAdmin).await.refuses(409, "LAST_ADMIN");
    assert_eq!(demote(Who::ProjectMember).await.status, 200, "the member is no admin already");
    let own = roster(&world, &format!("members/{}", world.id(Who::ProjectAdmin)));
    world.as_project_admin().patch(&own, json!({"role": "member"})).await.refuses(409, "LAST_ADMIN");
    let roles: Vec<_> = people(&world).await.into_iter().map(|(_, role)| role).collect();
    assert_eq!(roles, ["member", "admin", "member"]);
}
