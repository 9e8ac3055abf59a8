//! Loggia's ports on Postgres 15 and later, for an instance of any number of replicas.
//!
//! [`PostgresStore`] implements [`Store`](loggia_domain::port::Store) and [`Views`](loggia_domain::port::Views).
//!
//! - **Two walls between tenants.** Every statement names its scope or joins the viewer's membership in it. Behind that, forced row-level
//!   security shows a session rows of granted scopes only (`tenancy`): sessions work as the role [`SERVICE_ROLE`], which owns nothing. A
//!   new session is refused if its role could bypass that.
//! - **Rows are locked**, not the store: `lock_…` is `FOR NO KEY UPDATE`, `hold_…` is `FOR SHARE`, both on the aggregate's root. The lock
//!   is a statement of its own, so that the statements after it read a newer snapshot. A deadlock is reported as contention, and the use
//!   case is retried.
//! - **A unit of work never reports a false outcome.** Its beginning cannot be cancelled half-way; after any failed statement it is not
//!   committed; a session that breaks while committing gives `OutcomeUnknown`.
//! - **Waits have timeouts**: statements, locks, idle transactions and the wait for a session, see [`PostgresOptions`].
//!
//! # Modules
//! `connection` connects to the server, `pool` owns its sessions, `session` and `transaction` use them, `tenancy` sets what a session may
//! see, `key_lookup` does so by an API key, `role` checks the role of a session, `defects` lists defective versions of the server,
//! `error` maps SQLSTATEs to the port's errors, `columns` and `decode` decode rows into domain values. For each aggregate one file holds
//! the statements of its unit of work (`spaces.rs`) and one those of its views (`views/spaces.rs`), as in the crate for SQLite.
//!
//! Fixed SQL uses sqlx's checked macros; `cargo xtask prepare` refreshes their descriptions of the schema (`.sqlx`).

mod columns;
mod error;
pub mod limits;
mod read;
mod rows;
mod schema;
mod sessions;
mod store;
mod tenancy;
mod views;
mod write;

#[cfg(test)]
mod tests;

pub use loggia_sql::SchemaVersion;
pub use schema::migration::migrate;
pub use sessions::connection::{InvalidUrl, PostgresOptions};
pub use sessions::open_error::OpenError;
pub use sessions::role::{RoleCanBypass, RoleNotTaken, SERVICE_ROLE};
pub use store::{PostgresStore, ServerFacts};
