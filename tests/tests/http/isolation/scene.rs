//! The world of the matrix: its records beside those of [`World`], and the request of each cell.

mod cast;

use std::collections::BTreeMap;

use loggia_domain::invitation::InvitationToken;
use loggia_domain::scope::Scope;
use loggia_http::BodyRule;
use serde_json::{Value, json};

use super::callers::Caller;
use super::rows::{Record, Row, Site};
use crate::harness::client::Client;
use crate::harness::response::Response;
use crate::world::{Key, MADE_UP, Project, Who, World};

/// The callers, and the records that [`World`] does not have.
pub(super) struct Scene {
    clients: Vec<Client>,
    /// A space, a project and a task of Meridian that were deleted.
    deleted: [String; 3],
    /// A key of Hedy's that is revoked.
    revoked: String,
    /// An invitation of Meridian's that was withdrawn, and its token.
    withdrawn: [String; 2],
    borealis: Borealis,
    /// The cursors of the lists of Meridian and its project, and of Borealis and its project, by the path of the list.
    cursors: BTreeMap<&'static str, [String; 2]>,
}

/// The records of Borealis beside those of [`World`].
struct Borealis {
    /// A member who is on the roster.
    joan: String,
    /// A key of Joan's that is confined to Borealis.
    key: String,
    /// A member who is on no roster.
    mavis: String,
    /// The first of two invitations.
    invitation: String,
}

impl Scene {
    pub(super) async fn create(world: &World) -> Self {
        let deleted = delete_some(world).await;
        let revoked = revoke_one(world).await;
        let withdrawn = withdraw_one(world).await;
        let borealis = furnish_borealis(world).await;
        furnish_own(world, &borealis).await;
        let cursors = cursors(world, &borealis).await;
        let mut clients = Vec::new();
        for caller in Caller::ALL {
            clients.push(cast::client(world, caller).await);
        }
        Self { clients, deleted, revoked, withdrawn, borealis, cursors }
    }

    /// Sends the request of a cell.
    pub(super) async fn request(&self, world: &World, row: &Row, caller: Caller) -> Response {
        let client = &self.clients[caller.index()];
        let mut target = self.target(world, row);
        if let Some((name, value)) = self.parameter(world, row) {
            target = format!("{target}?{name}={value}");
        }
        let request = client.request(row.endpoint.method, &target).header("X-Request-Id", "the-same");
        match self.body(world, row) {
            Some(body) => request.json(body).await,
            None => request.await,
        }
    }

    /// Returns the id or other text that a row has at a site, or an empty text if there is none.
    pub(super) fn id(&self, world: &World, site: Site, record: Record) -> String {
        let project = |of: fn(&Project) -> &String, deleted: &str| match record {
            Record::Private => of(&world.vault).clone(),
            Record::Foreign => of(&world.lighthouse).clone(),
            Record::Personal => of(&world.garden).clone(),
            Record::Deleted => deleted.to_owned(),
            Record::MadeUp => MADE_UP.to_owned(),
            _ => of(&world.harbour).clone(),
        };
        let [space, of_projects, task] = &self.deleted;
        match site {
            Site::Nothing | Site::Cursor => String::new(),
            Site::Include if record == Record::Own => world.harbour.space.clone(),
            Site::Space | Site::QuerySpace(_) | Site::Include => project(|project| &project.space, space),
            Site::Project | Site::BodyProject(_) | Site::QueryProject(_) => {
                project(|project| &project.id, of_projects)
            }
            Site::Task => project(|project| &project.free_task, task),
            Site::Organization | Site::BodyScope(_) | Site::QueryScope(_) => match record {
                Record::Foreign => world.borealis.clone(),
                Record::Personal => world.id(Who::ProjectMember).to_owned(),
                Record::CallersOwn => String::new(),
                Record::MadeUp => MADE_UP.to_owned(),
                _ => world.meridian.clone(),
            },
            Site::Member | Site::Person | Site::BodyPerson(_) | Site::QueryPerson(_) => match record {
                Record::Foreign => world.id(Who::Stranger).to_owned(),
                Record::ForeignOwn => self.borealis.joan.clone(),
                Record::Former => world.id(Who::Former).to_owned(),
                Record::MadeUp => MADE_UP.to_owned(),
                _ if site == Site::Member => world.id(Who::Own).to_owned(),
                _ => world.id(Who::ProjectMember).to_owned(),
            },
            Site::MemberKey | Site::OwnKey => match record {
                Record::Foreign => world.person(Who::Stranger).key.clone(),
                Record::Personal => world.person(Who::ProjectMember).key.clone(),
                Record::Deleted => self.revoked.clone(),
                Record::MadeUp => MADE_UP.to_owned(),
                _ => world.badge.clone(),
            },
            Site::Invitation => match record {
                Record::Foreign => self.borealis.invitation.clone(),
                Record::Deleted => self.withdrawn[0].clone(),
                Record::MadeUp => MADE_UP.to_owned(),
                _ => world.invitation.clone(),
            },
            Site::BodyToken(_) => match record {
                Record::Deleted => self.withdrawn[1].clone(),
                Record::MadeUp => InvitationToken::from_entropy([7; 32]).expose().to_owned(),
                _ => world.token.clone(),
            },
        }
    }

