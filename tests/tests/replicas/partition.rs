//! A network partition between the service and Postgres in which no connection is closed (promise B41).
//!
//! Requests get a response in time during the partition, and after it the service works as before, with every session and every permit.
//! There are two tests: one with connections that resume after the partition, and one with connections that stay silent for ever.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sqlx::Connection;
use sqlx::postgres::PgConnection;
use tokio::task::JoinSet;

use crate::ledger::{Fate, Ledger};
use crate::proxy::{Proxy, Silent};
use crate::running_service::{self, RunningService};
use crate::wire::{Client, becomes, within};

const READERS: usize = 8;
const WRITERS: usize = 6;
/// The time limit of a request, in seconds.
const DEADLINE: u64 = 2;
/// The time that a busy machine may add to [`DEADLINE`].
const MARGIN: Duration = Duration::from_millis(700);
/// The duration of the partition: long enough that every client has timed out and retried.
const SILENCE: Duration = Duration::from_millis(4_500);
/// The maximum time between the end of the partition and the first successful call.
const BACK_WITHIN: Duration = Duration::from_secs(2);
/// The maximum time until no session is held by abandoned work. A silent session is given up after three seconds, and the session that
/// replaces it may be silent, too.
const GIVEN_UP_WITHIN: Duration = Duration::from_secs(12);
/// The pause of a client after a 503.
const PAUSE: Duration = Duration::from_millis(5);
/// The number of reading sessions, and of writing sessions.
const SESSIONS: usize = 8;

/// The state that all clients share.
#[derive(Default)]
struct Harvest {
    ledger: Ledger,
    /// The number of reads with status 200, and with status 503.
    granted: AtomicU64,
    refused: AtomicU64,
    /// The duration of the slowest call.
    slowest: Mutex<Duration>,
    enough: AtomicBool,
}

impl Harvest {
    fn goes_on(&self) -> bool {
        !self.enough.load(Ordering::Relaxed)
    }

    fn note(&self, took: Duration) {
        let mut slowest = self.slowest.lock().unwrap();
        *slowest = took.max(*slowest);
    }

    fn reads(&self) -> u64 {
        self.granted.load(Ordering::Relaxed)
    }

    fn writes(&self) -> usize {
        self.ledger.count(Fate::Acknowledged)
    }
}

/// Makes spaces, one after the other.
async fn write(harvest: Arc<Harvest>, mut client: Client, writer: usize) {
    for number in 0.. {
        if !harvest.goes_on() {
            return;
        }
        let name = format!("Crate {writer}-{number}");
        harvest.ledger.send(&name);
        let begun = Instant::now();
        let response = client.post("/api/v1/spaces", &json!({"name": name})).await;
        harvest.note(begun.elapsed());
        if harvest.ledger.note(&name, &response) != Fate::Acknowledged {
            tokio::time::sleep(PAUSE).await;
        }
    }
}

/// Reads the list repeatedly.
async fn read(harvest: Arc<Harvest>, mut client: Client) {
    while harvest.goes_on() {
        let begun = Instant::now();
        let response = client.get("/api/v1/spaces?limit=1").await;
        harvest.note(begun.elapsed());
        match (response.status, response.code()) {
            (200, _) => harvest.granted.fetch_add(1, Ordering::Relaxed),
            (503, "STORE_UNAVAILABLE" | "BUSY") => harvest.refused.fetch_add(1, Ordering::Relaxed),
            _ => panic!("{response:?}"),
        };
        tokio::time::sleep(PAUSE).await;
    }
}

/// Returns `true` once `number` sessions wait for a lock, or `false` after [`BACK_WITHIN`].
async fn wait_for_a_lock(looking: &mut PgConnection, number: usize) -> bool {
    let waiting = "SELECT count(*) FROM pg_stat_activity
         WHERE datname = current_database() AND wait_event_type = 'Lock'";
    becomes(BACK_WITHIN, async || {
        let waiting: i64 = sqlx::query_scalar(waiting).fetch_one(&mut *looking).await.unwrap();
        usize::try_from(waiting).unwrap() == number
    })
    .await
}

/// Waits until all sessions are available at the same moment: as many calls then wait for a lock at once.
async fn all_sessions_become_available(
    service: &RunningService,
    method: &str,
    path: &str,
    body: Option<Value>,
    lock: &str,
) {
    let all = becomes(GIVEN_UP_WITHIN, async || {
        all_sessions_are_available(service, method, path, body.as_ref(), lock).await
    });
    assert!(all.await, "{method} {path}: {SESSIONS} at once never come to a session each");
}

