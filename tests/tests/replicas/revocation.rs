//! Access that ends at one replica is refused by the other on the very next request (promise B25).

use loggia_domain::event::Actor;
use loggia_domain::key::Descendants;
use loggia_domain::role::ScopeRole;
use loggia_domain::user::MemberPatch;
use serde_json::json;

use crate::fleet::Fleet;

/// The number of keys that are revoked, and of changes of a membership.
const KEYS: usize = 200;
const ROUNDS: usize = 50;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_revoked_at_one_replica_is_refused_at_the_other_on_the_next_request() {
    let fleet = Fleet::start().await;
    for number in 0..KEYS {
        let (here, there) = (number % 2, 1 - number % 2);
        let issued = fleet.issue(here, fleet.town.grace()).await;
        let mut client = fleet.client(there, issued.secret.expose()).await;
        assert_eq!(client.get("/api/v1/me").await.status, 200);
        fleet
            .loggia(here)
            .operator()
            .revoke_key(Actor::Operator, None, issued.key.id, Descendants::Revoke)
            .await
            .unwrap();
        // The request uses a connection on which the key has already been accepted.
        let refused = client.get("/api/v1/me").await;
        assert_eq!((refused.status, refused.code()), (401, "INVALID_KEY"), "key {number}");
    }
    fleet.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_member_deactivated_or_demoted_at_one_replica_is_so_at_the_other_at_once() {
    let fleet = Fleet::start().await;
    let (town, barbara) = (fleet.town, fleet.town.barbara());
    let standing = async |replica: usize, role, active| {
        let patch = MemberPatch { role: Some(role), active: Some(active), ..MemberPatch::default() };
        let organization = town.organization();
        let changed = fleet.loggia(replica).operator().update_member(organization, barbara, patch).await;
        changed.unwrap();
    };
    let project = json!({"project_name": "Quay"});
    for round in 0..ROUNDS {
        let (here, there) = (round % 2, 1 - round % 2);
        let key = fleet.issue(there, barbara).await.secret;
        let client = &mut fleet.client(there, key.expose()).await;
        assert_eq!(client.post("/v2/projects", &project).await.status, 201, "round {round}");
        standing(here, ScopeRole::Member, true).await;
        let refused = client.post("/v2/projects", &project).await;
        assert_eq!((refused.status, refused.code()), (403, "FORBIDDEN"), "round {round}");
        standing(here, ScopeRole::Admin, false).await;
        let refused = client.get("/api/v1/spaces").await;
        assert_eq!((refused.status, refused.code()), (403, "NO_ACCESS_TO_ORGANIZATION"), "round {round}");
        let hidden = client.get(&format!("/api/v1/spaces/{}", town.space())).await;
        assert_eq!((hidden.status, hidden.code()), (404, "NOT_FOUND"), "round {round}");
        standing(here, ScopeRole::Admin, true).await;
        // Her keys for the organization were revoked when she was brought back.
        let refused = client.get("/api/v1/spaces").await;
        assert_eq!((refused.status, refused.code()), (401, "INVALID_KEY"), "round {round}");
    }
    fleet.end().await;
}
