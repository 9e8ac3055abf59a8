//! The log of events.

use async_trait::async_trait;

use super::error::StoreError;
use crate::event::Event;
use crate::id::UserId;
use crate::scope::Scope;

/// The log of events.
#[async_trait]
pub trait EventLog {
    /// Appends an event in its scope's order. The event exists only if the unit of work is committed.
    async fn append(&mut self, event: &Event) -> Result<(), StoreError>;

    /// Erases the changes of every event so far about the user's membership of the scope. The events stay, in their order. The
    /// scope must be locked.
    async fn forget_member_events(&mut self, scope: Scope, user: UserId) -> Result<(), StoreError>;
}
