//! Events, in the order in which they were committed.

use loggia_domain::event::{Event, EventPosition};
use loggia_domain::port::StoreError;
use loggia_domain::scope::Scope;

use crate::decode::events::EventRow;
use crate::error::integer;
use crate::readers::Readers;
use crate::statement::fixed;
use crate::unit_of_work::scope_key;

pub(crate) async fn after(
    readers: &Readers,
    scope: Scope,
    after: Option<EventPosition>,
    limit: u32,
) -> Result<Vec<(EventPosition, Event)>, StoreError> {
    let (scope_id, limit) = (scope_key(scope), i64::from(limit));
    // Positions begin at 1.
    let after = integer(after.map_or(0, |position| position.sequence))?;
    let rows = readers
        .records::<EventRow>(fixed!(
            Limit,
            r#"SELECT position, id, actor, actor_user_id,
               actor_key_id, at, subject_kind, subject_id, verb, changes
           FROM events WHERE scope_id = ?1 AND position > ?2 ORDER BY position LIMIT ?3"#,
            scope_id,
            after,
            limit
        ))
        .await?;
    rows.into_iter().map(|row| row.decode(scope)).collect()
}
