//! References in bodies and queries: here, too, a record that the caller may not see looks like one that does not exist.

use serde_json::{Value, json};

use crate::harness::client::Request;
use crate::harness::on_every_store;
use crate::harness::response::Response;
use crate::world::{MADE_UP, Who, World};

on_every_store!(
    a_hidden_project_of_a_space_gets_the_response_of_a_made_up_one,
    a_hidden_person_in_a_body_gets_the_response_of_a_made_up_one,
    a_hidden_assignee_in_a_body_gets_the_response_of_a_made_up_one,
    a_hidden_organization_in_a_body_gets_the_response_of_a_made_up_one,
    a_hidden_organization_in_a_query_gets_the_response_of_a_made_up_one,
    the_id_of_a_user_is_not_the_id_of_an_organization,
    a_hidden_project_in_a_filter_gets_the_response_of_a_made_up_one,
    a_hidden_assignee_in_a_filter_gets_the_response_of_a_made_up_one,
    a_cursor_of_another_scope_gets_the_response_of_a_made_up_one,
);

async fn sent(request: Request) -> Response {
    request.header("X-Request-Id", "the-same").await
}

async fn a_hidden_project_of_a_space_gets_the_response_of_a_made_up_one(world: World) {
    let member = world.as_member();
    let pier = format!("/api/v1/spaces/{}", world.pier);
    let make = async |project: &str| {
        sent(member.post("/api/v1/spaces", json!({"name": "Quay", "projectId": project}))).await
    };
    let change = async |project: &str| sent(member.patch(&pier, json!({"projectId": project}))).await;
    let (made, changed) = (make(MADE_UP).await, change(MADE_UP).await);
    made.names(&[("/projectId", "UNKNOWN_PROJECT")]);
    changed.names(&[("/projectId", "UNKNOWN_PROJECT")]);
    let hidden = [&world.lighthouse.id, &world.garden.id, &world.vault.id, &world.pier, &world.meridian];
    for project in hidden {
        assert_eq!(make(project).await, made, "{project}");
        assert_eq!(change(project).await, changed, "{project}");
    }
    assert_eq!(make(&world.harbour.id).await.status, 201);
    assert_eq!(change(&world.harbour.id).await.status, 200);

    // A project that the caller sees does not exist for a space of another scope.
    let own = json!({"name": "Bed", "organizationId": null, "projectId": world.harbour.id});
    let crossed = sent(world.as_project_member().post("/api/v1/spaces", own)).await;
    assert_eq!(crossed, made);
    // A caller on its roster sees the private project.
    let seen = json!({"name": "Safe", "projectId": world.vault.id});
    assert_eq!(world.as_project_member().post("/api/v1/spaces", seen).await.status, 201);
}

async fn a_hidden_person_in_a_body_gets_the_response_of_a_made_up_one(world: World) {
    let admin = world.as_project_admin();
    let path = |name: &str| format!("/v2/projects/{}/{name}", world.harbour.id);
    let calls = [("POST", "add-member", "user_node_id"), ("PATCH", "remove-member", "member_node_id")];
    for (method, name, field) in calls {
        let call =
            async |person: Value| sent(admin.request(method, &path(name)).json(json!({field: person}))).await;
        let made_up = call(json!(MADE_UP)).await;
        made_up.refuses(404, "USER_NOT_FOUND");
        assert_eq!(made_up.field_errors(), [(format!("/{field}"), "USER_NOT_FOUND".to_owned())]);
        for person in
            [json!(world.id(Who::Stranger)), json!(1), json!(25), json!("25"), json!(world.meridian)]
        {
            assert_eq!(call(person.clone()).await, made_up, "{name} {person}");
        }
        call(json!("abc")).await.names(&[(&format!("/{field}"), "INVALID_ID")]);
    }
    // A deactivated user is known, but not an active member.
    let former = json!({"user_node_id": world.id(Who::Former)});
    let back = admin.post(&path("add-member"), former.clone()).await;
    assert_eq!(back.problem(), (404, "USER_NOT_FOUND".to_owned()));
    admin.patch(&path("remove-member"), former).await.refuses(400, "NOT_A_MEMBER");
}

async fn a_hidden_assignee_in_a_body_gets_the_response_of_a_made_up_one(world: World) {
    let admin = world.as_project_admin();
    let (tasks, task) = (
        format!("/v2/projects/{}/tasks", world.harbour.id),
        format!("/v2/tasks/{}", world.harbour.free_task),
    );
    let make = async |person: Value| {
        sent(admin.post(&tasks, json!({"task_name": "Paint", "assignee_node_id": person}))).await
    };
    let change = async |person: Value| sent(admin.patch(&task, json!({"assignee_node_id": person}))).await;
    let (made, changed) = (make(json!(MADE_UP)).await, change(json!(MADE_UP)).await);
    for response in [&made, &changed] {
        response.refuses(404, "USER_NOT_FOUND");
        assert_eq!(response.field_errors(), [("/assignee_node_id".to_owned(), "USER_NOT_FOUND".to_owned())]);
    }
    for person in [json!(world.id(Who::Stranger)), json!(1), json!("1")] {
        assert_eq!(make(person.clone()).await, made, "{person}");
        assert_eq!(change(person.clone()).await, changed, "{person}");
    }
    // Membership of the organization without membership of the roster is no secret.
    for person in [Who::Member, Who::Former, Who::Admin] {
        make(json!(world.id(person))).await.names(&[("/assignee_node_id", "NOT_A_MEMBER")]);
    }
}

