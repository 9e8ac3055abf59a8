//! The ports: what the domain needs from outside, as object-safe traits for a store, its read side, time, ids and randomness.
//!
//! Adapters implement the ports, hosts pass them in [`Ports`], and tests use those of the testkit or the mocks (feature `mock`).
//!
//! # Adding a store
//! Implement [`Store`], [`UnitOfWork`] with its row traits, and [`Views`]; then run the testkit's `store_contract!` macro, which tests
//! every promise against the store. The documentation of each method states its promises; the contract verifies them.

mod ambient;
mod deletion;
mod error;
mod invitations;
mod rows;
mod store;
mod stored_responses;
mod views;

#[cfg(feature = "mock")]
pub mod mock;

pub use ambient::{Clock, Ids, Secrets};
pub use deletion::{DeletionRows, DeletionStep, OrganizationExtent, RowsDeleted};
pub use error::StoreError;
pub use invitations::InvitationRows;
pub use rows::{
    EventLog, Inserted, KeyRows, LiveKeys, MemberInserted, OrganizationRows, ProjectRows, RosterRows,
    SpaceRows, TaskRows,
};
pub use store::{Ports, Settlement, Store, UnitOfWork};
pub use stored_responses::{Claimed, Kept, StoredResponseRows};
pub use views::{
    CreatorView, Includes, MembershipView, MyTasksView, OpenedByKey, OwnTasksQuery, ProjectRef, ProjectView,
    ReadAhead, SpaceView, TaskView, Views,
};
