//! Events, in the order in which they were committed.

use loggia_domain::event::{Event, EventPosition};
use loggia_domain::port::StoreError;
use loggia_domain::scope::Scope;
use loggia_sql::{EventRow, integer, scope_key};

use crate::tenancy::context::TenantContext;
use crate::tenancy::readers::Readers;

/// Returns events up to the oldest transaction that was in progress when the statement began. Events of that transaction are ordered
/// before those that later ones have committed already, so a reader that had read past it would miss them. Transactions in other
/// databases of the server write no events here and are ignored.
pub(crate) async fn after(
    readers: &Readers,
    scope: Scope,
    after: Option<EventPosition>,
    limit: u32,
) -> Result<Vec<(EventPosition, Event)>, StoreError> {
    let mut session = readers.enter(&TenantContext::scope(scope)).await?;
    let (scope_id, limit) = (scope_key(scope), i64::from(limit));
    // Positions begin at 1, and so do transactions.
    let (transaction, position) = match after {
        None => (0, 0),
        Some(after) => (integer(after.transaction)?, integer(after.sequence)?),
    };
    let rows = sqlx::query_as!(
        EventRow,
        r#"SELECT transaction, position, id, actor, actor_user_id, actor_key_id, at, subject_kind, subject_id, verb,
               changes::text AS "changes!"
           FROM events
           WHERE scope_id = $1 AND (transaction, position) > ($2, $3)
               AND transaction < (
                   SELECT i.transaction_offset + coalesce(
                       (SELECT min(running.xid::text::bigint)
                        FROM pg_snapshot_xip(pg_current_snapshot()) AS running (xid)
                        WHERE NOT EXISTS (
                            SELECT FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
                            WHERE l.locktype = 'transactionid' AND l.mode = 'ExclusiveLock' AND l.granted
                                AND l.transactionid = running.xid::xid
                                AND a.datname <> current_database())),
                       pg_snapshot_xmax(pg_current_snapshot())::text::bigint)
                   FROM instance i)
           ORDER BY transaction, position LIMIT $4"#,
        scope_id,
        transaction,
        position,
        limit
    )
    .fetch_all(session.connection())
    .await;
    let rows = session.check(rows)?;
    rows.into_iter().map(|row| row.decode(scope)).collect()
}