    /// Returns the path. Records that the row does not vary belong to the organization that the path names.
    fn target(&self, world: &World, row: &Row) -> String {
        let id = |site: Site| {
            let about = row.site == site || (row.site == Site::Include && site == Site::Space);
            self.id(world, site, if about { row.record } else { Record::Own })
        };
        let path = row.endpoint.path;
        let of_path = match path {
            path if path.contains("/organizations/") => id(Site::Organization),
            path if path.starts_with("/api/v1/spaces/") => id(Site::Space),
            path if path.starts_with("/v2/tasks/") => id(Site::Task),
            _ => id(Site::Project),
        };
        if is_in_borealis(row) {
            let Borealis { joan, key, invitation, .. } = &self.borealis;
            let path = path.replace("{id}", &of_path).replace("{node_id}", &of_path);
            let path = path.replace("{invitationId}", invitation);
            return path.replace("{userId}", joan).replace("{user_node_id}", joan).replace("{keyId}", key);
        }
        let key = if path.contains("/members/") { Site::MemberKey } else { Site::OwnKey };
        path.replace("{id}", &of_path)
            .replace("{node_id}", &of_path)
            .replace("{userId}", &id(Site::Member))
            .replace("{user_node_id}", &id(Site::Person))
            .replace("{keyId}", &id(key))
            .replace("{invitationId}", &id(Site::Invitation))
            .replace("{code}", "NOT_FOUND")
            .replace("{file}", "swagger-ui.css")
    }

    fn parameter(&self, world: &World, row: &Row) -> Option<(&'static str, String)> {
        match row.site {
            Site::QueryScope(name)
            | Site::QueryProject(name)
            | Site::QuerySpace(name)
            | Site::QueryPerson(name) => Some((name, self.id(world, row.site, row.record))),
            Site::Include => Some(("include", "all".to_owned())),
            Site::Cursor => {
                let cursors = self.cursors.get(row.endpoint.path);
                let [own, foreign] = cursors.unwrap_or_else(|| panic!("no cursor of {}", row.endpoint.path));
                let cursor = match row.record {
                    Record::Own => own,
                    Record::Foreign => foreign,
                    _ => "AAAA",
                };
                Some(("cursor", cursor.to_owned()))
            }
            _ => None,
        }
    }

    /// Returns a body with which every caller succeeds who may call the endpoint, with the row's record in it.
    fn body(&self, world: &World, row: &Row) -> Option<Value> {
        if row.endpoint.body_rule() == BodyRule::None {
            return None;
        }
        let mut body = smallest_body(world, row.endpoint.path);
        match row.site {
            Site::Project if is_in_borealis(row) && row.endpoint.path.ends_with("/add-member") => {
                body = json!({"user_node_id": self.borealis.mavis});
            }
            Site::Project if is_in_borealis(row) && row.endpoint.path.ends_with("/remove-member") => {
                body = json!({"member_node_id": self.borealis.joan});
            }
            // The person to add is not on the roster yet.
            Site::BodyPerson(_)
                if row.record == Record::Own && row.endpoint.path.ends_with("/add-member") => {}
            Site::BodyPerson(name) => {
                if row.endpoint.path.ends_with("/remove-member") {
                    body = json!({});
                }
                body[name] = json!(self.id(world, row.site, row.record));
            }
            Site::BodyProject(name @ "projects") => {
                body[name] = json!([{"node_id": self.id(world, row.site, row.record)}]);
            }
            Site::BodyScope(name) | Site::BodyProject(name) | Site::BodyToken(name) => {
                body[name] = json!(self.id(world, row.site, row.record));
            }
            _ => {}
        }
        Some(body)
    }
}

/// Returns `true` if everything that a row's request names is in Borealis, so that its admin succeeds.
fn is_in_borealis(row: &Row) -> bool {
    row.record == Record::Foreign && matches!(row.site, Site::Organization | Site::Project)
}

