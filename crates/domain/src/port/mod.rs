//! The ports: what the domain needs from outside, as object-safe traits for a store, its read side, time, ids and randomness.
//!
//! Adapters implement the ports, hosts pass them in [`Ports`], and tests use those of the testkit or the mocks (feature `mock`).
//!
//! # Core and capabilities
//! A store has a core, which every host uses, and capabilities, which only some hosts use:
//!
//! | part | write side | read side | required methods | methods with a default |
//! |---|---|---|---|---|
//! | core | [`Store`], [`UnitOfWork`], [`OrganizationRows`], [`SpaceRows`], [`ProjectRows`], [`RosterRows`], [`TaskRows`], [`EventLog`] | [`Views`] | 63 | 16 |
//! | [`Capability::Keys`] | [`KeyRows`] | [`KeyViews`] | 0 | 16 |
//! | [`Capability::StoredResponses`] | [`StoredResponseRows`] | [`StoredResponseViews`] | 0 | 4 |
//! | [`Capability::Invitations`] | [`InvitationRows`] | [`InvitationViews`] | 0 | 8 |
//! | [`Capability::Deletion`] | [`DeletionRows`] | [`DeletionViews`] | 0 | 5 |
//! | [`Capability::Instance`] | [`InstanceRows`] | [`InstanceViews`] | 0 | 3 |
//!
//! Every method of a capability has a default, with which the store behaves as if it had no row of that kind: no key is found, and a list of
//! invitations is empty. What would need such a row fails with [`StoreError::Unsupported`]. A store without a capability therefore
//! implements its traits with nothing between the braces, and every use case that does not need the capability works:
//!
//! ```
//! use loggia_domain::port::{KeyRows, KeyViews};
//!
//! struct MyUnitOfWork;
//! struct MyViews;
//!
//! impl KeyRows for MyUnitOfWork {}
//! impl KeyViews for MyViews {}
//! ```
//!
//! The defaults in the core are for stores with one writer and short lists. They are correct and slow.
//!
//! # Adding a store
//! On an engine without queries, such as a key-value store, implement the traits of [`key_value`]. On any other, implement [`Store`],
//! [`UnitOfWork`] with its row traits, and [`Views`]. Then run the testkit's `store_contract!` macro, which tests every promise against the
//! store, or all but those of the capabilities that it lacks. The documentation of each method states its promises; the contract verifies
//! them.

mod ambient;
mod deletion;
mod error;
mod events;
mod instance;
mod invitations;
pub mod key_value;
mod keys;
mod organizations;
mod records;
mod store;
mod stored_responses;
mod views;
mod work;

#[cfg(feature = "mock")]
pub mod mock;

pub use ambient::{Clock, Ids, Secrets};
pub use deletion::{DeletionRows, DeletionStep, DeletionViews, OrganizationExtent, RowsDeleted};
pub use error::{Capability, StoreError};
pub use events::EventLog;
pub use instance::{InstanceRows, InstanceViews};
pub use invitations::{InvitationRows, InvitationViews};
pub use keys::{KeyRows, KeyViews, LiveKeys, OpenedByKey, ReadAhead};
pub use organizations::{Inserted, MemberInserted, OrganizationRows};
pub use records::{
    CreatorView, Includes, MembershipView, MyTasksView, OwnTasksQuery, ProjectRef, ProjectView, SpaceView,
    TaskView,
};
pub use store::{Ports, Settlement, Store, UnitOfWork};
pub use stored_responses::{Claimed, Kept, StoredResponseRows, StoredResponseViews};
pub use views::Views;
pub use work::{ProjectRows, RosterRows, SpaceRows, TaskRows};
