//! Loggia's use cases over HTTP, in two JSON dialects: spaces under `/api/v1` and projects under `/v2`.
//!
//! # As a server or as a guest
//!
//! An [`HttpApp`] is the whole API: the use cases, and the state and limits that all requests share. It is served in one of two ways.
//! - *By its own server*: [`serve`] listens, limits connections and the time that clients may take, and stops without losing a request. The
//!   program `loggia` does this.
//! - *As a guest*: [`mount()`] makes it a service below a path of another actix application, beside that application's routes, under its
//!   server and, if it wants, with its own authentication ([`Mount::callers`]). [`mod@mount`] documents the limits that apply there.
//!
//! # Inside
//!
//! `loggia-serve` is the server below. A request passes these modules, in this order:
//! 1. `pipeline::access_log`: its id, its log line, the headers of every response.
//! 2. `pipeline::router` and [`mod@server`]: the endpoint, from the one table in `api`; unknown paths and wrong methods end here.
//! 3. `pipeline::dispatch`: the key (`authenticate`), then the body and the query.
//! 4. A handler in `api`, one file for each endpoint, in two functions that decide nothing: `parse` reads the request (`wire`), and `run`
//!    calls a use case and writes the response. Admission lies between the two; writes run detached.
//! 5. [`mod@problem`]: the mapping of errors to RFC 9457 problem details.

mod api;
mod document;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
mod health;
pub mod limits;
pub mod mount;
mod operation;
mod pipeline;
pub mod problem;
pub mod server;
mod wire;

pub use api::ENDPOINTS;
pub use document::openapi;
pub use limits::Limits;
pub use loggia_serve::client::{InvalidMountPath, InvalidNetwork, InvalidPublicUrl, Networks, PublicUrl};
pub use loggia_serve::response::{HeaderNames, InvalidHeaderNames, InvalidOrigin, Origins};
pub use loggia_serve::{CutOff, Running, ServerLimits, StopHandle};
pub use mount::{Mount, MountHandle, mount};
pub use operation::Operation;
pub use operation::description::BodyRule;
pub use pipeline::endpoint::Endpoint;
pub use pipeline::guest::NotRecognised;
pub use pipeline::observation::{Arrival, Completed, Observer, ParentHeaders, Trace};
pub use pipeline::response_size::ResponseSize;
pub use pipeline::state::HttpApp;
pub use pipeline::usage::HttpUsage;
pub use server::{application, serve};
