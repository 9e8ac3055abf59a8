//! Calls that wait for a permit, and changes meanwhile.

use loggia_domain::event::Actor;
use loggia_domain::key::Descendants;
use loggia_domain::page::PageRequest;
use loggia_http::Limits;

use crate::capture;
use crate::overload::{BOREALIS, MERIDIAN, Quay, quay};
use crate::wire::Wire;
use crate::world::Who;

/// Returns a service whose one permit to read is held by a call of Meridian's, and that call.
async fn busy_quay() -> (Quay, Wire) {
    capture::listen();
    let limits =
        Limits { reads_at_once: 1, permit_milliseconds: 20_000, request_seconds: 60, ..Limits::default() };
    let quay = quay(limits).await;
    let first = quay.begun(&quay.list(MERIDIAN)).await;
    quay.lists.arrivals(1).await;
    (quay, first)
}

/// Begins a call, and waits until it has authenticated, so that it waits for a permit from then on. The call is the first one of its key in
/// this hour, so the service records the key's use, which the test can wait for.
async fn waiting(quay: &Quay, request: &str) -> Wire {
    quay.world.clock.advance_seconds(3_600);
    let wire = quay.begun(request).await;
    quay.commits.arrival().await;
    quay.commits.let_one_through();
    quay.commits.end().await;
    wire
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_is_revoked_while_its_call_waits_for_a_permit_is_refused() {
    let (quay, mut first) = busy_quay().await;
    let mut second = waiting(&quay, &quay.list(BOREALIS)).await;
    let loggia = &quay.world.loggia;
    for key in loggia
        .operator()
        .keys(quay.world.person(Who::Stranger).user, &PageRequest::FIRST)
        .await
        .unwrap()
        .items
    {
        loggia.operator().revoke_key(Actor::Operator, None, key.id, Descendants::Revoke).await.unwrap();
    }
    quay.lists.let_through(2);
    assert_eq!(first.response(false).await.status, 200);
    let response = second.response(false).await;
    assert_eq!((response.status, response.code().as_str()), (401, "INVALID_KEY"), "{response:?}");
    quay.serving.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_goes_away_leaves_the_queue() {
    let (quay, mut first) = busy_quay().await;
    let adrift = quay.list(BOREALIS).replacen("Host:", "X-Request-Id: adrift\r\nHost:", 1);
    waiting(&quay, &adrift).await.reset();
    assert_eq!(capture::line("adrift").await.get("status"), Some("499"));
    quay.lists.let_through(1);
    assert_eq!(first.response(false).await.status, 200);
    quay.lists.let_through(1);
    assert_eq!(quay.response_to(&quay.list(MERIDIAN)).await.status, 200);
    assert_eq!(quay.lists.waiting(), 1, "only the last call came to the store");
    // The key of the last call was used for the first time in this hour, too.
    quay.commits.let_one_through();
    quay.serving.end().await;
}
