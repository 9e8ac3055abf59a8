//! The recognition of callers by a host: its number, its concurrency, and its failures.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use actix_web::HttpRequest;
use futures_util::future::join;
use loggia_domain::key::Caller;
use loggia_domain::port::StoreError;
use loggia_domain::service::Loggia;
use loggia_http::{Limits, NotRecognised, mount};
use loggia_testkit::intercept;
use tokio::sync::Semaphore;

use super::callers::{Sessions, deactivate, refused, signed_in, with_sessions};
use super::{app, host};
use crate::faults::Turnstile;
use crate::harness::client::{Client, MOUNT};
use crate::harness::response::Response;
use crate::harness::{Store, run};
use crate::world::{Who, World};

/// Returns the response to a call of an API whose host recognises callers in that way.
async fn recognised<F>(limits: Limits, recognise: F) -> Response
where
    F: AsyncFn(&HttpRequest) -> Result<Caller, NotRecognised> + Send + Sync + 'static,
{
    let world = World::on(Store::Memory).await;
    let mount = mount(MOUNT, app(&world.loggia, limits)).expect("a path").callers(recognise);
    Client::new(host(vec![mount]).await.below(MOUNT), Vec::new()).get("/api/v1/me").await
}

#[test]
fn a_recognition_that_fails_or_takes_too_long_is_a_problem() {
    run(Store::Memory, async |_| {
        let limits = Limits::default();
        let failed =
            recognised(limits, async |_: &HttpRequest| Err(StoreError::Unavailable(None).into())).await;
        failed.refuses(503, "STORE_UNAVAILABLE");
        let panicked = recognised(limits, async |_: &HttpRequest| panic!("the host has a bug")).await;
        panicked.refuses(500, "INTERNAL_ERROR");
        let limits = Limits { request_seconds: 0, ..limits };
        let late = recognised(limits, async |_: &HttpRequest| std::future::pending().await).await;
        late.refuses(503, "BUSY");
    });
}

#[test]
fn the_number_of_concurrent_recognitions_is_limited() {
    run(Store::Memory, async |world| {
        let (begun, open) = (Arc::new(AtomicUsize::new(0)), Arc::new(Semaphore::new(0)));
        let (sessions, counted, gate) =
            (Sessions::new(&world, world.loggia.clone()), begun.clone(), open.clone());
        // Two permits, of which one address gets one.
        let limits = Limits { reads_at_once: 4, permit_milliseconds: 0, ..Limits::default() };
        let mount = mount(MOUNT, app(&world.loggia, limits)).expect("a path");
        let mount = mount.callers(async move |request: &HttpRequest| {
            counted.fetch_add(1, Ordering::SeqCst);
            gate.acquire().await.expect("a gate").forget();
            sessions.recognise(request).await
        });
        let service = host(vec![mount]).await.below(MOUNT);
        let member = signed_in(&world, &service, Who::Member);
        let second = async {
            member.get("/api/v1/me").await.refuses(503, "BUSY");
            assert_eq!(begun.load(Ordering::SeqCst), 1, "the host is not asked");
            open.add_permits(1);
        };
        let (first, ()) = join(member.get("/api/v1/me").into_future(), second).await;
        assert_eq!(first.status, 200, "{first}");
    });
}

#[test]
fn a_read_that_has_waited_is_recognised_again() {
    run(Store::Memory, async |world| {
        let lists = Turnstile::at("organizations");
        let loggia = Loggia::on_ports(intercept::views(world.ports(), lists.clone())).build();
        // Two permits, of which one user gets one.
        let service = with_sessions(&world, &loggia, Limits { reads_at_once: 2, ..Limits::default() }).await;
        let member = signed_in(&world, &service, Who::Member);
        let first = member.get("/api/v1/organizations").into_future();
        let second = async {
            lists.arrivals(1).await;
            let waiting = refused(&world, &service, Who::Member, "/api/v1/me");
            let ending = async {
                // The second request waits for the first one's permit by now.
                tokio::task::yield_now().await;
                let grace = world.person(Who::Member);
                deactivate(&world.loggia, grace.user, grace.organization).await;
                lists.let_through(1);
            };
            join(waiting, ending).await.0
        };
        let (first, second) = join(first, second).await;
        assert_eq!(first.status, 200, "it was recognised before: {first}");
        second.refuses(403, "NO_ACCESS_TO_ORGANIZATION");
    });
}