async fn a_hidden_organization_in_a_body_gets_the_response_of_a_made_up_one(world: World) {
    for (path, body, field) in [
        ("/api/v1/spaces", json!({"name": "Quay"}), "organizationId"),
        ("/v2/projects", json!({"project_name": "Quay"}), "organization_id"),
    ] {
        let make = async |organization: &str| {
            let mut body = body.clone();
            body[field] = json!(organization);
            sent(world.as_admin().post(path, body)).await
        };
        let made_up = make(MADE_UP).await;
        made_up.refuses(403, "NO_ACCESS_TO_ORGANIZATION");
        for organization in [&world.borealis, world.id(Who::ProjectMember), &world.pier] {
            assert_eq!(make(organization).await, made_up, "{path} {organization}");
        }
        make("abc").await.names(&[(&format!("/{field}"), "INVALID_ID")]);
        assert_eq!(make(&world.meridian).await.status, 201);
    }
}

async fn a_hidden_organization_in_a_query_gets_the_response_of_a_made_up_one(world: World) {
    let parameters = [
        ("/api/v1/spaces", "organizationId"),
        ("/v2/projects", "organization_id"),
        ("/v2/tasks/my-tasks-by-project", "organization_id"),
    ];
    for (path, parameter) in parameters {
        let list = async |organization: &str| {
            sent(world.as_admin().get(&format!("{path}?{parameter}={organization}"))).await
        };
        let made_up = list(MADE_UP).await;
        made_up.refuses(403, "NO_ACCESS_TO_ORGANIZATION");
        for organization in [&world.borealis, world.id(Who::ProjectMember), &world.pier] {
            assert_eq!(list(organization).await, made_up, "{path} {organization}");
        }
        list("abc").await.names(&[(&format!("?{parameter}"), "INVALID_ID")]);
    }
}

/// A user's id also names the user's personal scope in a store, but is not an organization's id.
async fn the_id_of_a_user_is_not_the_id_of_an_organization(world: World) {
    let (ada, own) = (world.as_admin(), world.id(Who::Admin));
    for path in [
        "/api/v1/spaces?organizationId",
        "/v2/projects?organization_id",
        "/v2/tasks/my-tasks-by-project?organization_id",
    ] {
        let made_up = sent(ada.get(&format!("{path}={MADE_UP}"))).await;
        assert_eq!(sent(ada.get(&format!("{path}={own}"))).await, made_up, "{path}");
    }
    for (path, name, field) in
        [("/api/v1/spaces", "name", "organizationId"), ("/v2/projects", "project_name", "organization_id")]
    {
        let made_up = sent(ada.post(path, json!({name: "Quay", field: MADE_UP}))).await;
        assert_eq!(sent(ada.post(path, json!({name: "Quay", field: own}))).await, made_up, "{path}");
    }
}

/// Removes the id that the client itself sent from a response that is compared.
fn without(mut response: Response, id: &str) -> Response {
    for (_, value) in &mut response.headers {
        *value = value.replace(id, "ID");
    }
    response
}

async fn a_hidden_project_in_a_filter_gets_the_response_of_a_made_up_one(world: World) {
    let list = async |project: &str| {
        let path = format!("/api/v1/spaces?projectId={project}&count=true");
        without(sent(world.as_member().get(&path)).await, project)
    };
    let made_up = list(MADE_UP).await;
    made_up.is(200, json!({"data": []}));
    assert_eq!(made_up.header("x-total-count"), Some("0"));
    for project in [&world.lighthouse.id, &world.garden.id, &world.pier] {
        assert_eq!(list(project).await, made_up, "{project}");
    }
    assert_eq!(list(&world.harbour.id).await.header("x-total-count"), Some("1"));
}

async fn a_hidden_assignee_in_a_filter_gets_the_response_of_a_made_up_one(world: World) {
    let list = async |person: &str| {
        sent(world.as_member().get(&format!("/v2/projects/{}/tasks?assignee={person}", world.harbour.id)))
            .await
    };
    let made_up = list(MADE_UP).await;
    assert_eq!((made_up.status, &made_up.json()["result"]), (200, &json!([])));
    for person in [Who::Stranger, Who::Viewer, Who::Former] {
        assert_eq!(list(world.id(person)).await, made_up, "{person:?}");
    }
    assert_eq!(list(world.id(Who::ProjectMember)).await.json()["total"], json!(2));
}

async fn a_cursor_of_another_scope_gets_the_response_of_a_made_up_one(world: World) {
    let stranger = world.as_stranger();
    for name in ["Lamp", "Stairs"] {
        stranger.post("/api/v1/spaces", json!({"name": name})).await;
        stranger.post("/v2/projects", json!({"project_name": name})).await;
    }
    let page = stranger.get("/v2/projects?per_page=1").await.json();
    let cursor = page["next_cursor"].as_str().expect("a cursor");
    let list =
        async |cursor: &str| sent(world.as_member().get(&format!("/v2/projects?cursor={cursor}"))).await;
    let made_up = list("AAAA").await;
    made_up.names(&[("?cursor", "INVALID_CURSOR")]);
    assert_eq!(list(cursor).await, made_up);

    let page = stranger.get("/api/v1/spaces?limit=1").await;
    let link = page.header("link").expect("links").to_owned();
    let (_, next) = link.split_once("cursor=").expect("a next page");
    let (cursor, _) = next.split_once('>').expect("its end");
    let list = async |cursor: &str| {
        sent(world.as_member().get(&format!("/api/v1/spaces?limit=1&cursor={cursor}"))).await
    };
    let made_up = list("AAAA").await;
    made_up.names(&[("?cursor", "INVALID_CURSOR")]);
    assert_eq!(list(cursor).await, made_up);
}
