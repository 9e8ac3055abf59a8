//! Single tasks: exact bodies of every response, flat and nested.

use serde_json::{Value, json};

use crate::harness::on_every_store;
use crate::world::{MADE, NOW, Who, World};

on_every_store!(
    a_task_is_made_flat_with_its_defaults,
    a_task_is_made_nested_with_every_field,
    a_task_is_read_in_both_shapes,
    a_task_gets_the_next_number,
    a_number_is_assigned_once,
    a_number_is_unique_in_its_project,
    a_patch_changes_what_it_names,
    an_assignee_is_on_the_roster,
    a_task_is_deleted,
    changes_inside_a_project_leave_its_own_record_unchanged,
);

/// Returns Margaret, as the projects dialect shows people.
fn margaret(world: &World) -> Value {
    json!({
        "id": 5, "email": "margaret@example.com", "avatar": "", "node_id": world.id(Who::ProjectMember),
        "full_name": "Margaret Hamilton", "first_name": "Margaret", "last_name": "Hamilton", "employee_no": "5",
    })
}

/// Returns the world's task in progress as it was made, nested.
fn dredge(world: &World) -> Value {
    json!({
        "id": 2, "node_id": world.harbour.open_task, "task_no": "2", "task_name": "Dredge",
        "description": null, "status": "in_progress", "start_date": null, "end_date": null,
        "createdAt": MADE, "updatedAt": MADE,
        "project": {"id": 1, "node_id": world.harbour.id, "project_name": "Harbour"},
        "assignee": margaret(world),
        "created_by": {
            "id": 2, "email": "barbara@example.com", "avatar": "", "node_id": world.id(Who::Founder),
            "full_name": "Barbara Liskov", "first_name": "Barbara", "last_name": "Liskov", "employee_no": "2",
        },
    })
}

fn tasks(world: &World) -> String {
    format!("/v2/projects/{}/tasks", world.harbour.id)
}

async fn a_task_is_made_flat_with_its_defaults(world: World) {
    let made = world.as_project_member().post(&tasks(&world), json!({"task_name": "Paint"})).await;
    let id = made.json()["node_id"].as_str().expect("an id").to_owned();
    let task = json!({
        "id": 4, "node_id": id, "task_no": "4", "task_name": "Paint", "description": null,
        "status": "todo", "start_date": null, "end_date": null, "createdAt": NOW, "updatedAt": NOW,
        "project.id": 1, "project.node_id": world.harbour.id, "project.project_name": "Harbour",
        "assignee.id": null, "assignee.email": null, "assignee.avatar": null, "assignee.node_id": null,
        "assignee.full_name": null, "assignee.first_name": null, "assignee.last_name": null,
        "assignee.employee_no": null,
        "created_by.id": 5, "created_by.email": "margaret@example.com", "created_by.avatar": "",
        "created_by.node_id": world.id(Who::ProjectMember), "created_by.full_name": "Margaret Hamilton",
        "created_by.first_name": "Margaret", "created_by.last_name": "Hamilton", "created_by.employee_no": "5",
    });
    made.is(201, task.clone());
    let location = format!("/v2/tasks/{id}");
    assert_eq!(made.location(), Some(location.as_str()));
    world.as_viewer().get(&location).await.is(200, task);
}

async fn a_task_is_made_nested_with_every_field(world: World) {
    let body = json!({
        "task_no": "2.10.1", "task_name": " Paint ", "description": "White\n\tand red", "status": "in_progress",
        "start_date": "2026-03-01", "end_date": "2026-03-01T00:00:00Z",
        "assignee_node_id": world.id(Who::ProjectMember),
    });
    let path = format!("{}?dottie=true", tasks(&world));
    let made = world.as_project_member().post(&path, body).await;
    let id = made.json()["node_id"].clone();
    let task = json!({
        "id": 4, "node_id": id, "task_no": "2.10.1", "task_name": "Paint", "description": "White\n\tand red",
        "status": "in_progress", "start_date": "2026-03-01T00:00:00.000Z", "end_date": "2026-03-01T00:00:00.000Z",
        "createdAt": NOW, "updatedAt": NOW,
        "project": {"id": 1, "node_id": world.harbour.id, "project_name": "Harbour"},
        "assignee": margaret(&world), "created_by": margaret(&world),
    });
    made.is(201, task);
}

async fn a_task_is_read_in_both_shapes(world: World) {
    let path = format!("/v2/tasks/{}", world.harbour.open_task);
    let viewer = world.as_viewer();
    let nested = dredge(&world);
    viewer.get(&format!("{path}?dottie=true")).await.is(200, nested.clone());
    // The flat form has each relation's fields under dotted keys.
    let mut flat = nested.clone();
    for relation in ["project", "assignee", "created_by"] {
        let members = flat.as_object_mut().expect("an object").remove(relation).expect("a relation");
        for (name, value) in members.as_object().expect("an object") {
            flat[format!("{relation}.{name}")] = value.clone();
        }
    }
    viewer.get(&path).await.is(200, flat.clone());
    viewer.get(&format!("{path}?dottie=false")).await.is(200, flat);
    let free = viewer.get(&format!("/v2/tasks/{}?dottie=true", world.harbour.free_task)).await.json();
    assert_eq!(free["assignee"], json!(null));
    viewer.get(&format!("{path}?dottie=1")).await.names(&[("?dottie", "NOT_ALLOWED")]);
    viewer.get(&format!("{path}?include=all")).await.names(&[("?include", "UNKNOWN_PARAMETER")]);
}

