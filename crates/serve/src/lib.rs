//! An HTTP server under load, for any actix application.
//!
//! The crate limits what clients may take, shares the rest fairly between them, and stops without losing a request. It knows no API: the
//! application makes the responses, refusals included.
//!
//! The modules, each of which uses only those above it:
//! - [`limits`]: the figures.
//! - [`client`]: the address of a client, the host that it names and the URL that it called, behind trusted proxies.
//! - [`admission`]: permits and memory for each tenant, time limits, rate limits.
//! - `lifecycle`: the phase of the server, and the counts of connections and requests.
//! - [`connection`]: the limits on connections, and the timeouts of each.
//! - [`response`]: CORS, the headers of every response, and unread bodies.
//! - [`Server`], the state that a server and its application share; [`Exchange`], a request and its response; and [`serve`].

pub mod admission;
pub mod client;
pub mod connection;
mod exchange;
mod lifecycle;
pub mod limits;
pub mod response;
mod server;
mod serving;

pub use exchange::{Exchange, Refusal};
pub use limits::ServerLimits;
pub use server::{ConnectionUsage, CutOff, Server};
pub use serving::{Running, StopHandle, serve};
