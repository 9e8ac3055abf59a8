//! Parts that composed queries share: the viewer's membership, the window of a list, and running them.

use loggia_domain::page::{Direction, Position, SortValue, Start, Window};
use loggia_domain::port::StoreError;
use loggia_domain::scope::{Scope, Viewer};
use loggia_sql::{confined_to, count, is_ascending, scope_of_kind, seeks_greater};
use uuid::Uuid;

use crate::columns::Columns;
use crate::sessions::readers::Readers;
use crate::statement::Statement;

/// The columns that a list is ordered by, both in `direction`.
#[derive(Clone, Copy)]
pub(crate) struct Order {
    /// The column of the order, qualified by its table's alias.
    pub(crate) column: &'static str,
    /// The column of the id, which orders rows that are equal in `column`.
    pub(crate) id: &'static str,
    pub(crate) direction: Direction,
}

/// Writes the condition that the viewer has an active membership `me` in one scope, and that the key reaches it.
///
/// The condition names the scope by a value as well as through the join: `me` is then at most one row, and the list's own index delivers
/// its order without sorting.
pub(crate) fn push_membership_in(query: &mut Statement, viewer: &Viewer, scope: Uuid) {
    query.push("me.scope_id = ").push_bind(scope).push(" AND ");
    push_membership(query, viewer);
}

/// Writes the condition of [`push_membership_in`] for a statement in which another table gives the scope.
pub(crate) fn push_membership(query: &mut Statement, viewer: &Viewer) {
    query.push("me.user_id = ").push_bind(viewer.user.as_uuid()).push(" AND me.active = 1");
    query.push(" AND me.readmissions <= ").push_bind(viewer.readmissions.get());
    if let Some(scope) = confined_to(viewer) {
        query.push(" AND me.scope_id = ").push_bind(scope);
    }
}

/// The condition that the viewer sees project `p`: `ProjectStanding::sees` in SQL. `me` is the viewer's membership in the scope, `pm` the
/// one on the project's roster. Lists, counts and searches of projects spell it out again, in parts.
pub(crate) const SEES: &str =
    "(p.visibility = 'organization' OR me.role = 'admin' OR pm.user_id IS NOT NULL)";

/// Writes the condition for rows beyond the window's position. Another condition must precede it.
pub(crate) fn push_position(query: &mut Statement, order: Order, start: &Start) {
    let Some((position, greater)) = seeks_greater(order.direction, start) else { return };
    if position.value == SortValue::Id {
        query.push(" AND ").push(order.id).push(if greater { " > " } else { " < " }).push_bind(position.id);
        return;
    }
    query.push(" AND (").push(order.column).push(", ").push(order.id);
    query.push(if greater { ") > (" } else { ") < (" });
    push_sort_value(query, position);
    query.push(", ").push_bind(position.id).push(")");
}

fn push_sort_value(query: &mut Statement, position: &Position) {
    match &position.value {
        SortValue::Id => query.push_bind(position.id),
        SortValue::Number(number) => query.push_bind(*number),
        SortValue::Time(time) => query.push_bind(time.micros()),
        SortValue::Text(text) => query.push_bind(text.clone()),
        SortValue::Outline(outline) => query.push_bind(outline.to_sort_key()),
    };
}

/// Writes the order of the window. A page that ends before a position is read in reverse; see [`in_list_order`](loggia_sql::in_list_order).
pub(crate) fn push_order(query: &mut Statement, order: Order, window: &Window) {
    let way = if is_ascending(order.direction, window) { "ASC" } else { "DESC" };
    query.push(format_args!(" ORDER BY {} {way}", order.column));
    if order.id != order.column {
        query.push(format_args!(", {} {way}", order.id));
    }
}

/// Writes the order, the LIMIT and the OFFSET of the window.
pub(crate) fn push_window(query: &mut Statement, order: Order, window: &Window) {
    push_order(query, order, window);
    query.limit(window.rows);
    if let Start::Offset(offset) = &window.start
        && offset.get() > 0
    {
        // Skipped rows are read all the same.
        query.scattered().push(" OFFSET ").push_bind(i64::from(offset.get()));
    }
}

/// Reads the id and the kind of a scope.
pub(crate) fn read_scope(columns: &mut Columns<'_>) -> Result<Scope, StoreError> {
    let (id, kind): (Uuid, String) = (columns.value()?, columns.value()?);
    scope_of_kind(id, &kind)
}

/// Runs a statement that counts.
pub(crate) async fn fetch_count(readers: &Readers, query: Statement) -> Result<u64, StoreError> {
    count(readers.value(query).await?)
}
