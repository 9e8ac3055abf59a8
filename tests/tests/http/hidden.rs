//! A record that the caller may not see gets the same response, byte for byte, as one that does not exist: on every route with an id in its
//! path.

use loggia_http::ENDPOINTS;
use serde_json::{Value, json};

use crate::harness::client::{Client, Request};
use crate::harness::on_every_store;
use crate::harness::response::Response;
use crate::world::{MADE_UP, Who, World};

on_every_store!(
    a_hidden_record_in_a_path_gets_the_response_of_a_made_up_one,
    a_missing_person_in_a_path_gets_the_response_of_a_made_up_one,
    a_missing_member_in_a_path_gets_the_response_of_a_made_up_one,
    a_missing_key_in_a_path_gets_the_response_of_a_made_up_one,
    a_missing_invitation_in_a_path_gets_the_response_of_a_made_up_one,
    the_same_requests_reach_visible_records,
);

/// The kind of record that the id in a path names.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Organization,
    Space,
    Project,
    Task,
}

fn kind(path: &str) -> Kind {
    match path {
        path if path.contains("/organizations/") => Kind::Organization,
        path if path.starts_with("/api/v1/spaces/") => Kind::Space,
        path if path.starts_with("/v2/tasks/") => Kind::Task,
        path if path.starts_with("/v2/projects/") || path.starts_with("/projects/") => Kind::Project,
        other => panic!("{other} has an id of a new kind: add its hidden records"),
    }
}

