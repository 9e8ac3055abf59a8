//! Events, in the order in which they were committed.

use loggia_domain::event::{Event, EventPosition};
use loggia_domain::port::StoreError;
use loggia_domain::scope::Scope;
use sqlx::SqlitePool;
use uuid::Uuid;

use crate::decode::events::EventRow;
use crate::error::{integer, store_error};
use crate::unit_of_work::scope_key;

pub(crate) async fn after(
    readers: &SqlitePool,
    scope: Scope,
    after: Option<EventPosition>,
    limit: u32,
) -> Result<Vec<(EventPosition, Event)>, StoreError> {
    let (scope_id, limit) = (scope_key(scope), i64::from(limit));
    // Positions begin at 1.
    let after = integer(after.map_or(0, |position| position.sequence))?;
    let rows = sqlx::query_as!(
        EventRow,
        r#"SELECT position, id AS "id: Uuid", actor, actor_user_id AS "actor_user_id: Uuid",
               actor_key_id AS "actor_key_id: Uuid", at, subject_kind, subject_id AS "subject_id: Uuid", verb, changes
           FROM events WHERE scope_id = ?1 AND position > ?2 ORDER BY position LIMIT ?3"#,
        scope_id,
        after,
        limit
    )
    .fetch_all(readers)
    .await
    .map_err(store_error)?;
    rows.into_iter().map(|row| row.decode(scope)).collect()
}
