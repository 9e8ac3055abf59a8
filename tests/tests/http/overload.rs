//! More calls than can run at once: which calls are admitted, which are refused, and when (rules C30, C31; promises B39, B40).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use loggia_domain::service::Loggia;
use loggia_http::{HttpApp, Limits};
use loggia_testkit::{SequentialIds, intercept};

use crate::faults::{Gate, Turnstile};
use crate::harness::Store;
use crate::wire::{RawResponse, Serving, Wire, request};
use crate::world::{Key, Who, World};

/// A world behind a socket. Commits and lists of organizations wait there until the test lets them continue.
pub(crate) struct Quay {
    pub(crate) world: World,
    pub(crate) serving: Serving,
    pub(crate) commits: Arc<Gate>,
    pub(crate) lists: Arc<Turnstile>,
    /// The keys of two users in Meridian, and of one in Borealis.
    keys: [String; 3],
}

pub(crate) const MERIDIAN: usize = 0;
const COLLEAGUE: usize = 1;
pub(crate) const BOREALIS: usize = 2;
const LIST: &str = "/api/v1/organizations";

pub(crate) async fn quay(limits: Limits) -> Quay {
    quay_that_keeps("organizations", limits).await
}

/// Returns a quay at which another kind of list waits.
pub(crate) async fn quay_that_keeps(lists: &'static str, limits: Limits) -> Quay {
    let world = World::on(Store::Memory).await;
    let key = async |who| world.new_key(who, Key::Full).await;
    let keys = [key(Who::Founder).await, key(Who::Member).await, key(Who::Stranger).await];
    let (commits, lists) = (Gate::closed(), Turnstile::at(lists));
    let ports = intercept::store(world.ports(), commits.clone());
    let loggia = Loggia::on_ports(intercept::views(ports, lists.clone())).build();
    let app = HttpApp::new(loggia, Arc::new(SequentialIds::new()), [7; 32], limits);
    Quay { world, serving: Serving::start(app), commits, lists, keys }
}

impl Quay {
    pub(crate) fn key(&self, whose: usize) -> &str {
        &self.keys[whose]
    }

    pub(crate) fn get(&self, whose: usize, path: &str) -> String {
        request("GET", path, self.key(whose), None)
    }

    pub(crate) fn list(&self, whose: usize) -> String {
        self.get(whose, LIST)
    }

    fn new_space(&self, whose: usize, name: &str) -> String {
        let body = format!("{{\"name\":\"{name}\"}}");
        request("POST", "/api/v1/spaces", &self.keys[whose], Some(&body))
    }

    /// Sends a request on a connection of its own, without waiting for the response.
    pub(crate) async fn begun(&self, request: &str) -> Wire {
        let mut wire = self.serving.connect().await;
        wire.send(request).await;
        wire
    }

    pub(crate) async fn response_to(&self, request: &str) -> RawResponse {
        self.serving.connect().await.call(request).await
    }
}

