//! The common part of the stores on SQLite and on Postgres, without a driver and without SQL: both crates write their statements
//! themselves, and this one turns the rows into domain values.
//!
//! - `columns`: a row is read from left to right by [`Columns`], whatever driver it comes from: an adapter implements [`Get`] for its
//!   row. [`record!`] declares the columns of a table that are read together.
//! - `rows`: one struct for the columns of each table, and its decoding. A row with a value that the domain rejects is reported as corrupt
//!   (`corrupt`).
//! - `views`: records with their relations, from joined rows.
//! - `examination`: what `loggia doctor` checks in a store, and what it finds.
//! - [`moving`]: whole rows of every table, for moving data between stores.
//! - `scope`, `numbers`, `instance`, `window`: parameters, counts, the schema's version, and pages.

mod columns;
mod corrupt;
mod examination;
mod instance;
pub mod moving;
mod numbers;
mod rows;
mod scope;
mod views;
mod window;

/// The error of the ports, named by [`record!`].
pub use loggia_domain::port::StoreError;

pub use columns::{AnyRow, Columns, FromColumns, Get, Record, Row, select_list};
pub use corrupt::{RowName, Sound};
pub use examination::{Examination, Finding, Severity};
pub use instance::{SchemaVersion, instance_secret};
pub use numbers::{count, integer, one_row};
pub use rows::{
    AnyOrganizationRow, EventRow, InvitationRow, KeyRow, MemberRow, MemberValues, MembershipRow,
    OrganizationRow, ProjectRefRow, ProjectRow, ProjectValues, SpaceRow, SpaceValues, TaskRow, TaskValues,
    UserRow, actor_columns, canonical_changes, decode_stored_response, encode_changes, erased_address_key,
    response_bytes, scope_role, standing, stored_address,
};
pub use scope::{confined_to, is_of_its_kind, reach_key, scope_key, scope_kind, scope_of, scope_of_kind};
pub use views::{
    SharedRelations, by_project, read_membership, read_organization, read_project, read_space, read_standing,
    read_task,
};
pub use window::{in_list_order, is_ascending, seeks_greater};
