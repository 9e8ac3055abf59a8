//! Readiness: the store is checked now and then, and never blocks the response for long (rule C35, promise B47).

use std::sync::Arc;

use futures_util::future::join_all;
use loggia_domain::port::StoreError;
use loggia_domain::service::Loggia;
use loggia_http::{HttpApp, Limits};
use loggia_testkit::SequentialIds;
use loggia_testkit::intercept::{self, Interceptor, Recorder};

use crate::faults::{Turnstile, within};
use crate::harness::client::Client;
use crate::harness::on_every_store;
use crate::world::World;

on_every_store!(
    concurrent_readiness_checks_share_one_result_for_a_while,
    readiness_does_not_wait_for_a_silent_store,
);

async fn nobody(world: &World, interceptor: Arc<dyn Interceptor>, limits: Limits) -> Client {
    let loggia = Loggia::on_ports(intercept::views(world.ports(), interceptor)).build();
    let app = HttpApp::new(loggia, Arc::new(SequentialIds::new()), [7; 32], limits);
    Client::new(world.serve(app).await, vec![])
}

/// Fails the first check.
fn first_fails() -> Arc<Recorder> {
    Arc::new(Recorder::new().failing(|call, number| {
        assert_eq!(call, "check_ready", "nothing else is asked");
        if number == 1 { Err(StoreError::Unavailable(None)) } else { Ok(()) }
    }))
}

async fn concurrent_readiness_checks_share_one_result_for_a_while(world: World) {
    let checks = first_fails();
    // The result is reused for longer than this test takes, and then not at all.
    let client =
        nobody(&world, checks.clone(), Limits { readiness_seconds: 3_600, ..Limits::default() }).await;
    for response in join_all((0..10).map(|_| client.get("/readyz").into_future())).await {
        response.refuses(503, "STORE_UNAVAILABLE");
        assert_eq!(response.header("retry-after"), Some("1"), "{response}");
    }
    assert_eq!(client.get("/livez").await.status, 200);
    assert_eq!(checks.count("check_ready"), 1);

    let checks = first_fails();
    let client = nobody(&world, checks.clone(), Limits { readiness_seconds: 0, ..Limits::default() }).await;
    client.get("/readyz").await.refuses(503, "STORE_UNAVAILABLE");
    assert_eq!(client.get("/readyz").await.status, 200, "it is there again");
    assert_eq!(checks.count("check_ready"), 2);
}

async fn readiness_does_not_wait_for_a_silent_store(world: World) {
    let silence = Turnstile::at("check_ready");
    let client = nobody(&world, silence.clone(), Limits::default()).await;
    within(client.get("/readyz").into_future()).await.refuses(503, "STORE_UNAVAILABLE");
    assert_eq!(client.get("/livez").await.status, 200, "the process lives");
    silence.arrivals(1).await;
}
