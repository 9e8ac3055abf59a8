//! The log of events, as a unit of work appends to it.

use async_trait::async_trait;
use loggia_domain::event::Event;
use loggia_domain::id::UserId;
use loggia_domain::port::{EventLog, StoreError};
use loggia_domain::scope::Scope;
use loggia_sql::{actor_columns, encode_changes, scope_key};

use crate::statement::fixed;
use crate::write::unit_of_work::SqliteUnitOfWork;

#[async_trait]
impl EventLog for SqliteUnitOfWork {
    async fn append(&mut self, event: &Event) -> Result<(), StoreError> {
        let (scope_id, id, at) = (scope_key(event.scope), event.id.as_uuid(), event.at.micros());
        let (actor, actor_user_id, actor_key_id) = actor_columns(event.actor);
        let (subject_kind, subject_id, verb) =
            (event.subject_kind.as_str(), event.subject, event.verb.as_str());
        let changes = encode_changes(&event.changes)?;
        self.execute(&fixed!(
            Key,
            "INSERT INTO events (scope_id, id, actor, actor_user_id, actor_key_id, at, subject_kind, subject_id, verb,
                 changes)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            scope_id,
            id,
            actor,
            actor_user_id,
            actor_key_id,
            at,
            subject_kind,
            subject_id,
            verb,
            changes
        ))?;
        Ok(())
    }

    async fn forget_member_events(&mut self, scope: Scope, user: UserId) -> Result<(), StoreError> {
        let (scope_id, user_id) = (scope_key(scope), user.as_uuid());
        self.execute(&fixed!(
            None,
            "UPDATE events SET changes = '[]' WHERE scope_id = ?1 AND subject_kind = 'member' AND subject_id = ?2",
            scope_id,
            user_id
        ))?;
        Ok(())
    }
}
