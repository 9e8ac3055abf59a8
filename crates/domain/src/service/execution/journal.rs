//! The recorder of events.

use uuid::Uuid;

use crate::event::{Actor, Change, Event, SubjectKind, Verb};
use crate::id::EventId;
use crate::instant::Timestamp;
use crate::port::{Ports, StoreError, UnitOfWork};
use crate::scope::Scope;

/// A recorder of events of one unit of work, with one actor, scope and time.
pub(in crate::service) struct Journal<'a> {
    pub(super) ports: &'a Ports,
    pub(super) actor: Actor,
    pub(in crate::service) scope: Scope,
    pub(in crate::service) at: Timestamp,
}

impl Journal<'_> {
    /// Appends an event to the unit of work.
    pub(in crate::service) async fn note(
        &self,
        uow: &mut dyn UnitOfWork,
        verb: Verb,
        subject_kind: SubjectKind,
        subject: Uuid,
        changes: Vec<Change>,
    ) -> Result<(), StoreError> {
        let id = EventId::from_uuid(self.ports.ids.next());
        let event = Event {
            id,
            scope: self.scope,
            actor: self.actor,
            at: self.at,
            subject_kind,
            subject,
            verb,
            changes,
        };
        uow.append(&event).await
    }
}
