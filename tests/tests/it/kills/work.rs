//! The operations during which the process is killed.

use serde_json::{Value, json};

use crate::harness::{Server, member};

/// An operation that changes many records.
#[derive(Clone, Copy, Debug)]
pub(super) enum Work {
    /// The deactivation of a member who is on two rosters and has a task on each.
    Deactivation,
    /// The addition of four people.
    BulkAdd,
    /// The rotation of a key that stays valid for an hour.
    Rotation,
}

/// The request of an operation.
pub(super) struct Order {
    pub(super) method: &'static str,
    pub(super) path: String,
    pub(super) body: Option<String>,
}

/// The organization in which the operations are run, and an admin's key.
pub(super) struct Organization {
    pub(super) key: String,
    id: String,
    projects: [String; 2],
}

/// Sends a request that must succeed, and returns the body of the response. A very busy machine may be too slow for the program's own time
/// limits; then nothing was written, and the request is sent again.
fn done(server: &Server, key: &str, path: &str, body: &Value) -> Value {
    let send = || server.send("POST", path, Some(key), Some(&body.to_string()));
    let response = (0..20).map(|_| send()).find(|response| response.status != 503).unwrap_or_else(send);
    assert!((200..300).contains(&response.status), "{path}: {response:?}");
    response.json()
}

/// Returns a person with that name and number.
fn person(name: &str, number: usize) -> Value {
    let email = format!("{name}-{number}@example.com");
    json!({"email": email, "firstName": name, "lastName": "Quay", "employeeNumber": format!("{name}-{number}")})
}

impl Organization {
    /// Creates an organization with two projects.
    pub(super) fn new(server: &Server, made: &Value) -> Self {
        let key = member(made, "apiKey").to_owned();
        let projects = ["Harbour", "Lighthouse"].map(|name| {
            let made = done(server, &key, "/v2/projects", &json!({"project_name": name}));
            member(&made, "node_id").to_owned()
        });
        Self { id: member(made, "organizationId").to_owned(), key, projects }
    }

    fn members(&self) -> String {
        format!("/api/v1/organizations/{}/members", self.id)
    }
}

impl Work {
    /// Creates the records that the operation changes, new ones each time, and returns its request.
    pub(super) fn prepare(self, server: &Server, organization: &Organization, number: usize) -> Order {
        let done = |path: &str, body: &Value| done(server, &organization.key, path, body);
        match self {
            Self::Deactivation => {
                let jean = done(&organization.members(), &person("jean", number));
                let jean = member(&jean["data"], "id").to_owned();
                for project in &organization.projects {
                    let path = format!("/v2/projects/{project}");
                    done(&format!("{path}/add-member"), &json!({"user_node_id": jean}));
                    let task = json!({"task_name": "Dredge", "assignee_node_id": jean});
                    done(&format!("{path}/tasks"), &task);
                }
                Order { method: "DELETE", path: format!("{}/{jean}", organization.members()), body: None }
            }
            Self::BulkAdd => {
                let people = ["anna", "olga", "yves", "zora"].map(|name| person(name, number));
                Order { method: "POST", path: organization.members(), body: Some(json!(people).to_string()) }
            }
            Self::Rotation => {
                let spare = done("/api/v1/api-keys", &json!({"name": format!("Spare {number}")}));
                let path = format!("/api/v1/api-keys/{}/rotate", member(&spare["data"], "id"));
                let body = json!({"overlapSeconds": 3_600}).to_string();
                Order { method: "POST", path, body: Some(body) }
            }
        }
    }

    /// Returns the differences that the operation makes.
    pub(super) fn difference(self) -> Vec<(&'static str, i64)> {
        match self {
            Self::Deactivation => vec![
                ("members with access", -1),
                ("memberships of rosters", -2),
                ("assigned tasks", -2),
                ("changes of tasks", 2),
                ("totals of lists", -2),
                ("events", 5),
            ],
            Self::BulkAdd => vec![
                ("users", 4),
                ("members", 4),
                ("members with access", 4),
                ("numbers of members", 4),
                ("totals of lists", 4),
                ("events", 4),
            ],
            Self::Rotation => vec![("keys", 1), ("keys with an end", 1), ("events", 2)],
        }
    }
}