async fn all_sessions_are_available(
    service: &RunningService,
    method: &str,
    path: &str,
    body: Option<&Value>,
    lock: &str,
) -> bool {
    let (mut holding, mut looking) = (service.connect().await, service.connect().await);
    let mut hold = holding.begin().await.unwrap();
    sqlx::raw_sql(sqlx::AssertSqlSafe(lock)).execute(&mut *hold).await.unwrap();
    let (mut calls, mut all_wait) = (JoinSet::new(), true);
    for number in 1..=SESSIONS {
        let mut client = service.serving.client(&service.key).await;
        let (verb, target, body) = (method.to_owned(), path.to_owned(), body.cloned());
        calls.spawn(async move { client.call(&verb, &target, body.as_ref()).await.unwrap() });
        // The calls start one after the other, since the number of concurrent key lookups is limited.
        all_wait = wait_for_a_lock(&mut looking, number).await;
        if !all_wait {
            break;
        }
    }
    hold.rollback().await.unwrap();
    let responses = within(calls.join_all()).await;
    looking.close().await.unwrap();
    holding.close().await.unwrap();
    all_wait && responses.iter().all(|response| response.status == 200)
}

async fn survives(silent: Silent) {
    let server = running_service::server(false).await;
    let proxy = Proxy::to(server.port()).await;
    let service = RunningService::hasty(server.url("postgres"), proxy.port, DEADLINE).await;
    let harvest = Arc::new(Harvest::default());
    let mut callers = JoinSet::new();
    for writer in 0..WRITERS {
        callers.spawn(write(harvest.clone(), service.serving.client(&service.key).await, writer));
    }
    for _ in 0..READERS {
        callers.spawn(read(harvest.clone(), service.serving.client(&service.key).await));
    }
    let at_work = becomes(Duration::from_secs(20), async || harvest.writes() > 40 && harvest.reads() > 40);
    assert!(at_work.await, "no call succeeds: {}", harvest.ledger);

    // This write is certainly in flight, since it waits for a lock.
    let (held, mut client) = ("Held", service.serving.client(&service.key).await);
    harvest.ledger.send(held);
    let made = client.post("/api/v1/spaces", &json!({"name": held})).await;
    harvest.ledger.note(held, &made);
    let space = format!("/api/v1/spaces/{}", made.text("/data/_id"));
    let (mut holding, mut looking) = (service.connect().await, service.connect().await);
    let mut hold = holding.begin().await.unwrap();
    let lock = sqlx::query("SELECT revision FROM spaces WHERE name = $1 FOR UPDATE");
    lock.bind(held).execute(&mut *hold).await.unwrap();
    let path = space.clone();
    let in_flight = tokio::spawn(async move { client.patch(&path, &json!({"currentStrength": 1})).await });
    assert!(wait_for_a_lock(&mut looking, 1).await, "the write is not in flight");

    proxy.fall_silent();
    hold.rollback().await.unwrap();
    holding.close().await.unwrap();
    looking.close().await.unwrap();
    tokio::time::sleep(SILENCE).await;
    let (reads, writes) = (harvest.reads(), harvest.writes());
    proxy.heal(silent);
    let healed = Instant::now();
    let back = becomes(BACK_WITHIN, async || harvest.reads() > reads && harvest.writes() > writes).await;
    let took = healed.elapsed();
    let slowest = *harvest.slowest.lock().unwrap();
    let refused = harvest.refused.load(Ordering::Relaxed);
    assert!(back, "{silent:?}: it is not back after {took:?}: {}", harvest.ledger);
    assert!(slowest < Duration::from_secs(DEADLINE) + MARGIN, "{silent:?}: {slowest:?}");
    let response = within(in_flight).await.unwrap();
    assert_eq!((response.status, response.code()), (503, "OUTCOME_UNKNOWN"), "{response:?}");
    assert!(refused > 0, "no read was refused, so nothing was tested");

    harvest.enough.store(true, Ordering::Relaxed);
    within(callers.join_all()).await;
    // Abandoned work has ended, too: no permit is held, and no transaction is open.
    let all = "LOCK TABLE spaces IN ACCESS EXCLUSIVE MODE";
    all_sessions_become_available(&service, "GET", &space, None, all).await;
    let one = "SELECT revision FROM spaces FOR UPDATE";
    all_sessions_become_available(&service, "PATCH", &space, Some(json!({"currentStrength": 2})), one).await;
    let wrong = harvest.ledger.audit(&service.spaces().await);
    assert!(wrong.is_empty(), "{wrong:?}");
    if silent == Silent::GoOn {
        assert!(service.is_at_rest_within(Duration::from_secs(1)).await);
    }
    service.serving.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_during_a_partition_get_responses_in_time_and_succeed_after_it() {
    survives(Silent::GoOn).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn silent_connections_are_abandoned_and_replaced() {
    survives(Silent::ForEver).await;
}
