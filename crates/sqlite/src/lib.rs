//! Loggia's ports on one SQLite file, for an instance without any other service.
//!
//! [`SqliteStore`] implements [`Store`](loggia_domain::port::Store) and [`Views`](loggia_domain::port::Views). Several processes of one
//! machine may use its file at once (a command line beside a running server).
//!
//! - **One writer.** A unit of work has the one connection that writes, in a transaction that began with `BEGIN IMMEDIATE`. It excludes
//!   every other writer, of this process and of others, from its first statement on. So every method named `lock_…` or `hold_…` only
//!   loads: the lock that it promises is held already. A unit of work that waits for the writer longer than
//!   [`SqliteOptions::busy_timeout`] fails as unavailable, and not as contended: nothing was written, but an immediate retry would only
//!   wait as long again.
//! - **Commits are shared.** Units of work that wait for the writer are committed together, each in a savepoint of its own, and none is
//!   acknowledged before that commit (`sessions/writer`). So they do not each wait for the disk in turn.
//! - **Many readers.** Views read on connections that refuse to write. A view reads with one statement and so from one snapshot of
//!   committed data (only `check_ready`, which shows nothing, takes two). With the write-ahead log, reads continue during a write.
//! - **Statements run in place**, on the caller's thread: a statement takes microseconds, less than a switch to another thread and back.
//!   Statements that may run long, and waits for the disk, run on threads for blocking work (`sessions`).
//! - **The file alone is a store.** SQLite commits into a write-ahead log beside the file. The log is copied into the file after a migration,
//!   whenever nothing was committed for a second, and when the store is closed. A log that belongs to another state of the file is refused
//!   ([`OpenError::ForeignLog`]).
//! - **No acknowledged write is lost.** `synchronous = FULL`: a commit returns after the log has reached the disk.
//!
//! # Beside other crates that use SQLite
//! SQLite is compiled in, in the version that `libsqlite3-sys` 0.37 brings. A program can have one version of that crate only, since it
//! links a native library.
//!
//! - rusqlite 0.39 and sqlx 0.9 fit beside this crate, and so does every crate that takes `libsqlite3-sys` 0.37; all of them share the
//!   library. With any other version, such as rusqlite 0.38, cargo reports that two packages link to `sqlite3`.
//! - The build needs no environment: no `DATABASE_URL`, which is not read if it is there, and no flags. The service `loggia` is compiled with
//!   `LIBSQLITE3_FLAGS="-DSQLITE_DEFAULT_MEMSTATUS=0 -USQLITE_ENABLE_MEMORY_MANAGEMENT"`, which SQLite's authors recommend for speed: threads
//!   that read at the same time then share no lock for memory. A program sets them in the `[env]` table of its `.cargo/config.toml`.
//!
//! # Modules
//! From the lowest layer to the highest; each imports only from those above it in this list. Folders and files are named as in the crate for
//! Postgres where they do the same.
//! - `limits`; `error`: maps result codes to the port's errors; `statement`: runs statements; `columns`: reads columns; `rows`: queries that
//!   `write` and `read` share. [`loggia_sql`] turns rows into domain values.
//! - `sessions`: the connections. `file` creates files, `connection` opens connections, `readers` and `writer` own them, and `group` is a
//!   commit group. `checkpoint` copies the write-ahead log into the file, and `history` recognises a log of another file.
//! - `schema`: migrations, and what a file holds before one.
//! - [`backup`]: copies of a file, their check, and putting one back.
//! - `write`: the unit of work, and the statements of each aggregate in it (`write/spaces.rs`).
//! - `read`: the queries of each aggregate (`read/spaces.rs`).
//! - `examine`: checks a store for an operator.
//! - [`moving`]: whole rows of every table, for export, import and copies.
//! - `store` and `views`: the two ports.
//!
//! rusqlite runs the statements. sqlx migrates, and checks every fixed statement against the schema at compile time (`fixed!`);
//! `cargo xtask prepare` refreshes its descriptions of them (`.sqlx`).

pub mod backup;
mod columns;
mod error;
mod examine;
pub mod limits;
pub mod moving;
mod read;
mod rows;
mod schema;
mod sessions;
mod statement;
mod store;
mod views;
mod write;

#[cfg(test)]
mod tests;

pub use error::OpenError;
pub use examine::examine;
pub use loggia_sql::{Examination, Finding, SchemaVersion, Severity};
pub use sessions::connection::SqliteOptions;
pub use store::SqliteStore;
