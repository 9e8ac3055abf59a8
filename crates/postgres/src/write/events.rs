//! The log of events, as a unit of work appends to it.

use async_trait::async_trait;
use loggia_domain::event::Event;
use loggia_domain::id::UserId;
use loggia_domain::port::{EventLog, StoreError};
use loggia_domain::scope::Scope;
use loggia_sql::{actor_columns, encode_changes, scope_key};

use crate::write::unit_of_work::PostgresUnitOfWork;

#[async_trait]
impl EventLog for PostgresUnitOfWork {
    async fn append(&mut self, event: &Event) -> Result<(), StoreError> {
        self.enter(event.scope).await?;
        let (scope_id, id, at) = (scope_key(event.scope), event.id.as_uuid(), event.at.micros());
        let (actor, actor_user_id, actor_key_id) = actor_columns(event.actor);
        let (subject_kind, subject_id, verb) =
            (event.subject_kind.as_str(), event.subject, event.verb.as_str());
        let changes = encode_changes(&event.changes)?;
        let done = sqlx::query!(
            "INSERT INTO events (transaction, scope_id, id, actor, actor_user_id, actor_key_id, at, subject_kind, subject_id,
                 verb, changes)
             SELECT i.transaction_offset + pg_current_xact_id()::text::bigint, $1, $2, $3, $4, $5, $6, $7, $8, $9,
                 $10::text::jsonb
             FROM instance i",
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
        )
        .execute(self.connection())
        .await;
        self.check(done).await?;
        Ok(())
    }

    async fn forget_member_events(&mut self, scope: Scope, user: UserId) -> Result<(), StoreError> {
        self.enter(scope).await?;
        let (scope_id, user_id) = (scope_key(scope), user.as_uuid());
        let done = sqlx::query!(
            "UPDATE events SET changes = '[]' WHERE scope_id = $1 AND subject_kind = 'member' AND subject_id = $2",
            scope_id,
            user_id
        )
        .execute(self.connection())
        .await;
        self.check(done).await?;
        Ok(())
    }
}
