//! What the domain needs from outside, as object-safe traits: a store, its read side, time, ids and chance.
//!
//! Adapters implement them, hosts hand them over in [`Ports`], tests use the testkit's or the mocks (feature `mock`).
//!
//! # Adding a store
//! Implement [`Store`], [`UnitOfWork`] with its row traits, and [`Views`]; then let the testkit's `store_contract!`
//! macro run every promise against it. The documentation of each method is the promise; the contract is its proof.

mod ambient;
mod kept_answers;
mod rows;
mod store;
mod views;

#[cfg(feature = "mock")]
pub mod mock;

pub use ambient::{Clock, Ids, Secrets};
pub use kept_answers::{Claimed, Kept, KeptAnswerRows};
pub use rows::{
    EventLog, Inserted, KeyRows, LiveKeys, MemberInserted, OrganizationRows, ProjectRows, RosterRows,
    SpaceRows, TaskRows,
};
pub use store::{Ports, Settlement, Store, StoreError, UnitOfWork};
pub use views::{
    CreatorView, FirstRead, Includes, MembershipView, MyTasksView, OpenedByKey, OwnTasksQuery, ProjectRef,
    ProjectView, SpaceView, TaskView, Views,
};