/// Returns the smallest body that has an effect.
pub(super) fn smallest_body(world: &World, path: &str) -> Value {
    match path {
        path if path.ends_with("/invitations") => json!({"email": "mary@example.com"}),
        path if path.ends_with("/accept") => json!({"token": world.token}),
        path if path.ends_with("/rotate") => json!({}),
        path if path.ends_with("/api-keys") => json!({"name": "Quay"}),
        "/api/v1/me" => json!({"firstName": "Jean"}),
        "/api/v1/organizations" | "/api/v1/organizations/{id}" => json!({"name": "Quay"}),
        "/api/v1/spaces" | "/api/v1/spaces/{id}" => json!({"name": "Quay"}),
        "/api/v1/organizations/{id}/members" => {
            json!({"email": "jean@example.com", "firstName": "Jean", "lastName": "Bartik"})
        }
        "/api/v1/organizations/{id}/members/{userId}" => json!({"firstName": "Jean"}),
        "/v2/projects" | "/v2/projects/{node_id}" | "/v2/projects/{node_id}/" => {
            json!({"project_name": "Quay"})
        }
        path if path.ends_with("/add-member") => json!({"user_node_id": world.id(Who::Member)}),
        path if path.ends_with("/remove-member") => {
            json!({"member_node_id": world.id(Who::ProjectMember)})
        }
        path if path.ends_with("/members/{user_node_id}") => json!({"role": "admin"}),
        path if path.ends_with("/tasks") || path.starts_with("/v2/tasks/") => {
            json!({"task_name": "Paint"})
        }
        other => panic!("{other:?}: the isolation matrix needs a body for it"),
    }
}

