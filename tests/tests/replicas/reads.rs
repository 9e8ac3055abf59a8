//! A replica reads what the other has written at once: every kind of record, created, changed and deleted.

use std::time::Duration;

use loggia_domain::id::UserId;
use loggia_domain::role::ScopeRole;
use loggia_domain::scope::Scope;
use loggia_domain::service::NewMember;
use loggia_domain::text::OrganizationName;
use loggia_testkit::builders::{EDSGER, email};
use serde_json::json;

use crate::fleet::Fleet;
use crate::wire::{Client, becomes};

/// A limit that exceeds the number of events.
const ALL: u32 = 1_000;

/// A client that writes at one replica and reads at the other.
struct Correspondent {
    writes: Client,
    reads: Client,
}

impl Correspondent {
    /// Asserts that reading a deleted record is a 404.
    async fn finds_nothing(&mut self, path: &str) {
        let response = self.reads.get(path).await;
        assert_eq!((response.status, response.code()), (404, "NOT_FOUND"), "{path}: {response:?}");
    }

    async fn reads(&mut self, path: &str, pointer: &str, value: &str) {
        let response = self.reads.get(path).await;
        assert_eq!(response.status, 200, "{path}: {response:?}");
        assert_eq!(response.text(pointer), value, "{path}");
    }

    async fn spaces(&mut self) {
        let made = self.writes.post("/api/v1/spaces", &json!({"name": "Mole"})).await;
        let path = format!("/api/v1/spaces/{}", made.text("/data/_id"));
        self.reads(&path, "/data/name", "Mole").await;
        self.writes.patch(&path, &json!({"name": "Jetty"})).await;
        self.reads(&path, "/data/name", "Jetty").await;
        self.reads("/api/v1/spaces?search=jetty", "/data/0/name", "Jetty").await;
        assert_eq!(self.writes.delete(&path).await.status, 200);
        self.finds_nothing(&path).await;
    }

    async fn projects(&mut self, grace: UserId) {
        let made = self.writes.post("/v2/projects", &json!({"project_name": "Lock"})).await;
        let path = format!("/v2/projects/{}", made.text("/node_id"));
        self.reads(&path, "/project_name", "Lock").await;
        self.writes.patch(&path, &json!({"project_name": "Sluice"})).await;
        self.reads(&path, "/project_name", "Sluice").await;
        self.roster(&path, grace).await;
        self.tasks(&path).await;
        assert_eq!(self.writes.delete(&path).await.status, 200);
        self.finds_nothing(&path).await;
    }

    async fn roster(&mut self, project: &str, grace: UserId) {
        let (members, user) = (format!("{project}/members"), grace.to_string());
        let added = self.writes.post(&format!("{project}/add-member"), &json!({"user_node_id": user})).await;
        assert_eq!(added.status, 201, "{added:?}");
        self.reads(&members, "/result/1/user_node_id", &user).await;
        self.reads(&members, "/result/1/role", "member").await;
        self.writes.patch(&format!("{members}/{user}"), &json!({"role": "admin"})).await;
        self.reads(&members, "/result/1/role", "admin").await;
        self.writes.patch(&format!("{members}/{user}"), &json!({"role": "member"})).await;
        self.writes.patch(&format!("{project}/remove-member"), &json!({"member_node_id": user})).await;
        let left = self.reads.get(&members).await;
        assert_eq!(left.body["total"], 1, "{left:?}");
    }

    async fn tasks(&mut self, project: &str) {
        let made = self.writes.post(&format!("{project}/tasks"), &json!({"task_name": "Dredge"})).await;
        let path = format!("/v2/tasks/{}", made.text("/node_id"));
        self.reads(&path, "/task_name", "Dredge").await;
        self.writes.patch(&path, &json!({"status": "done"})).await;
        self.reads(&path, "/status", "done").await;
        assert_eq!(self.writes.delete(&path).await.status, 200);
        self.finds_nothing(&path).await;
        // This task is deleted with its project.
        self.writes.post(&format!("{project}/tasks"), &json!({"task_name": "Survey"})).await;
        self.reads(&format!("{project}/tasks"), "/result/0/task_name", "Survey").await;
    }

    /// Continues a page of one replica at the other.
    async fn cursors(&mut self) {
        for name in ["Weir", "Ford"] {
            self.writes.post("/v2/projects", &json!({"project_name": name})).await;
        }
        let first = self.writes.get("/v2/projects?per_page=1").await;
        let next = format!("/v2/projects?per_page=1&cursor={}", first.text("/next_cursor"));
        let second = self.reads.get(&next).await;
        assert_eq!(second.status, 200, "{second:?}");
        assert_ne!(second.text("/result/0/node_id"), first.text("/result/0/node_id"));
    }
}

impl Fleet {
    /// Changes the organization's name and members as the operator.
    async fn organization(&self, replica: usize, correspondent: &mut Correspondent) {
        let (loggia, id) = (self.loggia(replica), self.town.organization());
        let name = format!("Town of replica {replica}");
        let renamed = OrganizationName::parse(&name).unwrap();
        loggia.operator().rename_organization(id, renamed).await.unwrap();
        correspondent.reads(&format!("/api/v1/organizations/{id}"), "/data/name", &name).await;
        let address = email(&format!("edsger-at-{replica}@example.com"));
        let new = NewMember::person(address.clone(), EDSGER.profile(), ScopeRole::Viewer);
        let edsger = loggia.operator().add_member(id, new).await.unwrap();
        // The other replica issues a key for Edsger, and authenticates him by it.
        let found = self.loggia(1 - replica).operator().own_person_by_email(id, &address).await.unwrap();
        assert_eq!(found.map(|user| user.id), Some(edsger.user));
        let issued = self.issue(1 - replica, edsger.user).await;
        for side in 0..2 {
            let mut client = self.client(side, issued.secret.expose()).await;
            let me = client.get("/api/v1/me").await;
            assert_eq!(me.text("/data/user/email"), address.as_str());
        }
    }

    /// Compares the events of both replicas, once no earlier transaction of the whole server is in progress.
    async fn events(&self) {
        let scope = Scope::Organization(self.town.organization());
        let same = becomes(Duration::from_secs(20), async || {
            let [one, other] = &self.pair.ports;
            let (one, other) =
                (one.views.events(scope, None, ALL).await, other.views.events(scope, None, ALL).await);
            let (one, other) = (one.unwrap(), other.unwrap());
            one.len() > 20 && one == other
        });
        assert!(same.await, "the events of the replicas differ");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_at_one_replica_is_visible_at_the_other_at_once() {
    let fleet = Fleet::start().await;
    let key = fleet.issue(0, fleet.town.ada()).await.secret;
    for replica in 0..2 {
        let (writes, reads) =
            (fleet.client(replica, key.expose()).await, fleet.client(1 - replica, key.expose()).await);
        let mut correspondent = Correspondent { writes, reads };
        correspondent.spaces().await;
        correspondent.projects(fleet.town.grace()).await;
        correspondent.cursors().await;
        fleet.organization(replica, &mut correspondent).await;
    }
    fleet.events().await;
    fleet.end().await;
}