fn refused(response: &RawResponse, code: &str) {
    assert_eq!((response.status, response.code().as_str()), (503, code), "{response:?}");
    assert_eq!(response.header("retry-after"), Some("1"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn neither_a_user_nor_an_organization_takes_all_permits() {
    let quay = quay(Limits { reads_at_once: 4, permit_milliseconds: 100, ..Limits::default() }).await;
    let [own, colleagues, others] = [MERIDIAN, COLLEAGUE, BOREALIS].map(|whose| quay.list(whose));
    let mut busy = join_all([&own, &own].map(|list| quay.begun(list))).await;
    quay.lists.arrivals(2).await;
    // The user holds all permits that one user may hold, with whichever key.
    let other_key = quay.world.new_key(Who::Founder, Key::Personal).await;
    for list in [&own, &request("GET", LIST, &other_key, None)] {
        refused(&quay.response_to(list).await, "BUSY");
    }
    busy.push(quay.begun(&colleagues).await);
    quay.lists.arrivals(1).await;
    // The organization holds all permits that one organization may hold.
    refused(&quay.response_to(&colleagues).await, "BUSY");
    busy.push(quay.begun(&others).await);
    quay.lists.arrivals(1).await;
    // No permit is left, and health checks need none.
    refused(&quay.response_to(&others).await, "BUSY");
    assert_eq!(quay.lists.waiting(), 0, "a refused call does not come to the store");
    for path in ["/livez", "/readyz"] {
        assert_eq!(quay.response_to(&request("GET", path, "", None)).await.status, 200, "{path}");
    }
    quay.lists.let_through(5);
    for wire in &mut busy {
        assert_eq!(wire.response(false).await.status, 200);
    }
    assert_eq!(quay.response_to(&own).await.status, 200, "permits are given back");
    quay.serving.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn searches_leave_permits_to_quick_reads_of_the_same_organization_and_of_all_others() {
    let limits =
        Limits { reads_at_once: 8, long_reads_at_once: 4, permit_milliseconds: 100, ..Limits::default() };
    let quay = quay_that_keeps("spaces", limits).await;
    let search = |whose: usize| request("GET", "/api/v1/spaces?search=quay", &quay.keys[whose], None);
    let own = search(MERIDIAN);
    let mut busy = join_all((0..2).map(|_| quay.begun(&own))).await;
    quay.lists.arrivals(2).await;
    refused(&quay.response_to(&own).await, "BUSY");
    for whose in [COLLEAGUE, BOREALIS] {
        busy.push(quay.begun(&search(whose)).await);
        quay.lists.arrivals(1).await;
        refused(&quay.response_to(&search(whose)).await, "BUSY");
    }
    let mut more = join_all((0..8).map(|_| quay.begun(&own))).await;
    for whose in [MERIDIAN, BOREALIS, COLLEAGUE, MERIDIAN, BOREALIS] {
        assert_eq!(quay.response_to(&quay.list(whose)).await.status, 200, "{whose}");
    }
    for wire in &mut more {
        refused(&wire.response(false).await, "BUSY");
    }
    quay.lists.let_through(5);
    for wire in &mut busy {
        assert_eq!(wire.response(false).await.status, 200);
    }
    assert_eq!(quay.response_to(&own).await.status, 200, "permits are given back");
    quay.serving.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_waits_for_a_permit_until_its_time_for_that_is_over() {
    let quay = quay(Limits { writes_at_once: 1, permit_milliseconds: 1_000, ..Limits::default() }).await;
    let mut first = quay.begun(&quay.new_space(MERIDIAN, "first")).await;
    quay.commits.arrival().await;
    refused(&quay.response_to(&quay.new_space(BOREALIS, "late")).await, "BUSY");
    let mut second = quay.begun(&quay.new_space(BOREALIS, "second")).await;
    quay.commits.let_one_through();
    assert_eq!(first.response(false).await.status, 201);
    quay.commits.let_one_through();
    assert_eq!(second.response(false).await.status, 201);
    quay.serving.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_an_overloaded_queue_refuses_is_refused_before_its_body_is_sent() {
    let limits =
        Limits { writes_at_once: 1, permit_milliseconds: 20_000, request_seconds: 60, ..Limits::default() };
    let quay = quay(limits).await;
    let mut first = quay.begun(&quay.new_space(MERIDIAN, "first")).await;
    quay.commits.arrival().await;
    let mut second = quay.begun(&quay.new_space(MERIDIAN, "second")).await;
    let whole = quay.new_space(MERIDIAN, "third");
    let (head, _) = whole.split_once("\r\n\r\n").unwrap();
    // Until the queue has stood for a second, the server waits for the body.
    let (third, response) = loop {
        let mut third = quay.begun(&format!("{head}\r\n\r\n")).await;
        #[expect(clippy::disallowed_methods, reason = "nothing but the reading of a response is cancelled")]
        let response = tokio::time::timeout(Duration::from_millis(200), third.response(false)).await;
        if let Ok(response) = response {
            break (third, response);
        }
    };
    refused(&response, "BUSY");
    assert_eq!(response.header("connection"), Some("close"), "for the body may still come");
    assert_eq!(third.rest().await, b"");
    for wire in [&mut first, &mut second] {
        quay.commits.let_one_through();
        assert_eq!(wire.response(false).await.status, 201);
    }
    quay.serving.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_sender_holds_no_write_permit() {
    let quay = quay(Limits { writes_at_once: 1, ..Limits::default() }).await;
    let whole = quay.new_space(MERIDIAN, "slow");
    let (begun, rest) = whole.split_at(whole.len() - 5);
    let mut slow = quay.begun(begun).await;
    quay.commits.let_one_through();
    assert_eq!(quay.response_to(&quay.new_space(MERIDIAN, "swift")).await.status, 201);
    slow.send(rest).await;
    quay.commits.let_one_through();
    assert_eq!(slow.response(false).await.status, 201);
    quay.serving.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_read_that_takes_too_long_is_cancelled_and_returns_its_permit() {
    let quay = quay(Limits { request_seconds: 1, reads_at_once: 1, ..Limits::default() }).await;
    let list = quay.list(MERIDIAN);
    let response = quay.response_to(&list).await;
    refused(&response, "BUSY");
    assert!(response.json()["detail"].as_str().unwrap().contains("1 seconds"), "{response:?}");
    quay.lists.arrivals(1).await;
    let mut next = quay.begun(&list).await;
    quay.lists.arrivals(1).await;
    quay.lists.let_through(1);
    assert_eq!(next.response(false).await.status, 200);
    quay.serving.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_that_takes_too_long_continues_and_its_outcome_is_unknown() {
    let quay = quay(Limits { request_seconds: 1, ..Limits::default() }).await;
    refused(&quay.response_to(&quay.new_space(MERIDIAN, "late")).await, "OUTCOME_UNKNOWN");
    quay.commits.arrival().await;
    quay.commits.let_one_through();
    quay.commits.end().await;
    let found = quay.world.as_founder().get("/api/v1/spaces?search=late").await;
    assert_eq!(found.json()["data"].as_array().unwrap().len(), 1, "it was written all the same");
    quay.serving.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_panic_gets_500_and_the_connection_stays_open() {
    let world = World::on(Store::Memory).await;
    let key = world.new_key(Who::Founder, Key::Full).await;
    let is_past = AtomicBool::new(false);
    let first_commit = intercept::before(move |call| {
        assert!(call != "commit" || is_past.swap(true, Ordering::SeqCst), "quay7 is on fire");
        Ok(())
    });
    let loggia = Loggia::on_ports(intercept::store(world.ports(), first_commit)).build();
    let app = HttpApp::new(loggia, Arc::new(SequentialIds::new()), [7; 32], Limits::default());
    let serving = Serving::start(app);
    let mut wire = serving.connect().await;
    let post = request("POST", "/api/v1/spaces", &key, Some(r#"{"name":"Quay"}"#));
    let response = wire.call(&post).await;
    assert_eq!((response.status, response.code().as_str()), (500, "INTERNAL_ERROR"));
    assert!(!String::from_utf8_lossy(&response.body).contains("quay7"), "{response:?}");
    assert_eq!(wire.call(&post).await.status, 201);
    serving.end().await;
}