/// Records that Grace, a member of Meridian who is on no roster, must not see.
struct Hidden {
    /// The description of each case, with the ids of an organization, a space, a project and a task.
    ids: Vec<(&'static str, [String; 4])>,
}

impl Hidden {
    async fn create(world: &World) -> Self {
        let deleted = delete_some(world).await;
        let all = |id: &str| [(); 4].map(|()| id.to_owned());
        let bare = |id: &str| id.replace('-', "");
        let (organization, space) = (world.meridian.clone(), world.pier.clone());
        let (project, task) = (world.harbour.id.clone(), world.harbour.free_task.clone());
        let seen = [&organization, &space, &project, &task];
        let of = |organization: &str, project: &crate::world::Project| {
            [organization.to_owned(), project.space.clone(), project.id.clone(), project.free_task.clone()]
        };
        let vault = &world.vault;
        Self {
            ids: vec![
                ("another organization's", of(&world.borealis, &world.lighthouse)),
                ("someone's personal record", of(MADE_UP, &world.garden)),
                ("a private project's", [MADE_UP, MADE_UP, &vault.id, &vault.free_task].map(str::to_owned)),
                ("deleted", deleted),
                ("an id of another kind", [&space, &project, &task, &organization].map(Clone::clone)),
                ("the caller's own", all(world.id(Who::Member))),
                ("nothing", all("00000000-0000-0000-0000-000000000000")),
                ("a display number", all("1")),
                ("a word", all("abc")),
                ("in upper case", all("01930000-0000-7000-8000-0000FFFFFFFF")),
                ("without hyphens", seen.map(|id| bare(id))),
                ("in braces", seen.map(|id| format!("%7B{id}%7D"))),
                ("with a space", seen.map(|id| format!("{id}%20"))),
                ("not UTF-8", all("%FF")),
                ("NUL", all("%00")),
                ("a slash", all("a%2Fb")),
            ],
        }
    }
}

/// Creates a space, a project and a task, and deletes them.
async fn delete_some(world: &World) -> [String; 4] {
    let founder = world.as_founder();
    let space = founder.post("/api/v1/spaces", json!({"name": "Gone"})).await.json();
    let project = founder.post("/v2/projects", json!({"project_name": "Gone"})).await.json();
    let text = |value: &Value| value.as_str().expect("an id").to_owned();
    let (space, project) = (text(&space["data"]["_id"]), text(&project["node_id"]));
    let tasks = format!("/v2/projects/{project}/tasks");
    let task = text(&founder.post(&tasks, json!({"task_name": "Gone"})).await.json()["node_id"]);
    for path in
        [format!("/api/v1/spaces/{space}"), format!("/v2/tasks/{task}"), format!("/v2/projects/{project}")]
    {
        assert_eq!(founder.delete(&path).await.status, 200, "{path}");
    }
    [MADE_UP.to_owned(), space, project, task]
}

/// Returns a request that is valid by itself.
fn request(world: &World, client: &Client, method: &str, path: &str) -> Request {
    let person = world.id(Who::ProjectMember);
    let path = path.replace("{user_node_id}", person).replace("{userId}", world.id(Who::Own));
    let path = path.replace("{keyId}", &world.badge).replace("{invitationId}", &world.invitation);
    let request = client.request(method, &path).header("X-Request-Id", "the-same");
    let body = match (method, path.as_str()) {
        ("GET" | "HEAD" | "DELETE", _) => return request,
        (_, path) if path.ends_with("/erase") => return request,
        ("POST", path) if path.ends_with("/tasks") => json!({"task_name": "Paint"}),
        (_, path) if path.ends_with("-member") => json!({"user_node_id": world.id(Who::Viewer)}),
        ("POST", path) if path.ends_with("/api-keys") => json!({"name": "badge"}),
        ("POST", path) if path.ends_with("/rotate") => json!({}),
        ("POST", path) if path.ends_with("/resend") => return request,
        ("POST", path) if path.ends_with("/invitations") => json!({"email": "mary@example.com"}),
        ("POST", path) if path.ends_with("/members") => {
            json!({"kind": "machine", "firstName": "Tide", "lastName": "Gauge"})
        }
        (_, path) if path.contains("/members/") => json!({"role": "admin"}),
        (_, path) if path.starts_with("/api/v1/organizations/") => json!({"name": "Paint"}),
        (_, path) if path.starts_with("/api/v1/spaces/") => json!({"name": "Paint"}),
        (_, path) if path.starts_with("/v2/tasks/") => json!({"status": "done"}),
        (_, path) if path.starts_with("/v2/projects/") => json!({"project_name": "Paint"}),
        other => panic!("{other:?} needs a body here"),
    };
    request.json(body)
}

/// Returns the routes with the id of a record in their path, including HEAD. The current user's own keys are tested separately.
fn routes() -> Vec<(&'static str, &'static str)> {
    let with_id = ENDPOINTS
        .iter()
        .filter(|endpoint| endpoint.path.contains("{id}") || endpoint.path.contains("{node_id}"));
    with_id
        .flat_map(|endpoint| {
            let head = (endpoint.method == "GET").then_some(("HEAD", endpoint.path));
            [(endpoint.method, endpoint.path)].into_iter().chain(head)
        })
        .collect()
}

fn with_id(path: &str, id: &str) -> String {
    path.replace("{node_id}", id).replace("{id}", id)
}

async fn a_hidden_record_in_a_path_gets_the_response_of_a_made_up_one(world: World) {
    let hidden = Hidden::create(&world).await;
    let member = world.as_member();
    let mut tested = 0;
    for (method, path) in routes() {
        let made_up = request(&world, &member, method, &with_id(path, MADE_UP)).await;
        assert_eq!(made_up.problem(), (404, "NOT_FOUND".to_owned()), "{method} {path}");
        for (what, ids) in &hidden.ids {
            let [organization, space, project, task] = ids;
            let id = match kind(path) {
                Kind::Organization => organization,
                Kind::Space => space,
                Kind::Project => project,
                Kind::Task => task,
            };
            let response = request(&world, &member, method, &with_id(path, id)).await;
            assert_eq!(response, made_up, "{method} {path} for {what}");
            tested += 1;
        }
    }
    assert_eq!(tested, routes().len() * hidden.ids.len());
}

/// The negative control: the same requests do reach records that the caller may see.
async fn the_same_requests_reach_visible_records(mut world: World) {
    for (method, path) in routes() {
        let id = match kind(path) {
            Kind::Organization => &world.meridian,
            Kind::Space => &world.pier,
            Kind::Project => &world.harbour.id,
            Kind::Task => &world.harbour.free_task,
        };
        let response: Response = request(&world, &world.as_member(), method, &with_id(path, id)).await;
        match path {
            "/api/v1/me/organizations/{id}" => {
                assert_eq!(response.status, 204, "{response}");
                // The member has left, but the routes after this one need the membership.
                world = world.again().await;
            }
            // The project is visible to the member, who is not on its roster.
            "/v2/projects/{node_id}/members/me" => response.refuses(404, "USER_NOT_FOUND"),
            _ => assert!([200, 403].contains(&response.status), "{method} {path}: {response}"),
        }
    }
}

async fn a_missing_person_in_a_path_gets_the_response_of_a_made_up_one(world: World) {
    let admin = world.as_project_admin();
    let role = async |person: &str| {
        let path = format!("/v2/projects/{}/members/{person}", world.harbour.id);
        admin.patch(&path, json!({"role": "member"})).header("X-Request-Id", "the-same").await
    };
    let made_up = role(MADE_UP).await;
    assert_eq!(made_up.problem(), (404, "USER_NOT_FOUND".to_owned()));
    let stranger = world.id(Who::Stranger);
    let upper = "01930000-0000-7000-8000-0000FFFFFFFF";
    for person in [stranger, world.id(Who::Member), world.id(Who::Former), "1", "abc", upper, "%00"] {
        assert_eq!(role(person).await, made_up, "{person}");
    }
    assert_eq!(role(world.id(Who::ProjectMember)).await.status, 200);
}

/// Returns ids of all kinds that belong to no user of Meridian.
fn missing_ids(world: &World) -> [String; 7] {
    let stranger = world.id(Who::Stranger);
    [stranger, &world.meridian, "00000000-0000-0000-0000-000000000000", "1", "abc", "a%2Fb", "%00"]
        .map(str::to_owned)
}

async fn a_missing_member_in_a_path_gets_the_response_of_a_made_up_one(world: World) {
    let founder = world.as_founder();
    let routes: Vec<_> = routes().into_iter().filter(|(_, path)| path.contains("{userId}")).collect();
    assert_eq!(routes.len(), 9);
    for (method, path) in routes {
        let path = path.replace("{id}", &world.meridian);
        let response =
            async |user: &str| request(&world, &founder, method, &path.replace("{userId}", user)).await;
        let made_up = response(MADE_UP).await;
        assert_eq!(made_up.problem(), (404, "USER_NOT_FOUND".to_owned()), "{method} {path}");
        for user in missing_ids(&world) {
            assert_eq!(response(&user).await, made_up, "{method} {path} for {user}");
        }
        // A caller who may not do it does not learn whether the member exists.
        let viewer = world.as_viewer();
        let path = |user: &str| path.replace("{userId}", user);
        let seen = request(&world, &viewer, method, &path(world.id(Who::ProjectMember))).await;
        let unseen = request(&world, &viewer, method, &path("abc")).await;
        assert!(seen.status == 200 || seen == unseen, "{method} {seen} {unseen}");
    }
    // A deactivated member is still a member.
    let former = format!("/api/v1/organizations/{}/members/{}", world.meridian, world.id(Who::Former));
    assert_eq!(founder.get(&former).await.json()["data"]["active"], json!(false));
}

async fn a_missing_key_in_a_path_gets_the_response_of_a_made_up_one(world: World) {
    let (founder, hedy) = (world.as_founder(), world.person(Who::Own));
    let theirs = format!("/api/v1/organizations/{}/members/{}/api-keys", world.meridian, hedy.id);
    let same = |request: Request| request.header("X-Request-Id", "the-same");
    let revoke = async |path: &str, id: &str| same(founder.delete(&format!("{path}/{id}"))).await;
    let rotate =
        async |id: &str| same(founder.post(&format!("/api/v1/api-keys/{id}/rotate"), json!({}))).await;
    let made_up = revoke(&theirs, MADE_UP).await;
    assert_eq!(made_up.problem(), (404, "NOT_FOUND".to_owned()));
    // The founder's key belongs to another member.
    for id in missing_ids(&world).iter().chain([&world.person(Who::Viewer).key, &world.spare]) {
        assert_eq!(revoke(&theirs, id).await, made_up, "{id}");
    }
    for id in missing_ids(&world).iter().chain([&hedy.key, &world.badge]) {
        assert_eq!(revoke("/api/v1/api-keys", id).await, made_up, "{id}");
        assert_eq!(rotate(id).await, made_up, "{id}");
    }
    assert_eq!(rotate(&world.spare).await.status, 201);
    assert_eq!(revoke("/api/v1/api-keys", &world.spare).await.status, 200);
    assert_eq!(revoke(&theirs, &world.badge).await.status, 200);
}

async fn a_missing_invitation_in_a_path_gets_the_response_of_a_made_up_one(world: World) {
    let founder = world.as_founder();
    let invitations = |organization: &str| format!("/api/v1/organizations/{organization}/invitations");
    let own = invitations(&world.meridian);
    let same = |request: Request| request.header("X-Request-Id", "the-same");
    let withdraw = async |id: &str| same(founder.delete(&format!("{own}/{id}"))).await;
    let resend = async |id: &str| same(founder.request("POST", &format!("{own}/{id}/resend"))).await;
    let made_up = withdraw(MADE_UP).await;
    assert_eq!(made_up.problem(), (404, "NOT_FOUND".to_owned()));
    let of_borealis =
        world.as_stranger().post(&invitations(&world.borealis), json!({"email": "mary@example.com"}));
    let of_borealis = of_borealis.await.json()["data"]["id"].as_str().expect("an id").to_owned();
    for id in missing_ids(&world).iter().chain([&of_borealis]) {
        assert_eq!(withdraw(id).await, made_up, "{id}");
        assert_eq!(resend(id).await, made_up, "{id}");
    }
    assert_eq!(resend(&world.invitation).await.status, 200);
    assert_eq!(withdraw(&world.invitation).await.status, 204);
    assert_eq!(withdraw(&world.invitation).await, made_up, "once withdrawn");
    assert_eq!(resend(&world.invitation).await, made_up, "once withdrawn");
}
