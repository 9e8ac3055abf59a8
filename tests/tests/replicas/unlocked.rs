//! A store without locks, as a negative control: the races must detect a broken promise on it.
//!
//! A second unit of work loads the rows that a unit of work locks, and is dropped at once, which releases the lock. Everything else is
//! passed to the real store, so only the lock is missing.

use std::any::Any;
use std::sync::Arc;

use async_trait::async_trait;
use loggia_domain::port::{Inserted, MemberInserted, Store, StoreError, UnitOfWork};
use loggia_testkit::intercept::{Call, Interceptor};

/// The handling of a unique key that is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keys {
    /// The conflict is reported, as by the real store.
    Reported,
    /// The conflict is reported as success, as by a table without the unique key.
    Ignored,
}

/// Releases each lock as soon as it is acquired.
pub(crate) struct Unlocked {
    /// Another store on the same database, so that the second units of work do not wait for the sessions of the first.
    pub(crate) other: Arc<dyn Store>,
    pub(crate) keys: Keys,
}

/// The calls that load what they lock.
const LOCKS: [&str; 14] = [
    "lock_instance",
    "lock_organization",
    "lock_any_organization",
    "hold_members",
    "lock_memberships_of",
    "lock_space",
    "lock_project",
    "hold_project",
    "lock_task",
    "lock_key",
    "lock_live_keys",
    "lock_live_children",
    "hold_projects",
    "lock_open_or_closed",
];

#[async_trait]
impl Interceptor for Unlocked {
    async fn elsewhere(&self, call: &'static str) -> Result<Option<Box<dyn UnitOfWork>>, StoreError> {
        if LOCKS.contains(&call) { self.other.begin().await.map(Some) } else { Ok(None) }
    }

    fn after(&self, call: &Call<'_>, answer: &mut dyn Any) -> Result<(), StoreError> {
        let has_key = matches!(call.name, "insert_member" | "insert_membership" | "insert_invitation");
        if self.keys == Keys::Ignored && has_key {
            if let Some(inserted) = answer.downcast_mut::<Inserted>() {
                *inserted = Inserted::Yes;
            }
            if let Some(inserted @ MemberInserted::AlreadyAMember { .. }) = answer.downcast_mut() {
                *inserted = MemberInserted::Yes;
            }
        }
        Ok(())
    }
}
