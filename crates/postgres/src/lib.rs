//! Loggia's ports on Postgres 15 and later, for an instance of any number of replicas.
//!
//! [`PostgresStore`] is a [`Store`](loggia_domain::port::Store) and the [`Views`](loggia_domain::port::Views).
//!
//! - **Two walls between tenants.** Every statement names its scope or goes through the viewer's place in it. Behind that stands
//!   row-level security, forced: sessions work as the role [`SERVICE_ROLE`], which owns nothing, and see rows of those scopes only
//!   that they were granted (`tenancy`). Each new session is refused if its role could reach further.
//! - **Rows are locked**, not the store: `lock_…` is `FOR NO KEY UPDATE`, `hold_…` is `FOR SHARE`, both on the aggregate's root. They are
//!   statements of their own: what is judged is read after the lock was had, by a newer snapshot. Two that wait for each
//!   other are told to try again.
//! - **A unit of work cannot lie.** Its beginning cannot be cancelled half-way; one of whose statements any has failed is not
//!   committed; a session that breaks while committing gives `OutcomeUnknown`.
//! - **Nobody waits for ever.** Statements, locks, forgotten transactions and the wait for a session have ends, see
//!   [`PostgresOptions`].
//!
//! # Finding one's way
//! `connection` says how the server is reached, `pool` keeps its sessions, `session` takes them from there, `tenancy` says what a session may see, `key_lookup` enters that by a key, `role` checks what it works as, `defects` lists versions of the server with which something is wrong, `error` turns SQLSTATEs
//! into the port's errors, `columns` and `decode` turn rows into domain values. One file for each aggregate holds the statements of
//! its unit of work (`spaces.rs`) and one those of its views (`views/spaces.rs`), as in the crate for SQLite.
//!
//! Fixed SQL goes through sqlx's checked macros; `cargo xtask prepare` refreshes what they know of the schema (`.sqlx`).

mod columns;
mod connection;
mod decode;
mod defects;
mod error;
mod events;
mod folding;
mod in_time;
mod kept_answers;
mod key_lookup;
mod keys;
pub mod limits;
mod members;
mod migration;
mod organizations;
mod pool;
mod projects;
mod role;
mod rosters;
mod session;
mod spaces;
mod store;
mod tasks;
mod tenancy;
#[cfg(test)]
mod tests;
mod transaction;
mod unit_of_work;
mod views;

pub use connection::{InvalidUrl, PostgresOptions};
pub use error::OpenError;
pub use migration::{SchemaVersion, migrate};
pub use role::{RoleCanBypass, RoleNotTaken, SERVICE_ROLE};
pub use store::{PostgresStore, ServerFacts};
