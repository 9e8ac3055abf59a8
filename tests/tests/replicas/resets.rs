//! Clients that reset their connection in the middle of a write, beside polite clients, whose acknowledged writes are stored (promise B4).

use std::time::{Duration, Instant};

use crate::load::Load;
use crate::proxy::Proxy;
use crate::running_service::{self, RunningService};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn acknowledged_writes_are_stored_while_other_clients_reset_connections() {
    let server = running_service::server(false).await;
    let proxy = Proxy::to(server.port()).await;
    let service = RunningService::patient(server.url("postgres"), proxy.port).await;
    let (address, key) = (service.serving.address, service.key.clone());
    let spaces = "/api/v1/spaces";
    let load = Load { address, key, polite: spaces, rude: spaces, writes: 100 };
    let started = Instant::now();
    let harvest = load.run(0).await;
    let took = started.elapsed().as_secs_f64();
    let at_rest = service.is_at_rest_within(Duration::from_secs(1)).await;
    let there = service.spaces().await;
    let (resets, ledger) = (harvest.resets(), &harvest.ledger);
    let finished = there.iter().filter(|name| name.starts_with("Rude")).count();
    println!(
        "polite writes {ledger} in {took:.1} s, beside {resets} resets, of whose writes {finished} were done"
    );
    assert_eq!(ledger.count_responses("201"), load.polite_writes(), "no polite client is refused: {ledger}");
    let wrong = ledger.audit(&there);
    assert!(wrong.is_empty(), "{wrong:?}");
    assert!(at_rest, "a session is left in a transaction");
    let resets = usize::try_from(resets).unwrap();
    assert!(finished > 0 && finished < resets, "some came before the write, and some in it or after it");
    service.serving.end().await;
}
