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
//! From the lowest layer to the highest; each imports only from those above it in this list. Folders and files are named as in the crate for
//! SQLite where they do the same.
//! - `limits`; `error`: maps SQLSTATEs to the port's errors; `columns`: reads columns; `rows`: queries that `write` and `read` share.
//!   [`loggia_sql`] turns rows into domain values.
//! - `sessions`: `connection` connects to the server, `pool` owns the sessions, `transaction` begins and commits in them, `in_time` limits
//!   the wait for a response, `role` checks the role of a session, and `defects` lists defective versions of the server.
//! - `schema`: migrations, and the version that a database has.
//! - `scratch`: a database of its own, into which a dump is restored to be checked.
//! - `tenancy`: row-level security. `context` sets what a session may see, `key_lookup` does so by an API key, and `readers` are the
//!   sessions that read in a context.
//! - `write`: the unit of work, and the statements of each aggregate in it (`write/spaces.rs`).
//! - `read`: the queries of each aggregate (`read/spaces.rs`).
//! - `examine`: checks a store for an operator.
//! - [`moving`]: whole rows of every table, for export, import and copies.
//! - `store` and `views`: the two ports.
//!
//! Fixed SQL uses sqlx's checked macros; `cargo xtask prepare` refreshes their descriptions of the schema (`.sqlx`).

mod columns;
mod error;
mod examine;
pub mod limits;
pub mod moving;
mod read;
mod rows;
mod schema;
mod scratch;
mod sessions;
mod store;
mod tenancy;
mod views;
mod write;

#[cfg(test)]
mod tests;

pub use examine::examine;
pub use loggia_sql::{Examination, Finding, SchemaVersion, Severity};
pub use schema::migration::migrate;
pub use scratch::{DumpError, ScratchDatabase};
pub use sessions::connection::{InvalidUrl, PostgresOptions};
pub use sessions::open_error::OpenError;
pub use sessions::role::{RoleCanBypass, RoleNotTaken, SERVICE_ROLE};
pub use store::{PostgresStore, ServerFacts};
