//! Access that ends at one replica while the other has requests of the same caller in flight: later requests are refused, and requests in
//! flight are either completed or refused as a whole (promise B25).
//!
//! There are two tests for each way in which access ends: one with requests that wait for a lock, and one with clients that call
//! continually.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use loggia_domain::event::Actor;
use loggia_domain::key::{Ability, Descendants};
use loggia_domain::role::ScopeRole;
use loggia_domain::scope::{Reach, Scope};
use loggia_domain::service::{IssuedKey, NewKey};
use loggia_domain::text::KeyName;
use loggia_domain::user::MemberPatch;
use serde_json::json;
use sqlx::Connection;
use tokio::task::JoinSet;

use crate::fleet::Fleet;
use crate::town::{connect, count};
use crate::wire::{Client, Response, becomes, within};

/// A way in which access ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Revoked,
    Expired,
    Deactivated,
    Demoted,
}

/// The lifetime of an expiring key, in seconds.
const LIFETIME: i64 = 60;

impl End {
    const ALL: [Self; 4] = [Self::Revoked, Self::Expired, Self::Deactivated, Self::Demoted];

    /// Issues a key for Barbara, who is an admin.
    async fn key(self, fleet: &Fleet) -> IssuedKey {
        let loggia = fleet.loggia(0);
        let key = NewKey {
            name: KeyName::parse("laptop").unwrap(),
            default_scope: Scope::Organization(fleet.town.organization()),
            reach: Reach::Everywhere,
            ability: Ability::Write,
            expires_at: (self == Self::Expired).then(|| loggia.now().plus_seconds(LIFETIME)),
        };
        loggia.operator().issue_key(Actor::Operator, fleet.town.barbara(), key).await.unwrap()
    }

    /// Ends the access at a replica; the change is committed when this returns.
    async fn apply(self, fleet: &Fleet, replica: usize, key: &IssuedKey) {
        match self {
            Self::Revoked => {
                fleet
                    .loggia(replica)
                    .operator()
                    .revoke_key(Actor::Operator, None, key.key.id, Descendants::Revoke)
                    .await
                    .unwrap();
            }
            Self::Expired => fleet.pair.clock.advance_seconds(LIFETIME),
            Self::Deactivated => set_standing(fleet, replica, ScopeRole::Admin, false).await,
            Self::Demoted => set_standing(fleet, replica, ScopeRole::Viewer, true).await,
        }
    }

    /// Restores the membership, but not the key.
    async fn undo(self, fleet: &Fleet) {
        if matches!(self, Self::Deactivated | Self::Demoted) {
            set_standing(fleet, 0, ScopeRole::Admin, true).await;
        }
    }

