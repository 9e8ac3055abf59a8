//! Memory for responses: reserved before the store is asked, released again, and shared fairly between users and organizations.

use loggia_http::Limits;

use crate::faults::within;
use crate::overload::{BOREALIS, MERIDIAN, Quay, quay_that_keeps};
use crate::world::{Key, Who};

/// Memory for one page of spaces of one user, and for one more of another organization.
const ROOM: usize = 8 * 1024 * 1024;

/// Returns a service with that much memory for responses, in which lists of spaces wait until the test lets them continue.
async fn narrow_quay() -> Quay {
    let limits = Limits { response_room_bytes: ROOM, permit_milliseconds: 100, ..Limits::default() };
    quay_that_keeps("spaces", limits).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_for_a_response_is_reserved_before_the_store_is_asked() {
    let quay = narrow_quay().await;
    let list = quay.get(MERIDIAN, "/api/v1/spaces");
    let mut first = quay.begun(&list).await;
    quay.lists.arrivals(1).await;
    for path in ["/api/v1/spaces", "/api/v1/spaces?search=quay", "/api/v1/spaces?limit=100&include=all"] {
        let refused = quay.response_to(&quay.get(MERIDIAN, path)).await;
        assert_eq!((refused.status, refused.code().as_str()), (503, "BUSY"), "{path}: {refused:?}");
        assert_eq!(refused.header("retry-after"), Some("1"));
    }
    assert_eq!(quay.lists.waiting(), 0, "a call without memory does not come to the store");
    // Small responses need no reserved memory.
    for path in ["/api/v1/me", "/v2/projects?per_page=1"] {
        assert_eq!(quay.response_to(&quay.get(MERIDIAN, path)).await.status, 200, "{path}");
    }
    quay.lists.let_through(1);
    assert_eq!(first.response(false).await.status, 200);
    quay.lists.let_through(1);
    assert_eq!(quay.response_to(&list).await.status, 200, "memory is given back");
    quay.serving.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_users_largest_responses_do_not_refuse_another_organizations_lists() {
    let quay = narrow_quay().await;
    let keys = [quay.world.new_key(Who::Founder, Key::Personal).await, quay.key(MERIDIAN).to_owned()];
    let largest = "/api/v1/spaces?limit=100&include=all";
    let mut first = quay.begun(&quay.get(MERIDIAN, largest)).await;
    quay.lists.arrivals(1).await;
    for key in &keys {
        let refused = quay.response_to(&crate::wire::request("GET", largest, key, None)).await;
        assert_eq!(refused.status, 503, "a user has one share with all keys: {refused:?}");
    }
    let mut other = quay.begun(&quay.get(BOREALIS, "/api/v1/spaces?limit=40")).await;
    quay.lists.arrivals(1).await;
    quay.lists.let_through(2);
    assert_eq!(other.response(false).await.status, 200);
    assert_eq!(first.response(false).await.status, 200);
    quay.serving.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_waits_for_memory_gets_it_when_it_is_given_back() {
    let limits = Limits { response_room_bytes: ROOM, ..Limits::default() };
    let quay = quay_that_keeps("spaces", limits).await;
    let list = quay.get(MERIDIAN, "/api/v1/spaces");
    let mut first = quay.begun(&list).await;
    quay.lists.arrivals(1).await;
    let mut second = quay.begun(&list).await;
    quay.lists.let_through(2);
    for wire in [&mut first, &mut second] {
        assert_eq!(wire.response(false).await.status, 200);
    }
    quay.serving.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_of_a_call_whose_client_goes_away_is_given_back() {
    let quay = narrow_quay().await;
    let list = quay.get(MERIDIAN, "/api/v1/spaces");
    let first = quay.begun(&list).await;
    quay.lists.arrivals(1).await;
    first.reset();
    within(async {
        loop {
            let mut next = quay.begun(&list).await;
            tokio::select! {
                refused = next.response(false) => assert_eq!(refused.status, 503, "{refused:?}"),
                () = quay.lists.arrivals(1) => break,
            }
        }
    })
    .await;
    quay.lists.let_through(1);
    quay.serving.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_of_a_call_that_fails_is_given_back() {
    let limits = Limits {
        response_room_bytes: ROOM,
        request_seconds: 1,
        permit_milliseconds: 100,
        ..Limits::default()
    };
    let quay = quay_that_keeps("spaces", limits).await;
    let list = quay.get(MERIDIAN, "/api/v1/spaces");
    for _ in 0..3 {
        let refused = quay.response_to(&list).await;
        assert_eq!(refused.status, 503, "{refused:?}");
        // The call failed because of its time limit and not for lack of memory: it had reached the store.
        quay.lists.arrivals(1).await;
    }
    quay.lists.let_through(1);
    assert_eq!(quay.response_to(&list).await.status, 200);
    quay.serving.end().await;
}
