//! Events, in the order in which they were committed.

use loggia_domain::event::{Event, EventPosition};
use loggia_domain::port::StoreError;
use loggia_domain::scope::Scope;
use loggia_sql::{EventRow, integer, scope_key};
use rusqlite::Row;

use crate::columns::Columns;
use crate::sessions::readers::Readers;
use crate::statement::fixed;

pub(crate) async fn after(
    readers: &Readers,
    scope: Scope,
    after: Option<EventPosition>,
    limit: u32,
) -> Result<Vec<(EventPosition, Event)>, StoreError> {
    let (scope_id, limit) = (scope_key(scope), i64::from(limit));
    // Positions begin at 1.
    let after = integer(after.map_or(0, |position| position.sequence))?;
    let statement = fixed!(
        Limit,
        r#"SELECT position, id, actor, actor_user_id,
               actor_key_id, at, subject_kind, subject_id, verb, changes
           FROM events WHERE scope_id = ?1 AND position > ?2 ORDER BY position LIMIT ?3"#,
        scope_id,
        after,
        limit
    );
    let read = move |row: &Row<'_>| {
        let mut columns = Columns::new(row);
        let row = EventRow {
            // One unit of work commits at a time, so the position alone gives the order.
            transaction: 0,
            position: columns.value()?,
            id: columns.value()?,
            actor: columns.value()?,
            actor_user_id: columns.value()?,
            actor_key_id: columns.value()?,
            at: columns.value()?,
            subject_kind: columns.value()?,
            subject_id: columns.value()?,
            verb: columns.value()?,
            changes: columns.value()?,
        };
        row.decode(scope)
    };
    readers.all(statement, read).await
}