async fn a_task_gets_the_next_number(world: World) {
    let member = world.as_project_member();
    let number = async |body: Value| {
        let made = member.post(&tasks(&world), body).await;
        assert_eq!(made.status, 201, "{made}");
        (made.json()["id"].clone(), made.json()["task_no"].clone())
    };
    assert_eq!(number(json!({"task_name": "A"})).await, (json!(4), json!("4")));
    assert_eq!(number(json!({"task_name": "B", "task_no": "9.9"})).await, (json!(5), json!("9.9")));
    assert_eq!(number(json!({"task_name": "C"})).await, (json!(6), json!("10")), "after the greatest");
    assert_eq!(number(json!({"task_name": "D", "task_no": "10.1"})).await, (json!(7), json!("10.1")));
    // The server finds a number above any number that a client may choose.
    for too_great in ["100000000", "999999999", "999999999.1"] {
        let refused = member.post(&tasks(&world), json!({"task_name": "E", "task_no": too_great})).await;
        refused.names(&[("/task_no", "OUT_OF_RANGE")]);
        assert!(refused.to_string().contains("99999999;"), "the limit is named: {refused}");
    }
    assert_eq!(number(json!({"task_name": "F", "task_no": "99999999"})).await.1, json!("99999999"));
    assert_eq!(number(json!({"task_name": "G"})).await, (json!(9), json!("100000000")));
}

async fn a_number_is_assigned_once(world: World) {
    let member = world.as_project_member();
    let make = async |body: Value| {
        let made = member.post(&tasks(&world), body).await;
        assert_eq!(made.status, 201, "{made}");
        let path = format!("/v2/tasks/{}", made.json()["node_id"].as_str().expect("an id"));
        (path, made.json()["task_no"].clone())
    };
    let (fourth, number) = make(json!({"task_name": "A"})).await;
    assert_eq!(number, json!("4"));
    assert_eq!(member.delete(&fourth).await.status, 200);
    let (fifth, number) = make(json!({"task_name": "B"})).await;
    assert_eq!(number, json!("5"), "4 was another task");
    // A number is not assigned again after its task got another one.
    for number in ["20", "1.1"] {
        assert_eq!(member.patch(&fifth, json!({"task_no": number})).await.status, 200);
    }
    assert_eq!(make(json!({"task_name": "C"})).await.1, json!("21"));
    member.patch(&fifth, json!({"task_no": "100000000"})).await.names(&[("/task_no", "OUT_OF_RANGE")]);
}

async fn a_number_is_unique_in_its_project(world: World) {
    let member = world.as_project_member();
    let twice = json!({"task_name": "Paint", "task_no": "2"});
    member.post(&tasks(&world), twice.clone()).await.names(&[("/task_no", "TASK_NO_TAKEN")]);
    let path = format!("/v2/tasks/{}", world.harbour.free_task);
    member.patch(&path, json!({"task_no": "2"})).await.names(&[("/task_no", "TASK_NO_TAKEN")]);
    assert_eq!(member.patch(&path, json!({"task_no": "1"})).await.status, 200, "its own");
    assert_eq!(member.patch(&path, json!({"task_no": "1.10"})).await.json()["task_no"], json!("1.10"));
    // Another project has numbers of its own, and a client may choose the number of a deleted task.
    assert_eq!(member.delete(&format!("/v2/tasks/{}", world.harbour.open_task)).await.status, 200);
    assert_eq!(member.post(&tasks(&world), twice).await.status, 201);
    for number in
        ["", "0", "1.", ".1", "1..2", "01", "1.02", "-1", "1,2", "a", "1.1.1.1.1.1.1.1.1", "1000000000"]
    {
        let response = member.patch(&path, json!({"task_no": number})).await;
        response.names(&[("/task_no", "INVALID_FORMAT")]);
    }
    member.patch(&path, json!({"task_no": 1.1})).await.names(&[("/task_no", "WRONG_TYPE")]);
    member.patch(&path, json!({"task_no": null})).await.names(&[("/task_no", "NULL_NOT_ALLOWED")]);
}

