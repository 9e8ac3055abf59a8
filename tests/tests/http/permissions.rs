//! The table of permissions: every endpoint, called by every kind of caller.

use std::collections::BTreeSet;

use loggia_http::ENDPOINTS;
use serde_json::{Value, json};

use crate::harness::client::{Client, Request};
use crate::harness::on_every_store;
use crate::world::{Key, Project, Who, World};

on_every_store!(every_call_gets_the_status_of_the_table_of_permissions, a_reading_key_writes_nothing);

/// The status of every caller's response. A row stands for one endpoint; its parameters choose the record.
///
/// The columns: no key, a stranger (admin of another organization), a viewer, a member, a member on the roster, an admin on the roster, and
/// an admin of the organization who is not on the roster.
const TABLE: &str = "
                                                                  nobody strang viewer member rosmem rosadm admin
GET    /livez                                                     200    200    200    200    200    200    200
GET    /readyz                                                    200    200    200    200    200    200    200
GET    /openapi.json                                              200    200    200    200    200    200    200
GET    /docs                                                      200    200    200    200    200    200    200
GET    /docs/try                                                  200    200    200    200    200    200    200
GET    /docs/try/{file}                                           200    200    200    200    200    200    200
GET    /docs/errors/{code}                                        200    200    200    200    200    200    200
GET    /api/v1/me                                                 401    200    200    200    200    200    200
PATCH  /api/v1/me                                                 401    200    200    200    200    200    200
GET    /api/v1/me/permissions                                     401    200    200    200    200    200    200
GET    /api/v1/me/permissions?organizationId=                     401    200    200    200    200    200    200
GET    /api/v1/me/permissions?organizationId=MERIDIAN             401    403    200    200    200    200    200
GET    /api/v1/me/permissions?projectId=HARBOUR                   401    404    200    200    200    200    200
GET    /api/v1/me/permissions?projectId=VAULT                     401    404    404    404    200    200    200
GET    /api/v1/me/permissions?spaceId=PIER                        401    404    200    200    200    200    200
DELETE /api/v1/me/organizations/{id}                              401    404    204    204    204    204    204
GET    /api/v1/organizations                                      401    200    200    200    200    200    200
POST   /api/v1/organizations                                      401    201    201    201    201    201    201
GET    /api/v1/organizations/{id}                                 401    404    200    200    200    200    200
PATCH  /api/v1/organizations/{id}                                 401    404    403    403    403    403    200
GET    /api/v1/organizations/{id}/members                         401    404    200    200    200    200    200
POST   /api/v1/organizations/{id}/members                         401    404    403    403    403    403    201
GET    /api/v1/organizations/{id}/invitations                     401    404    403    403    403    403    200
POST   /api/v1/organizations/{id}/invitations                     401    404    403    403    403    403    201
DELETE /api/v1/organizations/{id}/invitations/{invitationId}      401    404    403    403    403    403    204
POST   /api/v1/organizations/{id}/invitations/{invitationId}/resend 401  404    403    403    403    403    200
POST   /api/v1/invitations/accept                                 401    200    200    200    200    200    200
GET    /api/v1/spaces                                             401    200    200    200    200    200    200
GET    /api/v1/spaces?organizationId=                             401    200    200    200    200    200    200
GET    /api/v1/spaces?organizationId=MERIDIAN                     401    403    200    200    200    200    200
POST   /api/v1/spaces                                             401    403    403    201    201    201    201
GET    /api/v1/spaces/{id}                                        401    404    200    200    200    200    200
PATCH  /api/v1/spaces/{id}                                        401    404    403    200    200    200    200
DELETE /api/v1/spaces/{id}                                        401    404    403    200    200    200    200
GET    /v2/projects                                               401    200    200    200    200    200    200
GET    /v2/projects?organization_id=                              401    200    200    200    200    200    200
GET    /v2/projects?organization_id=MERIDIAN                      401    403    200    200    200    200    200
POST   /v2/projects                                               401    403    403    403    403    403    201
GET    /v2/tasks/my-tasks-by-project                              401    200    200    200    200    200    200
GET    /v2/tasks/my-tasks-by-project?organization_id=MERIDIAN     401    403    200    200    200    200    200

                            the member on the roster, and their keys  strang viewer member rosmem rosadm admin
