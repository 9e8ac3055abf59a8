//! Throw-away Postgres servers, and a database of its own for each test.
//!
//! - [`Binaries`] finds an installed Postgres of version 15 or later.
//! - [`Server`] runs one on a temporary directory, can be killed and started again, and leaves nothing behind: not when it
//!   is dropped, and not when the process that owns it is killed.
//! - [`TestDatabases`] makes databases on a server that runs, each from a template that is prepared once for all
//!   processes, and drops them after use.
//!
//! `cargo xtask test` and `cargo xtask pg` start a server and tell tests of it by [`URL_VARIABLE`]; tests that kill a
//! server start one of their own.

mod binaries;
mod databases;
mod server;

#[cfg(test)]
mod tests;

pub use binaries::{Binaries, NotFound, OLDEST_VERSION};
pub use databases::{DatabaseError, TestDatabase, TestDatabases, URL_VARIABLE, url_from_env};
pub use server::{Server, ServerError, ServerOptions};
