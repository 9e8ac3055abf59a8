//! Throw-away Postgres servers, and a database of its own for each test.
//!
//! - [`Binaries`] finds an installed Postgres of version 15 or later.
//! - [`Server`] runs one on a temporary directory, can be killed and started again, and leaves nothing behind: not when it
//!   is dropped, and not when the process that owns it is killed.
//! - [`TestDatabases`] makes databases on a server that runs, each from a template that is prepared once for all
//!   processes, and drops them after use.
//!
//! Two environment variables say on which server tests run:
//!
//! - [`URL_VARIABLE`] names a running server. `cargo xtask test` and `cargo xtask pg` start one and set it.
//! - [`BINARIES_VARIABLE`] names the folder of the programs that tests start a server of their own from, such as those that
//!   kill it. `cargo xtask test` sets it, so that both servers are of one version.

mod binaries;
mod databases;
mod server;

#[cfg(test)]
mod tests;

pub use binaries::{BINARIES_VARIABLE, Binaries, NotFound, OLDEST_VERSION, Version};
pub use databases::{DatabaseError, TestDatabase, TestDatabases, URL_VARIABLE, url_from_env};
pub use server::{Server, ServerError, ServerOptions};