GET    /api/v1/organizations/{id}/members/{userId}                401    404    200    200    200    200    200
PATCH  /api/v1/organizations/{id}/members/{userId}                401    404    403    403    403    403    200
DELETE /api/v1/organizations/{id}/members/{userId}                401    404    403    403    403    403    200
POST   /api/v1/organizations/{id}/members/{userId}/erase          401    404    403    403    403    403    200
GET    /api/v1/organizations/{id}/members/{userId}/api-keys       401    404    403    403    403    403    200
POST   /api/v1/organizations/{id}/members/{userId}/api-keys       401    404    403    403    403    403    201
DELETE /api/v1/organizations/{id}/members/{userId}/api-keys/{keyId} 401  404    403    403    403    403    200
GET    /api/v1/api-keys                                           401    200    200    200    200    200    200
POST   /api/v1/api-keys                                           401    201    201    201    201    201    201
DELETE /api/v1/api-keys/{keyId}                                   401    404    404    404    200    404    404
POST   /api/v1/api-keys/{keyId}/rotate                            401    404    404    404    201    404    404

                                   a project that all see         nobody strang viewer member rosmem rosadm admin
GET    /v2/projects/{node_id}                                     401    404    200    200    200    200    200
GET    /projects/{node_id}                                        401    404    200    200    200    200    200
PATCH  /v2/projects/{node_id}                                     401    404    403    403    403    200    200
PATCH  /v2/projects/{node_id}/                                    401    404    403    403    403    200    200
DELETE /v2/projects/{node_id}                                     401    404    403    403    403    403    200
GET    /v2/projects/{node_id}/members                             401    404    403    403    200    200    403
POST   /v2/projects/{node_id}/add-member                          401    404    403    403    403    201    201
PATCH  /v2/projects/{node_id}/remove-member                       401    404    403    403    403    200    200
PATCH  /v2/projects/{node_id}/members/{user_node_id}              401    404    403    403    403    200    200
DELETE /v2/projects/{node_id}/members/me                          401    404    404    404    200    200    404
GET    /v2/projects/{node_id}/tasks                               401    404    200    200    200    200    200
POST   /v2/projects/{node_id}/tasks                               401    404    403    403    201    201    403
GET    /v2/tasks/{node_id}                                        401    404    200    200    200    200    200
PATCH  /v2/tasks/{node_id}                                        401    404    403    403    200    200    403
DELETE /v2/tasks/{node_id}                                        401    404    403    403    200    200    403

                                   a private project              nobody strang viewer member rosmem rosadm admin
GET    /v2/projects/{node_id}                                     401    404    404    404    200    200    200
GET    /projects/{node_id}                                        401    404    404    404    200    200    200
PATCH  /v2/projects/{node_id}                                     401    404    404    404    403    200    200
PATCH  /v2/projects/{node_id}/                                    401    404    404    404    403    200    200
DELETE /v2/projects/{node_id}                                     401    404    404    404    403    403    200
GET    /v2/projects/{node_id}/members                             401    404    404    404    200    200    403
POST   /v2/projects/{node_id}/add-member                          401    404    404    404    403    201    201
PATCH  /v2/projects/{node_id}/remove-member                       401    404    404    404    403    200    200
PATCH  /v2/projects/{node_id}/members/{user_node_id}              401    404    404    404    403    200    200
DELETE /v2/projects/{node_id}/members/me                          401    404    404    404    200    200    404
GET    /v2/projects/{node_id}/tasks                               401    404    404    404    200    200    200
POST   /v2/projects/{node_id}/tasks                               401    404    404    404    201    201    403
GET    /v2/tasks/{node_id}                                        401    404    404    404    200    200    200
PATCH  /v2/tasks/{node_id}                                        401    404    404    404    200    200    403
DELETE /v2/tasks/{node_id}                                        401    404    404    404    200    200    403
";

/// The columns of the table.
pub(crate) const COLUMNS: [Option<Who>; 7] = [
    None,
    Some(Who::Stranger),
    Some(Who::Viewer),
    Some(Who::Member),
    Some(Who::ProjectMember),
    Some(Who::ProjectAdmin),
    Some(Who::Admin),
];

