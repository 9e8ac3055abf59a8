//! Loggia's use cases over HTTP, in two JSON dialects: spaces under `/api/v1` and projects under `/v2`.
//!
//! A request passes these modules, in this order:
//! 1. `request_log`: its id, its log line, the headers of every response.
//! 2. `routes` and [`mod@server`]: the endpoint, from the one table in [`mod@endpoints`]; unknown paths and wrong methods end here.
//! 3. `dispatch`: the key (`authenticate`), then the body and the query. Writes run detached, behind an admission permit.
//! 4. A handler in `spaces` or `projects`, one file for each endpoint: it reads the request (`extract`), calls a use
//!    case, and writes the response; it decides nothing.
//! 5. `refusal` and [`mod@problem`]: the mapping of errors to RFC 9457 problem details.

mod accept_encoding;
mod address;
mod admission;
mod admission_queue;
mod answer;
mod app;
mod authenticate;
mod base;
mod buckets;
mod call;
mod conditional;
mod connection;
mod connection_limits;
mod cors;
mod cursor;
mod deadline;
mod dispatch;
mod docs;
pub mod endpoints;
mod extract;
mod fair_semaphore;
mod fault;
mod first_read;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
mod headers;
mod health;
mod host;
mod idempotency;
mod lifecycle;
pub mod limits;
mod long_reads;
pub mod openapi;
mod paging;
pub mod problem;
mod projects;
mod rate_limits;
mod refusal;
mod request_log;
mod response_size;
mod response_text;
mod routes;
pub mod server;
mod serving;
mod shown;
mod sort_fields;
mod spaces;
mod tenant;
mod unread;
mod uses;

pub use address::{InvalidNetwork, Networks};
pub use app::HttpApp;
pub use base::{InvalidPublicUrl, PublicUrl};
pub use cors::{AllowedHeaders, InvalidHeaderNames, InvalidOrigin, Origins};
pub use endpoints::{ENDPOINTS, Endpoint};
pub use limits::Limits;
pub use response_size::ResponseSize;
pub use server::application;
pub use serving::{CutOff, Running, StopHandle, serve};
