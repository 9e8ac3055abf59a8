//! Only clients that guess keys are slowed down (rule C18).

use std::sync::Arc;

use loggia_domain::key::KeySecret;
use loggia_domain::service::Loggia;
use loggia_http::{HttpApp, Limits};
use loggia_testkit::{SequentialIds, intercept};

use crate::harness::client::{Client, Service};
use crate::harness::on_every_store;
use crate::world::{Key, Who, World};

on_every_store!(a_burst_of_bad_keys_is_slowed_and_good_keys_pass, a_malformed_key_never_reaches_the_store,);

async fn service(world: &World, loggia: Loggia) -> Service {
    let limits = Limits::default();
    assert_eq!(limits.failed_authentications, 20);
    world.serve(HttpApp::new(loggia, Arc::new(SequentialIds::new()), [7; 32], limits)).await
}

async fn a_burst_of_bad_keys_is_slowed_and_good_keys_pass(world: World) {
    let service = service(&world, world.loggia.clone()).await;
    let with = |key: &str| Client::new(service.clone(), vec![format!("Bearer {key}")]);
    let good = with(&world.new_key(Who::Admin, Key::Full).await);
    let revoked = world.new_key(Who::Admin, Key::Revoked).await;
    let unknown = KeySecret::from_entropy([7; 32]);
    let bad = [with("quay"), with(unknown.expose()), with(&revoked)];
    for attempt in 0..20 {
        bad[attempt % 3].get("/api/v1/me").await.refuses(401, "INVALID_KEY");
        assert_eq!(good.get("/api/v1/me").await.status, 200);
    }
    for client in &bad {
        let response = client.get("/api/v1/me").await;
        response.refuses(429, "TOO_MANY_FAILED_AUTHENTICATIONS");
        assert_eq!(response.header("retry-after"), Some("3"), "{response}");
        assert_eq!(client.post("/api/v1/spaces", serde_json::json!({})).await.status, 429);
    }
    // A client with a valid key, or without a key, is served from the same address as before.
    assert_eq!(good.get("/api/v1/me").await.status, 200);
    let nobody = Client::new(service.clone(), vec![]);
    nobody.get("/api/v1/me").await.refuses(401, "UNAUTHENTICATED");
    assert_eq!(nobody.get("/livez").await.status, 200);

    world.clock.advance_seconds(3);
    bad[0].get("/api/v1/me").await.refuses(401, "INVALID_KEY");
    assert_eq!(bad[0].get("/api/v1/me").await.status, 429);
    // A minute without a guess refills the bucket. Headers do not determine the address of a call.
    world.clock.advance_seconds(60);
    for number in 0..20 {
        let request = bad[1].get("/api/v1/me").header("X-Forwarded-For", &format!("192.0.2.{number}"));
        request.header("Forwarded", &format!("for=192.0.2.{number}")).await.refuses(401, "INVALID_KEY");
    }
    let request = bad[1].get("/api/v1/me").header("X-Forwarded-For", "192.0.2.99");
    assert_eq!(request.await.status, 429);
}

async fn a_malformed_key_never_reaches_the_store(world: World) {
    // A call of the read side would panic, and so give 500.
    let nothing = intercept::before(|call| panic!("{call} was called"));
    let service = service(&world, Loggia::on_ports(intercept::views(world.ports(), nothing)).build()).await;
    let live = world.new_key(Who::Admin, Key::Full).await;
    let mistyped = format!("{}{}", &live[..live.len() - 1], if live.ends_with('0') { '1' } else { '0' });
    for key in ["quay", "lga_", &mistyped, &live[1..], ""] {
        let client = Client::new(service.clone(), vec![format!("Bearer {key}")]);
        client.get("/api/v1/me").await.refuses(401, "INVALID_KEY");
    }
}
