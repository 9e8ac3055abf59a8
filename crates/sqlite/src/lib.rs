//! Loggia's ports on one SQLite file, for an instance without any other service.
//!
//! [`SqliteStore`] is a [`Store`](loggia_domain::port::Store) and the [`Views`](loggia_domain::port::Views). Its file may
//! be used by several processes of one machine at once (a command line beside a running server).
//!
//! - **One writer.** A unit of work has the one connection that writes, in a transaction that began with `BEGIN IMMEDIATE`. It keeps
//!   every other writer out from its first statement on, of this process and of others. So here every method named
//!   `lock_…` or `hold_…` only loads: what it promises is kept already. Who waits for the writer longer than
//!   [`SqliteOptions::busy_timeout`] is told that the store is unavailable, and not that it is contended: nothing was
//!   written, but a second try at once would only wait as long again.
//! - **Commits are shared.** Units of work that wait for the writer are committed together, each in a savepoint of its own, and none is
//!   acknowledged before (`writer`): so many of them do not wait for the disk one after the other.
//! - **Many readers.** Views read on connections that refuse to write. What a view shows comes from one statement and so
//!   from one snapshot of what was committed (only `check_ready`, which shows nothing, asks in two). The write-ahead log
//!   lets them go on while somebody writes.
//! - **Statements run in place**, on the caller's thread: that takes microseconds, and less than to hand them to another thread
//!   and to wake up for the answer. What may take long, and what waits for the disk, goes to threads for such work
//!   (`readers`, `writer`).
//! - **Nothing acknowledged is lost.** `synchronous = FULL`: a commit returns after the log has reached the disk.
//!
//! # Finding one's way
//! `file` makes a file and tells whose it is, `connection` opens connections, `readers` and `writer` keep them, `group` is what is
//! committed together, `statement` runs statements, `error` turns result codes into the port's errors, `columns` and `decode`
//! turn rows into domain values. One file for each aggregate holds the statements of its unit of work (`spaces.rs`) and one
//! those of its views (`views/spaces.rs`).
//!
//! rusqlite runs the statements. sqlx migrates, and holds every fixed statement against the schema when it is compiled (`fixed!`);
//! `cargo xtask prepare` refreshes what it knows of that (`.sqlx`).

mod columns;
mod connection;
mod decode;
mod error;
mod events;
mod file;
mod folding;
mod group;
mod kept_answers;
mod keys;
pub mod limits;
mod members;
mod migration;
mod organizations;
mod projects;
mod readers;
mod rosters;
mod spaces;
mod statement;
mod store;
mod tasks;
mod unit_of_work;
mod views;
mod writer;

#[cfg(test)]
mod tests;

pub use connection::SqliteOptions;
pub use error::OpenError;
pub use migration::SchemaVersion;
pub use store::SqliteStore;