/// A row of the table.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) method: &'static str,
    /// The path as in [`ENDPOINTS`], with its placeholders.
    pub(crate) path: &'static str,
    pub(crate) query: Option<&'static str>,
    /// `true` if the row is about the private project.
    pub(crate) private: bool,
    /// The status of each caller's response, in the order of [`COLUMNS`].
    pub(crate) statuses: Vec<u16>,
}

pub(crate) fn rows() -> Vec<Row> {
    let mut private = false;
    let mut rows = Vec::new();
    for line in TABLE.lines() {
        private |= line.contains("a private project");
        let mut words = line.split_whitespace();
        let Some(method @ ("GET" | "POST" | "PATCH" | "DELETE")) = words.next() else { continue };
        let target = words.next().expect("a path");
        let (path, query) =
            target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query)));
        let statuses: Vec<u16> = words.map(|word| word.parse().expect("a status")).collect();
        assert_eq!(statuses.len(), COLUMNS.len(), "{line}");
        rows.push(Row { method, path, query, private, statuses });
    }
    rows
}

impl Row {
    fn project<'a>(&self, world: &'a World) -> &'a Project {
        if self.private { &world.vault } else { &world.harbour }
    }

    pub(crate) fn target(&self, world: &World) -> String {
        let project = self.project(world);
        let id = match self.path {
            path if path.starts_with("/v2/tasks/") => &project.free_task,
            path if path.contains("/organizations/") => &world.meridian,
            path if path.starts_with("/api/v1/spaces/") => &project.space,
            _ => &project.id,
        };
        let person = world.person(Who::ProjectMember);
        let path = self.path.replace("{user_node_id}", &person.id).replace("{userId}", world.id(Who::Own));
        let key = if path.contains("/members/") { &world.badge } else { &person.key };
        let path = path.replace("{node_id}", id).replace("{id}", id).replace("{keyId}", key);
        let path = path.replace("{code}", "NOT_FOUND").replace("{file}", "swagger-ui.css");
        let path = path.replace("{invitationId}", &world.invitation);
        let Some(query) = self.query else { return path };
        let query = query.replace("MERIDIAN", &world.meridian).replace("PIER", &world.pier);
        let query = query.replace("HARBOUR", &world.harbour.id).replace("VAULT", &world.vault.id);
        format!("{path}?{query}")
    }

    /// Returns a body with which every caller succeeds who may call the endpoint.
    pub(crate) fn body(&self, world: &World) -> Option<Value> {
        let body = match (self.method, self.path) {
            ("POST", "/api/v1/spaces") => json!({"name": "Quay", "organizationId": world.meridian}),
            ("POST" | "PATCH", "/api/v1/organizations" | "/api/v1/organizations/{id}") => {
                json!({"name": "Quay"})
            }
            ("PATCH", "/api/v1/me") => json!({"firstName": "Jean"}),
            ("POST", "/api/v1/organizations/{id}/members") => {
                json!({"email": "jean@example.com", "firstName": "Jean", "lastName": "Bartik"})
            }
            ("PATCH", "/api/v1/organizations/{id}/members/{userId}") => json!({"role": "viewer"}),
            ("POST", path) if path.ends_with("/invitations") => json!({"email": "mary@example.com"}),
            ("POST", path) if path.ends_with("/accept") => json!({"token": world.token}),
            ("POST", path) if path.ends_with("/api-keys") => json!({"name": "Quay"}),
            ("POST", path) if path.ends_with("/rotate") => json!({}),
            ("POST", "/v2/projects") => json!({"project_name": "Quay", "organization_id": world.meridian}),
            ("POST", path) if path.ends_with("/add-member") => json!({"user_node_id": world.id(Who::Member)}),
            ("POST", path) if path.ends_with("/tasks") => json!({"task_name": "Paint"}),
            ("PATCH", "/api/v1/spaces/{id}") => json!({"name": "Quay"}),
            ("PATCH", path) if path.ends_with("/remove-member") => {
                json!({"member_node_id": world.id(Who::ProjectMember)})
            }
            ("PATCH", path) if path.ends_with("/{user_node_id}") => json!({"role": "admin"}),
            ("PATCH", "/v2/tasks/{node_id}") => json!({"task_name": "Paint"}),
            ("PATCH", _) => json!({"project_name": "Quay"}),
            _ => return None,
        };
        Some(body)
    }

    /// Returns the code of a 404. In a project that the caller sees, the missing record is the caller's own membership.
    fn code_of_404(&self, who: Option<Who>) -> &'static str {
        let sees = who == Some(Who::Admin) || !self.private && who != Some(Who::Stranger);
        if sees && self.path.ends_with("/members/me") { "USER_NOT_FOUND" } else { "NOT_FOUND" }
    }

    pub(crate) fn request(&self, world: &World, client: &Client) -> Request {
        let request = client.request(self.method, &self.target(world));
        match self.body(world) {
            Some(body) => request.json(body),
            None => request,
        }
    }
}

