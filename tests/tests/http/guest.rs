//! The API mounted in another application.
//!
//! All contract tests also run on a mounted application (`mounted::…`, see `harness`). These are about the properties of a mount alone: its
//! path beside the host's routes, its documents, the callers whom the host recognises, and its end.

mod callers;
mod documents;
mod ending;
mod hosted;
mod limits;
mod mounts;
mod recognitions;
mod stories;

use std::sync::Arc;

use actix_web::test::{TestRequest, init_service};
use actix_web::{App, web};
use loggia_domain::service::Loggia;
use loggia_http::{HttpApp, Limits, Mount, mount};
use loggia_testkit::SequentialIds;

use crate::harness::client::{BASE, Client, Service};
use crate::harness::response::Response;
use crate::world::{Who, World};

/// Returns the HTTP side of a service, with these limits.
fn app(loggia: &Loggia, limits: Limits) -> HttpApp {
    HttpApp::new(loggia.clone(), Arc::new(SequentialIds::new()), [7; 32], limits)
}

/// Returns a world's API, mounted at a path.
fn mounted(world: &World, path: &str) -> Mount {
    mount(path, app(&world.loggia, Limits::default())).expect("a path")
}

/// Returns an application with these mounts, between two routes of its own.
async fn host(mounts: Vec<Mount>) -> Service {
    let page = || web::get().to(async || "the host's page");
    let app = App::new().route("/", page()).service(mounts).route("/other", page());
    Service::from_actix(init_service(app).await, "")
}

/// Sends GET for a path of the host.
async fn get(host: &Service, path: &str) -> Response {
    let request = TestRequest::with_uri(path).insert_header(("Host", &BASE["http://".len()..]));
    host.outside(request).await
}

/// Returns a person with an API key as a client of a service.
fn client(world: &World, service: &Service, who: Who) -> Client {
    Client::new(service.clone(), vec![world.authorization(who)])
}
