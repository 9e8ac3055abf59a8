//! Temporary Postgres servers, and a database for each test.
//!
//! - [`Binaries`] finds an installed Postgres of version 15 or later.
//! - [`Server`] runs one in a temporary directory. It can be killed and started again, and removes the directory when it is dropped or
//!   when its process is killed.
//! - [`TestDatabases`] creates databases on a running server, each from a template that is prepared once for all processes, and drops
//!   them after use.
//!
//! Two environment variables select the server:
//!
//! - [`URL_VARIABLE`] names a running server. `cargo xtask test` and `cargo xtask pg` start one and set it.
//! - [`BINARIES_VARIABLE`] names the folder with the programs for tests that start a server of their own, such as tests that kill it.
//!   `cargo xtask test` sets it, so that both servers have the same version.

mod binaries;
mod databases;
mod server;

#[cfg(test)]
mod tests;

pub use binaries::{BINARIES_VARIABLE, Binaries, NotFound, OLDEST_VERSION, Version};
pub use databases::{DatabaseError, TestDatabase, TestDatabases, URL_VARIABLE, url_from_env};
pub use server::{Server, ServerError, ServerOptions};
