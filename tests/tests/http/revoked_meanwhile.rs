//! A key that is revoked after the head of a request was read, and before its body was (promise B25): the call is refused and writes
//! nothing, on every route that writes.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use loggia_domain::id::KeyId;
use loggia_domain::key::ApiKey;
use loggia_domain::page::PageRequest;
use loggia_domain::port::{Ports, StoreError};
use loggia_domain::service::Loggia;
use loggia_http::{HttpApp, Limits};
use loggia_testkit::SequentialIds;
use loggia_testkit::intercept::{self, Interceptor};

use crate::harness::Store;
use crate::harness::client::Client;
use crate::harness::on_every_store;
use crate::permissions::{COLUMNS, Row, rows};
use crate::wire::{Serving, request};
use crate::world::{Key, Who, World};

on_every_store!(a_key_revoked_after_it_was_recognized_writes_nothing_on_any_route);

/// Returns every row of the table of permissions that writes, with the last caller who may.
fn writes() -> Vec<(Row, Who)> {
    let writing = rows().into_iter().filter(|row| row.method != "GET" && !row.private);
    let with_caller = writing.map(|row| {
        let mut columns = COLUMNS.iter().zip(&row.statuses).rev();
        let (who, _) = columns.find(|(_, status)| (200..300).contains(*status)).expect("an allowed caller");
        let who = who.expect("every write needs a key");
        (row, who)
    });
    with_caller.collect()
}

async fn find(ports: &Ports, secret: &str) -> ApiKey {
    let hash = ports.secrets.digest(secret);
    ports.views.key_by_hash(&hash).await.expect("a lookup").expect("the key")
}

async fn revoke(ports: &Ports, id: KeyId) {
    let mut work = ports.store.begin().await.expect("a unit of work");
    let key = work.lock_key(id).await.expect("a lock").expect("the key");
    let revoked = ApiKey { revoked_at: Some(ports.clock.now()), ..key };
    work.update_key(&revoked).await.expect("an update");
    work.commit().await.expect("a commit");
}

/// Revokes a key when the next unit of work is about to begin: the key has been authenticated and the body read by then.
struct Revoking {
    ports: Ports,
    next: Mutex<Option<KeyId>>,
}

#[async_trait]
impl Interceptor for Revoking {
    async fn before(&self, call: &'static str) -> Result<(), StoreError> {
        let next =
            self.next.lock().unwrap_or_else(PoisonError::into_inner).take_if(|_| call.starts_with("begin"));
        if let Some(key) = next {
            revoke(&self.ports, key).await;
        }
        Ok(())
    }
}

fn app(ports: Ports) -> HttpApp {
    HttpApp::new(Loggia::on_ports(ports).build(), Arc::new(SequentialIds::new()), [7; 32], Limits::default())
}

async fn a_key_revoked_after_it_was_recognized_writes_nothing_on_any_route(world: World) {
    let ports = world.ports();
    let hook = Arc::new(Revoking { ports: ports.clone(), next: Mutex::default() });
    let service = world.serve(app(intercept::store(ports.clone(), hook.clone()))).await;
    for (row, who) in writes() {
        for retried in [false, true] {
            let secret = world.new_key(who, Key::Full).await;
            let key = find(&ports, &secret).await;
            let client = Client::new(service.clone(), vec![format!("Bearer {secret}")]);
            let mut request = row.request(&world, &client);
            if retried && row.method != "DELETE" {
                request = request.header("Idempotency-Key", &secret[..20]);
            }
            *hook.next.lock().unwrap_or_else(PoisonError::into_inner) = Some(key.id);
            let response = request.await;
            assert_eq!(response.status, 401, "{} {}: {response}", row.method, row.path);
            response.refuses(401, "INVALID_KEY");
            assert!(
                response.header("www-authenticate").is_some_and(|it| it.contains("invalid_token")),
                "{response}"
            );
            assert!(hook.next.lock().unwrap_or_else(PoisonError::into_inner).is_none(), "it was revoked");
            let keys = ports
                .views
                .keys(&loggia_testkit::builders::viewer(key.user), &PageRequest::FIRST.window())
                .await
                .expect("a list");
            assert!(!keys.iter().any(|made| made.name.as_str() == "Quay"), "no key was made");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_revoked_while_the_body_is_held_back_writes_nothing_on_any_route() {
    let world = World::on(Store::Memory).await;
    let ports = world.ports();
    let serving = Serving::start(app(ports.clone()));
    let mut tried = 0;
    for (row, who) in writes() {
        let Some(body) = row.body(&world) else { continue };
        tried += 1;
        let secret = world.new_key(who, Key::Full).await;
        let key = find(&ports, &secret).await;
        let whole = request(row.method, &row.target(&world), &secret, Some(&body.to_string()));
        let (begun, rest) = whole.split_at(whole.len() - 1);
        let mut wire = serving.connect().await;
        wire.send(begun).await;
        // Another call gets its response meanwhile, so this one is reading its body by then.
        let me = request("GET", "/api/v1/me", &secret, None);
        assert_eq!(serving.connect().await.call(&me).await.status, 200);
        revoke(&ports, key.id).await;
        wire.send(rest).await;
        let response = wire.response(false).await;
        assert_eq!(
            (response.status, response.code().as_str()),
            (401, "INVALID_KEY"),
            "{} {}",
            row.method,
            row.path
        );
    }
    assert!(tried > 12, "{tried} routes read a body");
    serving.end().await;
}