#[test]
fn the_table_of_permissions_has_exactly_the_endpoints() {
    let tested: BTreeSet<_> = rows().iter().map(|row| (row.method, row.path)).collect();
    let known: BTreeSet<_> = ENDPOINTS.iter().map(|endpoint| (endpoint.method, endpoint.path)).collect();
    assert_eq!(tested, known);
    let in_a_project = |path: &str| path.contains("/{node_id}");
    for row in rows().iter().filter(|row| in_a_project(row.path)) {
        let both: BTreeSet<_> = rows()
            .iter()
            .filter(|r| (r.method, r.path) == (row.method, row.path))
            .map(|r| r.private)
            .collect();
        assert_eq!(both.len(), 2, "{} {} is tested in both kinds of project", row.method, row.path);
    }
}

async fn every_call_gets_the_status_of_the_table_of_permissions(mut world: World) {
    for row in rows() {
        for (who, status) in COLUMNS.iter().zip(&row.statuses) {
            let client = who.map_or_else(|| world.as_nobody(), |who| world.caller(who));
            let response = row.request(&world, &client).await;
            assert_eq!(response.status, *status, "{who:?} {row:?}: {response}");
            if row.method == "GET" {
                let head = client.request("HEAD", &row.target(&world)).await;
                assert_eq!(head.status, *status, "HEAD by {who:?} {row:?}: {head}");
            }
            match status {
                200..300 if row.method != "GET" => world = world.again().await,
                401 => assert_eq!(response.problem(), (401, "UNAUTHENTICATED".to_owned()), "{row:?}"),
                404 => assert_eq!(response.problem(), (404, row.code_of_404(*who).to_owned()), "{row:?}"),
                403 if row.path == "/api/v1/spaces" || row.path == "/v2/projects" || row.query.is_some() => {
                    let code =
                        if *who == Some(Who::Stranger) { "NO_ACCESS_TO_ORGANIZATION" } else { "FORBIDDEN" };
                    assert_eq!(response.problem(), (403, code.to_owned()), "{row:?}");
                }
                403 => assert_eq!(response.problem(), (403, "FORBIDDEN".to_owned()), "{row:?}"),
                _ => {}
            }
        }
    }
}

/// A read-only key of a caller who may write is refused because of its ability; any other caller is refused as before.
async fn a_reading_key_writes_nothing(world: World) {
    for row in rows() {
        for (who, status) in COLUMNS.iter().zip(&row.statuses) {
            let Some(who) = *who else { continue };
            let client = world.with_key(who, Key::ReadOnly).await;
            let response = row.request(&world, &client).await;
            // For the caller's own keys the ability is checked first: the owner of the key is not looked at.
            let own_keys = row.path.starts_with("/api/v1/api-keys/");
            if row.method == "GET" || *status >= 300 && !own_keys {
                assert_eq!(response.status, *status, "{who:?} {row:?}: {response}");
                continue;
            }
            response.refuses(403, "INSUFFICIENT_SCOPE");
            let challenge = r#"Bearer realm="loggia", error="insufficient_scope", scope="write""#;
            assert_eq!(response.header("www-authenticate"), Some(challenge), "{who:?} {row:?}");
        }
    }
}
