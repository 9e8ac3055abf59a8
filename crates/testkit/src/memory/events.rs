//! The log of events.

use std::ops::Bound;

use async_trait::async_trait;
use loggia_domain::event::{Event, EventPosition, SubjectKind};
use loggia_domain::id::UserId;
use loggia_domain::port::{EventLog, StoreError};
use loggia_domain::scope::Scope;

use super::tables::{Logged, Tables};
use super::unit::{MemoryUnit, broken, ensure};

impl Tables {
    pub(super) fn events(&self, scope: Scope, after: Option<EventPosition>, limit: usize) -> Vec<Logged> {
        let id = scope.id();
        let first =
            after.map_or(Bound::Included((id, EventPosition::default())), |last| Bound::Excluded((id, last)));
        let last = Bound::Included((id, EventPosition { transaction: u64::MAX, sequence: u64::MAX }));
        self.events.range((first, last)).take(limit).cloned().collect()
    }
}

#[async_trait]
impl EventLog for MemoryUnit {
    async fn append(&mut self, event: &Event) -> Result<(), StoreError> {
        ensure(self.tables.scopes.contains(&event.scope), "an event's scope exists")?;
        self.tables.sequence += 1;
        // Units of work run one after another, so the order of writes is the order of commits.
        let position = EventPosition { transaction: 0, sequence: self.tables.sequence };
        self.tables.events.insert((event.scope.id(), position), (position, event.clone()));
        Ok(())
    }

    async fn forget_member_events(&mut self, scope: Scope, user: UserId) -> Result<(), StoreError> {
        let events = self.tables.events(scope, None, usize::MAX);
        let is_theirs =
            |event: &Event| event.subject_kind == SubjectKind::Member && event.subject == user.as_uuid();
        for (position, _) in events.iter().filter(|(_, event)| is_theirs(event)) {
            let row = self.tables.events.get_mut(&(scope.id(), *position));
            row.ok_or(broken("no such event"))?.1.changes.clear();
        }
        Ok(())
    }
}