async fn a_patch_changes_what_it_names(world: World) {
    let (member, path) =
        (world.as_project_member(), format!("/v2/tasks/{}?dottie=true", world.harbour.open_task));
    for unchanged in [json!({}), json!({"task_name": "Dredge", "description": null, "task_no": "2"})] {
        member.patch(&path, unchanged).await.is(200, dredge(&world));
    }
    let mut task = dredge(&world);
    for (name, value) in [
        ("task_name", json!("Dig")),
        ("status", json!("done")),
        ("description", json!("Deep")),
        ("end_date", json!("2026-03-01T00:00:00.000Z")),
        ("updatedAt", json!(NOW)),
    ] {
        task[name] = value;
    }
    let patch =
        json!({"task_name": "Dig", "status": "done", "description": "Deep", "end_date": "2026-03-01"});
    member.patch(&path, patch).await.is(200, task.clone());
    let cleared = json!({"description": null, "end_date": null, "assignee_node_id": null});
    for name in ["description", "end_date", "assignee"] {
        task[name] = json!(null);
    }
    let merge = member.request("PATCH", &path);
    merge.raw("application/merge-patch+json; charset=UTF-8", cleared.to_string()).await.is(200, task.clone());
    world.as_viewer().get(&path).await.is(200, task);
    member
        .patch(&path, json!({"task_name": null, "status": null}))
        .await
        .names(&[("/task_name", "NULL_NOT_ALLOWED"), ("/status", "NULL_NOT_ALLOWED")]);
    for field in ["id", "node_id", "project", "project.node_id", "assignee", "created_by"] {
        let pointer = format!("/{field}");
        member.patch(&path, json!({field: "x"})).await.names(&[(&pointer, "UNKNOWN_FIELD")]);
    }
    member.request("PATCH", &path).await.refuses(400, "INVALID_JSON");
}

async fn an_assignee_is_on_the_roster(world: World) {
    let (member, path) = (world.as_project_member(), format!("/v2/tasks/{}", world.harbour.free_task));
    let assign = async |who: Who| member.patch(&path, json!({"assignee_node_id": world.id(who)})).await;
    let task = assign(Who::ProjectAdmin).await.json();
    assert_eq!(task["assignee.full_name"], json!("Katherine Johnson"));
    assign(Who::Member).await.names(&[("/assignee_node_id", "NOT_A_MEMBER")]);
    assign(Who::Stranger).await.refuses(404, "USER_NOT_FOUND");
    assert_eq!(member.get(&path).await.json(), task);
    // A user who left the roster stays the assignee of a done task, and may be set again, since that changes nothing.
    let remove = json!({"member_node_id": world.id(Who::ProjectMember)});
    let roster = format!("/v2/projects/{}/remove-member", world.harbour.id);
    world.as_project_admin().patch(&roster, remove).await;
    let done = format!("/v2/tasks/{}", world.harbour.done_task);
    let again = json!({"assignee_node_id": world.id(Who::ProjectMember)});
    let kept = world.as_project_admin().patch(&done, again).await;
    assert_eq!((kept.status, &kept.json()["assignee.id"]), (200, &json!(5)), "{kept}");
}

async fn a_task_is_deleted(world: World) {
    let (member, path) = (world.as_project_member(), format!("/v2/tasks/{}", world.harbour.open_task));
    let task = json!({"id": 2, "node_id": world.harbour.open_task, "task_name": "Dredge"});
    member.delete(&path).await.is(200, json!({"message": "TASK_REMOVED", "task": task}));
    for response in
        [member.get(&path).await, member.delete(&path).await, member.patch(&path, json!({})).await]
    {
        response.refuses(404, "NOT_FOUND");
    }
    let next = member.post(&tasks(&world), json!({"task_name": "Paint"})).await.json();
    assert_eq!(next["id"], json!(4), "a display number is not given out again");
}

/// A project's `updatedAt` concerns its own fields only, as in GitLab and Asana.
async fn changes_inside_a_project_leave_its_own_record_unchanged(world: World) {
    let (admin, path) = (world.as_project_admin(), format!("/v2/projects/{}", world.harbour.id));
    let shown = async || {
        let project = admin.get(&path).await;
        (project.json()["updatedAt"].clone(), project.header("etag").map(str::to_owned))
    };
    let before = shown().await;
    assert_eq!(before.0, json!(MADE));
    let made = admin.post(&tasks(&world), json!({"task_name": "Paint"})).await;
    let task = format!("/v2/tasks/{}", made.json()["node_id"].as_str().expect("an id"));
    let changed = admin.patch(&task, json!({"task_no": "7", "status": "done"})).await;
    assert_eq!((changed.status, &changed.json()["updatedAt"]), (200, &json!(NOW)));
    assert_eq!(admin.delete(&task).await.status, 200);
    let person = json!({"user_node_id": world.id(Who::Member)});
    let member = format!("{path}/members/{}", world.id(Who::Member));
    assert_eq!(admin.post(&format!("{path}/add-member"), person.clone()).await.status, 201);
    assert_eq!(admin.patch(&member, json!({"role": "admin"})).await.status, 200);
    assert_eq!(admin.patch(&member, json!({"role": "member"})).await.status, 200);
    assert_eq!(admin.patch(&format!("{path}/remove-member"), person).await.status, 200);
    assert_eq!(shown().await, before);
    assert_eq!(admin.patch(&path, json!({"description": "Quays"})).await.json()["updatedAt"], json!(NOW));
}
