//! An application with a mount, behind actix's own server on a local socket.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use actix_web::dev::ServerHandle;
use actix_web::{App, HttpServer, web};
use loggia_domain::service::Loggia;
use loggia_http::{Limits, MountHandle, mount};
use loggia_testkit::intercept;
use tokio::task::JoinHandle;

use super::app;
use crate::faults::{Gate, Turnstile};
use crate::harness::Store;
use crate::wire::{RawResponse, Wire, request};
use crate::world::{Key, Who, World};

/// A world behind a socket of another application. Commits and lists of spaces wait there until the test lets them continue.
pub(super) struct Hosted {
    pub(super) world: World,
    pub(super) commits: Arc<Gate>,
    pub(super) lists: Arc<Turnstile>,
    pub(super) handle: MountHandle,
    pub(super) server: ServerHandle,
    /// The task of the host's server.
    pub(super) ended: JoinHandle<std::io::Result<()>>,
    address: SocketAddr,
    key: String,
}

impl Hosted {
    pub(super) async fn with(limits: Limits) -> Self {
        let world = World::on(Store::Memory).await;
        let key = world.new_key(Who::Founder, Key::Full).await;
        let (commits, lists) = (Gate::closed(), Turnstile::at("spaces"));
        let ports = intercept::store(world.ports(), commits.clone());
        let loggia = Loggia::on_ports(intercept::views(ports, lists.clone())).build();
        let mount = mount("/loggia", app(&loggia, limits)).unwrap();
        let handle = mount.handle();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let page = || web::get().to(async || "the host's page");
        let host = move || App::new().service(mount.clone()).route("/", page());
        // A client that keeps its connection open is given one second at the end.
        let server = HttpServer::new(host)
            .workers(1)
            .disable_signals()
            .shutdown_timeout(1)
            .listen(listener)
            .unwrap()
            .run();
        Self {
            world,
            commits,
            lists,
            handle,
            server: server.handle(),
            ended: tokio::spawn(server),
            address,
            key,
        }
    }

    pub(super) async fn connect(&self) -> Wire {
        Wire::to(self.address).await
    }

    /// Returns a request with an API key for a path below the mount.
    pub(super) fn request(&self, method: &str, path: &str, body: Option<&str>) -> String {
        request(method, &format!("/loggia{path}"), &self.key, body)
    }

    /// Returns a request to create a space with that name.
    pub(super) fn new_space(&self, name: &str) -> String {
        self.request("POST", "/api/v1/spaces", Some(&format!("{{\"name\":\"{name}\"}}")))
    }

    /// Sends a request on a connection of its own.
    pub(super) async fn response_to(&self, request: &str) -> RawResponse {
        self.connect().await.call(request).await
    }

    /// Returns `true` if there is a space with that name, asked without the socket.
    pub(super) async fn has_space(&self, name: &str) -> bool {
        let found = self.world.as_founder().get(&format!("/api/v1/spaces?search={name}")).await;
        !found.json()["data"].as_array().unwrap().is_empty()
    }
}