    /// Returns the expected errors of a write to the organization and of a write to one of its spaces.
    fn refusals(self) -> [(u16, &'static str); 2] {
        match self {
            Self::Revoked | Self::Expired => [(401, "INVALID_KEY"); 2],
            Self::Deactivated => [(403, "NO_ACCESS_TO_ORGANIZATION"), (404, "NOT_FOUND")],
            Self::Demoted => [(403, "FORBIDDEN"); 2],
        }
    }
}

async fn set_standing(fleet: &Fleet, replica: usize, role: ScopeRole, active: bool) {
    let patch = MemberPatch { role: Some(role), active: Some(active), ..MemberPatch::default() };
    let (organization, barbara) = (fleet.town.organization(), fleet.town.barbara());
    fleet.loggia(replica).operator().update_member(organization, barbara, patch).await.unwrap();
}

/// Returns `true` if the request succeeded; asserts that it was otherwise refused as expected.
#[track_caller]
fn is_done(response: &Response, done: u16, refusal: (u16, &str), said: &str) -> bool {
    let refused = (response.status, response.code()) == refusal;
    assert!(response.status == done || refused, "{said}: {response:?}");
    !refused
}

/// The number of requests that wait for the lock: more than a replica has writing sessions, so that some requests have no session yet.
const WAITING: usize = 12;
const SESSIONS: i64 = 8;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_waiting_for_a_lock_when_access_ends_is_done_whole_or_refused() {
    let fleet = Fleet::start().await;
    let space = format!("/api/v1/spaces/{}", fleet.town.space());
    let mut looking = connect(&fleet.pair.database).await;
    for (index, end) in End::ALL.into_iter().enumerate() {
        let (here, there) = (index % 2, 1 - index % 2);
        let key = end.key(&fleet).await;
        let mut client = fleet.client(there, key.secret.expose()).await;
        assert_eq!(client.get(&space).await.status, 200);
        // This lock blocks every change of the space.
        let mut holding = connect(&fleet.pair.database).await;
        let mut hold = holding.begin().await.unwrap();
        let locked = sqlx::query("SELECT revision FROM spaces WHERE id = $1 FOR UPDATE");
        locked.bind(fleet.town.space().as_uuid()).execute(&mut *hold).await.unwrap();
        let mut waiters = JoinSet::new();
        for number in 0..WAITING {
            let (mut client, space) = (fleet.client(there, key.secret.expose()).await, space.clone());
            let name = format!("{end:?} {number}");
            waiters.spawn(async move { (name.clone(), client.patch(&space, &json!({"name": name})).await) });
        }
        let stands = becomes(Duration::from_secs(20), async || {
            let waiting = "SELECT count(*) FROM pg_stat_activity
                 WHERE datname = current_database() AND wait_event_type = 'Lock'";
            sqlx::query_scalar::<_, i64>(waiting).fetch_one(&mut looking).await.unwrap() == SESSIONS
        });
        assert!(stands.await, "{end:?}: the requests do not wait for the lock");

        end.apply(&fleet, here, &key).await;
        // The requests still wait for the lock. A later request is refused at both replicas and on an existing connection, though a write
        // may have to wait for a session first.
        let [made, changed] = end.refusals();
        let mut late = JoinSet::new();
        for mut client in [client, fleet.client(here, key.secret.expose()).await] {
            let read = client.get(&space).await;
            // A viewer can still read.
            let expected = if end == End::Demoted { (200, "") } else { changed };
            assert_eq!((read.status, read.code()), expected, "{end:?}");
            late.spawn(async move { client.post("/api/v1/spaces", &json!({"name": "Late"})).await });
        }
        hold.rollback().await.unwrap();
        holding.close().await.unwrap();
        for response in within(late.join_all()).await {
            assert_eq!((response.status, response.code()), made, "{end:?}");
        }
        let mut done = BTreeSet::new();
        for (name, response) in within(waiters.join_all()).await {
            if is_done(&response, 200, changed, &name) {
                done.insert(name);
            }
        }
        // The events show which names the space was given: none of a refused request.
        let given: Vec<String> = sqlx::query_scalar(
            "SELECT change #>> '{to,text}' FROM events, jsonb_array_elements(changes) AS change
             WHERE subject_kind = 'space' AND verb = 'updated' AND change ->> 'field' = 'name'
                 AND change #>> '{to,text}' LIKE $1 || ' %'",
        )
        .bind(format!("{end:?}"))
        .fetch_all(&mut looking)
        .await
        .unwrap();
        assert_eq!(BTreeSet::from_iter(given), done, "{end:?}");
        println!("{end:?}: of {WAITING} before the lock {} were done", done.len());
        end.undo(&fleet).await;
    }
    assert_eq!(count(&fleet.pair.database, "SELECT count(*) FROM spaces WHERE name = 'Late'").await, 0);
    looking.close().await.unwrap();
    fleet.end().await;
}

/// The number of rounds, of clients, and of refusals after which a client stops.
const ROUNDS: usize = 6;
const CALLERS: usize = 6;
const REFUSALS: usize = 3;

/// The state that the clients of a round share.
#[derive(Default)]
struct Round {
    /// `true` once the change that ends access is committed and the call that made it has returned.
    has_ended: AtomicBool,
    /// The number of successful requests.
    succeeded: AtomicU64,
    /// The number of requests that began before the end of access and got their response after it.
    in_flight: AtomicU64,
}

/// Makes spaces and reads them until [`REFUSALS`] requests were refused; returns the names of the spaces that were made.
async fn call_until_refused(mut client: Client, end: End, name: String, round: Arc<Round>) -> Vec<String> {
    let (mut names, mut refused) = (Vec::new(), 0);
    let [made, read] = end.refusals();
    for number in 0.. {
        let name = format!("{name}-{number}");
        let ended_before = round.has_ended.load(Ordering::SeqCst);
        let response = client.post("/api/v1/spaces", &json!({"name": name})).await;
        let done = is_done(&response, 201, made, &name);
        assert!(!(done && ended_before), "{name} was made though access had ended: {response:?}");
        if !ended_before && round.has_ended.load(Ordering::SeqCst) {
            round.in_flight.fetch_add(1, Ordering::Relaxed);
        }
        if done {
            let path = format!("/api/v1/spaces/{}", response.text("/data/_id"));
            let ended_before = round.has_ended.load(Ordering::SeqCst);
            let response = client.get(&path).await;
            // A viewer can still read.
            if end == End::Demoted {
                assert_eq!(response.status, 200, "{name}: {response:?}");
            } else {
                let shown = is_done(&response, 200, read, &name);
                assert!(!(shown && ended_before), "{name} was shown though access had ended: {response:?}");
            }
            names.push(name);
            round.succeeded.fetch_add(1, Ordering::SeqCst);
            continue;
        }
        refused += usize::from(ended_before);
        if refused == REFUSALS {
            break;
        }
    }
    names
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callers_are_refused_as_soon_as_their_access_has_ended() {
    let fleet = Fleet::start().await;
    let mut expected = BTreeSet::from(["Pier".to_owned()]);
    for end in End::ALL {
        let mut in_flight = 0;
        for number in 0..ROUNDS {
            let (here, there) = (number % 2, 1 - number % 2);
            let key = end.key(&fleet).await;
            let round = Arc::new(Round::default());
            let mut callers = JoinSet::new();
            for caller in 0..CALLERS {
                let client = fleet.client(there, key.secret.expose()).await;
                callers.spawn(call_until_refused(
                    client,
                    end,
                    format!("{end:?} {number}-{caller}"),
                    round.clone(),
                ));
            }
            let enough = 2 * u64::try_from(CALLERS).unwrap();
            let busy =
                becomes(Duration::from_secs(20), async || round.succeeded.load(Ordering::SeqCst) >= enough);
            assert!(busy.await, "{end:?}: no request succeeds");
            end.apply(&fleet, here, &key).await;
            round.has_ended.store(true, Ordering::SeqCst);
            expected.extend(within(callers.join_all()).await.into_iter().flatten());
            in_flight += round.in_flight.load(Ordering::Relaxed);
            end.undo(&fleet).await;
        }
        println!("{end:?}: {in_flight} requests of {ROUNDS} rounds were in flight when access ended");
        assert!(in_flight > 0, "{end:?}: nothing was in flight, and so nothing was tried");
    }
    let mut looking = connect(&fleet.pair.database).await;
    let names: Vec<String> =
        sqlx::query_scalar("SELECT name FROM spaces").fetch_all(&mut looking).await.unwrap();
    looking.close().await.unwrap();
    assert_eq!(
        BTreeSet::from_iter(names),
        expected,
        "acknowledged spaces are stored, and refused ones are not"
    );
    fleet.end().await;
}
