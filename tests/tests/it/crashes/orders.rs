//! The writes: four kinds, each of which changes several records.

use serde_json::{Value, json};

/// A kind of write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    NewSpace,
    /// A change of the writer's own space at the revision of its last one.
    ChangedSpace,
    /// A task in the writer's own project, with the next number.
    NewTask,
    /// Three people at once.
    NewMembers,
}

impl Kind {
    pub(super) const ALL: [Self; 4] = [Self::NewSpace, Self::ChangedSpace, Self::NewTask, Self::NewMembers];

    /// Returns the kind of a writer's nth write. Members are fewer, since each one makes the organization larger.
    pub(super) fn for_write(number: usize) -> Self {
        if number % 8 == 7 { Self::NewMembers } else { Self::ALL[number % 3] }
    }
}

/// A write. A repetition is equal to it.
#[derive(Clone, Debug)]
pub(super) struct Order {
    pub(super) kind: Kind,
    /// The idempotency key, and the name of the written record.
    pub(super) token: String,
    pub(super) method: &'static str,
    pub(super) path: String,
    /// The entity tag that the changed record must have.
    pub(super) if_match: Option<String>,
    pub(super) body: Value,
}

/// The records that a writer changes.
#[derive(Debug)]
pub(super) struct Own {
    pub(super) organization: String,
    pub(super) space: String,
    pub(super) space_name: String,
    /// The entity tag of the space after the last change.
    pub(super) etag: String,
    pub(super) project: String,
    /// The number of tasks of the project.
    pub(super) tasks: u64,
}

impl Own {
    /// Returns a write of that kind.
    pub(super) fn order(&self, kind: Kind, token: String) -> Order {
        let (method, path, body) = match kind {
            Kind::NewSpace => ("POST", "/api/v1/spaces".to_owned(), json!({"name": token})),
            Kind::ChangedSpace => ("PATCH", format!("/api/v1/spaces/{}", self.space), json!({"name": token})),
            Kind::NewTask => {
                ("POST", format!("/v2/projects/{}/tasks", self.project), json!({"task_name": token}))
            }
            Kind::NewMembers => {
                let path = format!("/api/v1/organizations/{}/members", self.organization);
                let people = ["anna", "olga", "yves"].map(|name| person(name, &token));
                ("POST", path, json!(people))
            }
        };
        let if_match = (kind == Kind::ChangedSpace).then(|| self.etag.clone());
        Order { kind, token, method, path, if_match, body }
    }
}

fn person(name: &str, token: &str) -> Value {
    let number = format!("{name}-{token}");
    json!({"email": format!("{number}@example.com"), "firstName": name, "lastName": "Quay", "employeeNumber": number})
}
