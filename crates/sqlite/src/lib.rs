//! Loggia's ports on one SQLite file, for an instance without any other service.
//!
//! [`SqliteStore`] is a [`Store`](loggia_domain::port::Store) and the [`Views`](loggia_domain::port::Views). Its file may
//! be used by several processes of one machine at once (a command line beside a running server).
//!
//! - **One writer.** A unit of work is a transaction that begins with `BEGIN IMMEDIATE`, on a pool of exactly one
//!   connection. It keeps every other writer out from its first statement on, of this process and of others. So here
//!   every method named `lock_…` or `hold_…` only loads: what it promises is kept already. Who waits for the writer
//!   longer than [`SqliteOptions::busy_timeout`] is told that the store is unavailable, and not that it is contended:
//!   nothing was written, but a second try at once would only wait as long again.
//! - **Many readers.** Views read on connections that refuse to write. What a view shows comes from one statement and so
//!   from one snapshot of what was committed (only `check_ready`, which shows nothing, asks in two). The write-ahead log
//!   lets them go on while somebody writes.
//! - **Nothing acknowledged is lost.** `synchronous = FULL`: a commit returns after the log has reached the disk.
//!
//! # Finding one's way
//! `file` makes a file and tells whose it is, `connection` opens connections and pools, `error` turns result codes into the port's errors, `columns` and `decode` turn rows
//! into domain values. One file for each aggregate holds the statements of its unit of work (`spaces.rs`) and one those of
//! its views (`views/spaces.rs`).
//!
//! Fixed SQL goes through sqlx's checked macros; `cargo xtask prepare` refreshes what they know of the schema (`.sqlx`).

mod columns;
mod connection;
mod decode;
mod error;
mod events;
mod file;
mod kept_answers;
mod keys;
pub mod limits;
mod members;
mod migration;
mod organizations;
mod projects;
mod rosters;
mod spaces;
mod store;
mod tasks;
mod unit_of_work;
mod views;

#[cfg(test)]
mod tests;

pub use connection::SqliteOptions;
pub use error::OpenError;
pub use migration::SchemaVersion;
pub use store::SqliteStore;