/// Returns all events in the world's scopes. Every change writes an event.
pub(super) async fn dump(world: &World) -> String {
    let views = world.ports().views;
    let people = Who::ALL.map(|who| world.person(who));
    let personal = people.iter().map(|person| Scope::Personal(person.user));
    let organizations = people.iter().map(|person| Scope::Organization(person.organization));
    let mut all = String::new();
    for scope in personal.chain(organizations) {
        let events = views.events(scope, None, 10_000).await.expect("events");
        all.push_str(&format!("{scope:?} {events:?}\n"));
    }
    all
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

/// Creates a space, a project and a task of Meridian, and deletes them.
async fn delete_some(world: &World) -> [String; 3] {
    let founder = world.as_founder();
    let space = text(&founder.post("/api/v1/spaces", json!({"name": "Gone"})).await.json()["data"]["_id"]);
    let project = founder.post("/v2/projects", json!({"project_name": "Gone"})).await.json();
    let project = text(&project["node_id"]);
    let tasks = format!("/v2/projects/{project}/tasks");
    let task = text(&founder.post(&tasks, json!({"task_name": "Gone"})).await.json()["node_id"]);
    for path in
        [format!("/api/v1/spaces/{space}"), format!("/v2/tasks/{task}"), format!("/v2/projects/{project}")]
    {
        assert_eq!(founder.delete(&path).await.status, 200, "{path}");
    }
    [space, project, task]
}

async fn revoke_one(world: &World) -> String {
    let hedy = world.with_key(Who::Own, Key::Full).await;
    let id = text(&hedy.get("/api/v1/me").await.json()["data"]["key"]["id"]);
    assert_eq!(hedy.delete(&format!("/api/v1/api-keys/{id}")).await.status, 200);
    id
}

/// Invites two people to Meridian, one of them in vain: returns the withdrawn invitation and its token.
async fn withdraw_one(world: &World) -> [String; 2] {
    let (admin, path) = (world.as_admin(), format!("/api/v1/organizations/{}/invitations", world.meridian));
    let kept = admin.post(&path, json!({"email": cast::INVITED})).await;
    let gone = admin.post(&path, json!({"email": "gone@example.com"})).await;
    assert_eq!((kept.status, gone.status), (201, 201), "{kept} {gone}");
    let gone = ["id", "token"].map(|field| text(&gone.json()["data"][field]));
    assert_eq!(admin.delete(&format!("{path}/{}", gone[0])).await.status, 204);
    gone
}

/// Adds members, a space, a project, a task and invitations to Borealis, so that its lists continue after their first row.
async fn furnish_borealis(world: &World) -> Borealis {
    let alan = world.as_stranger();
    let members = format!("/api/v1/organizations/{}/members", world.borealis);
    let joan = json!({"email": "joan@example.com", "firstName": "Joan", "lastName": "Clarke"});
    let joan = alan.post(&members, joan).await;
    let mavis = json!({"email": "mavis@example.com", "firstName": "Mavis", "lastName": "Batey"});
    let mavis = alan.post(&members, mavis).await;
    let id = text(&joan.json()["data"]["id"]);
    let key = alan.post(&format!("{members}/{id}/api-keys"), json!({"name": "badge"})).await;
    let person = json!({"user_node_id": id});
    let roster = alan.post(&format!("/v2/projects/{}/add-member", world.lighthouse.id), person).await;
    let space = alan.post("/api/v1/spaces", json!({"name": "Lamp"})).await;
    let project = alan.post("/v2/projects", json!({"project_name": "Buoy"})).await;
    let tasks = format!("/v2/projects/{}/tasks", text(&project.json()["node_id"]));
    let task = json!({"task_name": "Anchor", "assignee_node_id": world.id(Who::Stranger)});
    let task = alan.post(&tasks, task).await;
    let invitations = format!("/api/v1/organizations/{}/invitations", world.borealis);
    let invitation = alan.post(&invitations, json!({"email": "beatrice@example.com"})).await;
    let another = alan.post(&invitations, json!({"email": "betty@example.com"})).await;
    for made in [&joan, &mavis, &key, &roster, &space, &project, &task, &invitation, &another] {
        assert_eq!(made.status, 201, "{made}");
    }
    let id_of = |made: &Response| text(&made.json()["data"]["id"]);
    Borealis { joan: id_of(&joan), key: id_of(&key), mavis: id_of(&mavis), invitation: id_of(&invitation) }
}

/// Adds an organization and a key to Margaret's and to Alan's, and a key to Joan's, so that these lists continue, too.
async fn furnish_own(world: &World, borealis: &Borealis) {
    for person in [world.as_project_member(), world.as_stranger()] {
        for path in ["/api/v1/organizations", "/api/v1/api-keys"] {
            let made = person.post(path, json!({"name": "Quay"})).await;
            assert_eq!(made.status, 201, "{made}");
        }
    }
    let keys = format!("/api/v1/organizations/{}/members/{}/api-keys", world.borealis, borealis.joan);
    let made = world.as_stranger().post(&keys, json!({"name": "Quay"})).await;
    assert_eq!(made.status, 201, "{made}");
}

const MEMBER_KEYS: &str = "/api/v1/organizations/{id}/members/{userId}/api-keys";
const INVITATIONS: &str = "/api/v1/organizations/{id}/invitations";

/// The paths of the lists that only an organization's admins may read.
pub(super) const ONLY_ADMINS: &[&str] = &[MEMBER_KEYS, INVITATIONS];

/// Returns the cursor after the first row of each list: of Meridian's for Margaret (or for Ada, of Hedy's keys and of the invitations),
/// and of Borealis' for Alan.
async fn cursors(world: &World, borealis: &Borealis) -> BTreeMap<&'static str, [String; 2]> {
    let mut cursors = BTreeMap::new();
    let lists = [
        "/api/v1/spaces",
        "/api/v1/organizations/{id}/members",
        "/api/v1/me",
        "/api/v1/organizations",
        "/api/v1/api-keys",
        MEMBER_KEYS,
        INVITATIONS,
        "/v2/projects",
        "/v2/projects/{node_id}/members",
        "/v2/projects/{node_id}/tasks",
        "/v2/tasks/my-tasks-by-project",
    ];
    for path in lists {
        let size = if path.starts_with("/v2/") { "per_page" } else { "limit" };
        let first = async |client: Client, organization: &str, project: &str, user: &str| {
            let target =
                path.replace("{id}", organization).replace("{node_id}", project).replace("{userId}", user);
            let page = client.get(&format!("{target}?{size}=1")).await;
            assert_eq!(page.status, 200, "{page}");
            match page.header("link").and_then(|links| links.split_once("cursor=")) {
                Some((_, rest)) => rest.split(['>', '&']).next().unwrap_or_default().to_owned(),
                None => text(&page.json()["next_cursor"]),
            }
        };
        let of_admins = ONLY_ADMINS.contains(&path);
        let reader = if of_admins { world.as_admin() } else { world.as_project_member() };
        let own = first(reader, &world.meridian, &world.harbour.id, world.id(Who::Own)).await;
        let foreign = first(world.as_stranger(), &world.borealis, &world.lighthouse.id, &borealis.joan).await;
        cursors.insert(path, [own, foreign]);
    }
    cursors
}
