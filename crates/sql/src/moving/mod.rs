//! Whole rows of every table, for moving data between stores: an instance to another store, or one organization to another instance.
//!
//! - [`TABLES`] lists every table with its columns, in an order in which each row's references exist before it. A test compares the list with
//!   the schemas.
//! - [`Value`] is a column's value in the form that both engines share, and [`Row`] the values of a table's columns in order.
//! - [`RowReader`] and [`InstanceWriter`] are what each store implements to copy an instance, [`OrganizationWriter`] to import an
//!   organization.
//! - [`Digest`] is a checksum of rows that is equal on both engines if the rows are.

mod digest;
mod record;
mod stores;
mod tables;
mod value;

pub use digest::{Digest, Digester};
pub use record::{Joined, decode};
pub use stores::{
    Beginning, FoundUser, InstanceRow, InstanceWriter, OrganizationWriter, RowReader, TargetIsNotEmpty,
};
pub use tables::{
    API_KEYS, Column, EVENTS, INVITATION_PROJECTS, INVITATIONS, Kind, MEMBERS, ORGANIZATIONS,
    PROJECT_MEMBERS, PROJECTS, Purpose, SCOPES, SPACES, STORED_RESPONSES, Source, TABLES, TASKS, TOTALS,
    Table, USERS,
};
pub use value::{Row, Value, WrongValue};

/// The name of the table that a store has while it is the unfinished copy of another. A store with it is not opened.
pub const COPY_MARK: &str = "copy_in_progress";
