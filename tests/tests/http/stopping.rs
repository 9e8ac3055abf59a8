//! The stop of a server: no request is lost, and work that is cut off is counted (rule C35, promise B43).

use std::sync::Arc;

use loggia_domain::service::Loggia;
use loggia_http::{CutOff, HttpApp, Limits, ServerLimits};
use loggia_testkit::{SequentialIds, intercept};

use crate::faults::{Gate, within};
use crate::harness::Store;
use crate::wire::{Serving, request};
use crate::world::{Key, Who, World};

struct Pier {
    serving: Serving,
    gate: Arc<Gate>,
    key: String,
}

async fn pier(limits: Limits) -> Pier {
    let world = World::on(Store::Memory).await;
    let key = world.new_key(Who::Founder, Key::Full).await;
    let gate = Gate::closed();
    let loggia = Loggia::on_ports(intercept::store(world.ports(), gate.clone())).build();
    let app = HttpApp::new(loggia, Arc::new(SequentialIds::new()), [7; 32], limits);
    Pier { serving: Serving::start(app), gate, key }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_draining_server_serves_requests_and_closes_connections() {
    // The drain takes longer than this test.
    let pier = pier(Limits {
        server: ServerLimits { drain_seconds: 3_600, ..ServerLimits::default() },
        ..Limits::default()
    })
    .await;
    let me = request("GET", "/api/v1/me", &pier.key, None);
    let (mut kept, mut other) = (pier.serving.connect().await, pier.serving.connect().await);
    for wire in [&mut kept, &mut other] {
        let response = wire.call(&me).await;
        assert_eq!((response.status, response.header("connection")), (200, None));
        assert_eq!(wire.call(&request("GET", "/readyz", "", None)).await.status, 200);
    }
    let stop = pier.serving.stop.clone();
    let draining = tokio::spawn(async move { stop.stop().await });
    // The first response after the drain began has the new status: there is nothing to wait for.
    let response = loop {
        let response = pier.serving.connect().await.call(&request("GET", "/readyz", "", None)).await;
        if response.status != 200 {
            break response;
        }
    };
    assert_eq!((response.status, response.code().as_str()), (503, "STOPPING"));
    assert_eq!(response.header("connection"), Some("close"));
    let newcomer = pier.serving.connect().await;
    for (mut wire, path, status) in
        [(kept, "/api/v1/me", 200), (other, "/quay", 404), (newcomer, "/livez", 200)]
    {
        let response = wire.call(&request("GET", path, &pier.key, None)).await;
        assert_eq!((response.status, response.header("connection")), (status, Some("close")), "{path}");
        assert_eq!(within(wire.rest()).await, b"", "and it is closed");
    }
    draining.abort();
    pier.serving.ended.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_the_end_idle_connections_are_closed_and_requests_finished() {
    let pier = pier(Limits {
        server: ServerLimits { drain_seconds: 0, ..ServerLimits::default() },
        ..Limits::default()
    })
    .await;
    let me = request("GET", "/api/v1/me", &pier.key, None);
    let (mut idle, mut busy) = (pier.serving.connect().await, pier.serving.connect().await);
    assert_eq!(idle.call(&me).await.status, 200);
    busy.send(&request("POST", "/api/v1/spaces", &pier.key, Some(r#"{"name":"Last"}"#))).await;
    pier.gate.arrival().await;
    let stop = pier.serving.stop.clone();
    let stopping = tokio::spawn(async move { stop.stop().await });
    assert_eq!(within(idle.rest()).await, b"");
    pier.gate.let_one_through();
    let response = busy.response(false).await;
    assert_eq!((response.status, response.header("connection")), (201, Some("close")));
    within(stopping).await.unwrap();
    within(pier.serving.ended).await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_that_do_not_end_in_time_are_cut_off_and_counted() {
    let pier = pier(Limits {
        server: ServerLimits { drain_seconds: 0, shutdown_seconds: 1, ..ServerLimits::default() },
        ..Limits::default()
    })
    .await;
    let mut wire = pier.serving.connect().await;
    wire.send(&request("POST", "/api/v1/spaces", &pier.key, Some(r#"{"name":"Late"}"#))).await;
    pier.gate.arrival().await;
    let stop = pier.serving.stop.clone();
    let stopping = tokio::spawn(async move { stop.stop().await });
    let ended = within(pier.serving.ended).await.unwrap().expect_err("not in order");
    let cut = ended.get_ref().and_then(|error| error.downcast_ref::<CutOff>());
    assert_eq!(cut, Some(&CutOff { requests: 1, writes: 1 }));
    assert_eq!(ended.to_string(), "1 requests and 1 writes were cut off: they did not end in time");
    stopping.abort();
}
