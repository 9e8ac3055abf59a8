//! The core of a store out of records that are looked up and put, for engines without queries and with one writer at a time.
//!
//! An author implements [`Snapshot`] and [`Workspace`] for a write transaction, and [`Snapshots`] for the store; [`UnitOfWork`],
//! its rows and [`Views`] follow from them: who sees what, natural keys, orders, filters and pages. Capabilities are added by implementing
//! their traits.
//!
//! Lists are read whole, so this suits stores of some thousands of records. A store on an engine with queries implements the ports
//! themselves.
//!
//! [`UnitOfWork`]: super::UnitOfWork
//! [`Views`]: super::Views

mod people;
mod record;
mod relations;
mod seen;
mod tasks;
mod views;
mod work;

use super::error::StoreError;
use crate::id::{OrganizationId, UserId};
use crate::organization::Organization;
use crate::project::Project;
use crate::roster::Membership;
use crate::scope::{Readmissions, Scope};
use crate::space::Space;
use crate::task::Task;
use crate::user::{Member, User};

pub use record::{Key, Logged, Record};

/// Access to the records of one kind. A store usually implements it once, for every `R: Record` that it can encode.
pub trait ReadRecords<R: Record> {
    /// Returns a record.
    ///
    /// # Errors
    /// Fails with [`StoreError`] if the store fails.
    fn get(&self, key: Key) -> Result<Option<R>, StoreError>;

    /// Returns the records of an owner with ids from `key.id`, by ascending id.
    ///
    /// # Errors
    /// Fails with [`StoreError`] if the store fails.
    fn list(&self, from: Key) -> Result<Vec<R>, StoreError>;

    /// Returns the records with this id of all owners, by ascending id of the owner.
    ///
    /// # Errors
    /// Fails with [`StoreError`] if the store fails.
    fn with_id(&self, id: uuid::Uuid) -> Result<Vec<R>, StoreError>;
}

/// Writing of the records of one kind.
pub trait WriteRecords<R: Record>: ReadRecords<R> {
    /// Writes a record in the place of one with an equal key, if there is one.
    ///
    /// # Errors
    /// Fails with [`StoreError`] if the store fails.
    fn put(&mut self, record: &R) -> Result<(), StoreError>;

    /// Deletes a record, which exists.
    ///
    /// # Errors
    /// Fails with [`StoreError`] if the store fails.
    fn delete(&mut self, key: Key) -> Result<(), StoreError>;
}

/// The records as of one time.
pub trait Snapshot:
    ReadRecords<User>
    + ReadRecords<Organization>
    + ReadRecords<Member>
    + ReadRecords<Space>
    + ReadRecords<Project>
    + ReadRecords<Membership>
    + ReadRecords<Task>
    + ReadRecords<Logged>
{
    /// Returns the user with this home, or the account for `None`, whose address has this [key](crate::text::EmailAddress::key).
    ///
    /// # Errors
    /// Fails with [`StoreError`] if the store fails.
    fn address(&self, home: Option<OrganizationId>, key: &str) -> Result<Option<UserId>, StoreError>;

    /// Returns `true` if the organization is closed, which only the capability [`Deletion`](super::Capability::Deletion) brings about.
    ///
    /// # Errors
    /// Fails with [`StoreError`] if the store fails.
    fn is_closed(&self, _organization: OrganizationId) -> Result<bool, StoreError> {
        Ok(false)
    }

    /// Returns a user's number of readmissions, and that of one membership, which only the capability [`Keys`](super::Capability::Keys)
    /// counts.
    ///
    /// # Errors
    /// Fails with [`StoreError`] if the store fails.
    fn readmissions(&self, _user: UserId, _scope: Scope) -> Result<(Readmissions, Readmissions), StoreError> {
        Ok((Readmissions::NONE, Readmissions::NONE))
    }
}

/// A write transaction. It sees its own writes, and excludes every other one until it ends.
pub trait Workspace:
    Snapshot
    + WriteRecords<User>
    + WriteRecords<Organization>
    + WriteRecords<Member>
    + WriteRecords<Space>
    + WriteRecords<Project>
    + WriteRecords<Membership>
    + WriteRecords<Task>
    + WriteRecords<Logged>
    + Send
{
    /// Makes the user the one with this home and this key of an address, or removes the address for `None`.
    ///
    /// # Errors
    /// Fails with [`StoreError`] if the store fails.
    fn put_address(
        &mut self,
        home: Option<OrganizationId>,
        key: &str,
        user: Option<UserId>,
    ) -> Result<(), StoreError>;

    /// Returns a counter of a record, or 0 if it was never written.
    ///
    /// # Errors
    /// Fails with [`StoreError`] if the store fails.
    fn counter(&self, of: uuid::Uuid, counter: Counter) -> Result<i64, StoreError>;

    /// Writes a counter of a record.
    ///
    /// # Errors
    /// Fails with [`StoreError`] if the store fails.
    fn put_counter(&mut self, of: uuid::Uuid, counter: Counter, number: i64) -> Result<(), StoreError>;

    /// Commits the transaction, see [`UnitOfWork::commit`](super::UnitOfWork::commit).
    ///
    /// # Errors
    /// Fails with [`StoreError`] as [`UnitOfWork::commit`](super::UnitOfWork::commit) does.
    fn commit(self) -> Result<(), StoreError>;
}

crate::literal::literals! {
    /// The kind of a counter, by the records that it numbers.
    Counter {
        /// The numbers of a scope's members.
        Members = "members",
        /// The numbers of a scope's projects.
        Projects = "projects",
        /// The numbers of a roster's memberships.
        Memberships = "memberships",
        /// The numbers of a project's tasks.
        Tasks = "tasks",
        /// The top-level numbers of a project's outline.
        Outline = "outline",
        /// The organizations that a user has created.
        Organizations = "organizations",
        /// The events of all scopes. They are counted of the nil id.
        Events = "events",
    }
}

/// A store that shows its last commit.
pub trait Snapshots: Send + Sync {
    /// The records as of one commit.
    type Snapshot<'s>: Snapshot
    where
        Self: 's;

    /// Returns the records as of the last commit.
    ///
    /// # Errors
    /// Fails with [`StoreError`] if the store cannot be used.
    fn snapshot(&self) -> Result<Self::Snapshot<'_>, StoreError>;
}

/// Fails with [`StoreError::Failed`] unless a constraint holds, which the use cases keep.
fn ensure(holds: bool, constraint: &'static str) -> Result<(), StoreError> {
    if holds { Ok(()) } else { Err(StoreError::Failed(constraint.into())) }
}
