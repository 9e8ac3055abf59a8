//! More connections than the limit: open ones still work, health checks are served, and everything else gets 503 or is closed.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use loggia_http::limits::{SPARE_CONNECTIONS, SPARE_CONNECTIONS_PER_ADDRESS};
use loggia_http::{HttpApp, Limits, Networks, ServerLimits};
use loggia_testkit::SequentialIds;

use crate::faults::within;
use crate::harness::Store;
use crate::wire::{Serving, Wire, request};
use crate::world::{Key, Who, World};

const NOBODY_IS_LIMITED: usize = 1_000;

struct Served {
    world: World,
    serving: Serving,
    /// A request that every caller with a key may make.
    me: String,
}

async fn served(connections: usize, connections_per_address: usize, proxies: &str) -> Served {
    let world = World::on(Store::Memory).await;
    let key = world.new_key(Who::Founder, Key::Full).await;
    let limits = Limits {
        server: ServerLimits { connections, connections_per_address, ..ServerLimits::default() },
        ..Limits::default()
    };
    let app = HttpApp::new(world.loggia.clone(), Arc::new(SequentialIds::new()), [7; 32], limits);
    let serving = Serving::start(app.behind(Networks::parse(proxies).expect("networks")));
    Served { world, serving, me: request("GET", "/api/v1/me", &key, None) }
}

/// Returns one of many loopback addresses.
fn local(number: u8) -> SocketAddr {
    (Ipv4Addr::new(127, 0, 0, number), 0).into()
}

impl Served {
    /// Opens that many connections, each of which has got a response and stays open.
    async fn clients(&self, number: usize) -> Vec<Wire> {
        let mut wires = Vec::new();
        for _ in 0..number {
            let mut wire = self.serving.connect().await;
            assert_eq!(wire.call(&self.me).await.status, 200);
            wires.push(wire);
        }
        wires
    }

    /// Asserts that a connection from that address gets 503 and is closed.
    async fn is_refused(&self, from: SocketAddr) {
        let mut wire = Wire::from(from, self.serving.address).await;
        let response = wire.call(&self.me).await;
        assert_eq!((response.status, response.code().as_str()), (503, "BUSY"));
        assert_eq!(response.header("retry-after"), Some("1"));
        assert_eq!(response.header("connection"), Some("close"));
        assert_eq!(within(wire.rest()).await, b"");
    }

    /// Asserts that health checks from that address are served, one for each connection.
    async fn is_watched(&self, from: SocketAddr) {
        for path in ["/livez", "/readyz"] {
            let mut wire = Wire::from(from, self.serving.address).await;
            let response = wire.call(&request("GET", path, "", None)).await;
            assert_eq!((response.status, response.header("connection")), (200, Some("close")), "{path}");
            assert_eq!(within(wire.rest()).await, b"");
        }
    }

    /// Waits until a connection from that address is served again.
    async fn is_served(&self, from: SocketAddr) {
        let last = self.me.replacen("Host:", "Connection: close\r\nHost:", 1);
        within(async {
            loop {
                let mut wire = Wire::from(from, self.serving.address).await;
                wire.try_send(last.as_bytes()).await;
                if wire.rest().await.starts_with(b"HTTP/1.1 200 ") {
                    break;
                }
            }
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_over_the_limit_is_served_only_health_checks() {
    let served = served(4, NOBODY_IS_LIMITED, "").await;
    let mut clients = served.clients(4).await;
    served.is_refused(local(1)).await;
    served.is_refused(local(2)).await;
    served.is_watched(local(3)).await;
    for client in &mut clients {
        assert_eq!(client.call(&served.me).await.status, 200, "an open connection is served");
    }
    drop(clients.pop());
    served.is_served(local(2)).await;
    drop(clients);
    served.serving.end().await;
    drop(served.world);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_at_its_limit_of_connections_does_not_affect_others() {
    let served = served(NOBODY_IS_LIMITED, 3, "").await;
    let clients = served.clients(3).await;
    served.is_refused(local(1)).await;
    served.is_watched(local(1)).await;
    served.is_served(local(2)).await;
    drop(clients);
    served.is_served(local(1)).await;
    served.serving.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trusted_proxy_may_have_all_connections() {
    let served = served(6, 2, "127.0.0.1").await;
    let clients = served.clients(6).await;
    served.is_refused(local(1)).await;
    drop(clients);
    served.serving.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_beyond_the_spare_ones_is_closed_at_once() {
    for (connections, per_address, spare) in
        [(2, NOBODY_IS_LIMITED, SPARE_CONNECTIONS), (NOBODY_IS_LIMITED, 2, SPARE_CONNECTIONS_PER_ADDRESS)]
    {
        let served = served(connections, per_address, "").await;
        let clients = served.clients(2).await;
        let mut silent = Vec::new();
        for _ in 0..spare {
            // All spare connections: those of this address, or of all addresses.
            silent.push(Wire::from(local(1), served.serving.address).await);
        }
        let beyond = Wire::from(local(1), served.serving.address).await;
        assert_eq!(within(beyond.rest()).await, b"", "it is closed without a word");
        // After a second without a request the silent connections are closed, too. Then health checks are served again.
        for wire in silent {
            let received = String::from_utf8(within(wire.rest()).await).unwrap();
            assert!(received.is_empty() || received.starts_with("HTTP/1.1 408 "), "{received}");
        }
        served.is_watched(local(1)).await;
        drop(clients);
        served.serving.end().await;
    }
}
