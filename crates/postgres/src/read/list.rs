//! Parts that composed queries share: the viewer's membership, the window of a list, and running them.

use loggia_domain::id::ProjectId;
use loggia_domain::page::{Direction, Position, SortValue, Start, Window};
use loggia_domain::port::StoreError;
use loggia_domain::scope::Viewer;
use loggia_sql::{confined_to, count, is_ascending, seeks_greater};
use sqlx::postgres::PgRow;
use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

use crate::tenancy::context::TenantContext;
use crate::tenancy::readers::Readers;

/// The columns that a list is ordered by, both in `direction`.
#[derive(Clone, Copy)]
pub(crate) struct Order {
    /// The column of the order, qualified by its table's alias.
    pub(crate) column: &'static str,
    /// The column of the id, which orders rows that are equal in `column`.
    pub(crate) id: &'static str,
    /// Whether `column` is unique within the list: then an index on it alone has the list's order.
    pub(crate) unique: bool,
    pub(crate) direction: Direction,
}

/// Writes the condition that the viewer has an active membership `me` in one scope, and that the key reaches it.
///
/// The condition names the scope by a value as well as through the join: `me` is then at most one row, and the list's own index delivers
/// its order without sorting.
pub(crate) fn push_membership_in(query: &mut QueryBuilder<Postgres>, viewer: &Viewer, scope: Uuid) {
    query.push("me.scope_id = ").push_bind(scope).push(" AND ");
    push_membership(query, viewer);
}

/// Writes the condition of [`push_membership_in`] for a statement in which another table gives the scope.
pub(crate) fn push_membership(query: &mut QueryBuilder<Postgres>, viewer: &Viewer) {
    query.push("me.user_id = ").push_bind(viewer.user.as_uuid()).push(" AND me.active");
    query.push(" AND me.readmissions <= ").push_bind(viewer.readmissions.get());
    if let Some(scope) = confined_to(viewer) {
        query.push(" AND me.scope_id = ").push_bind(scope);
    }
}

/// Writes the condition for one project as `p`.
///
/// The condition names the project's scope by a value as well as through the joins: only then does an index that begins with the scope
/// deliver the order of a list in the project. Otherwise the whole list would be joined and sorted for each page.
pub(crate) fn push_project(query: &mut QueryBuilder<Postgres>, project: ProjectId) {
    query.push(" AND p.id = ").push_bind(project.as_uuid());
    query.push(" AND p.scope_id = (SELECT home.scope_id FROM projects home WHERE home.id = ");
    query.push_bind(project.as_uuid()).push(")");
}

/// The condition that the viewer sees project `p`: `ProjectStanding::sees` in SQL. `me` is the viewer's membership in the scope, `pm` the
/// one on the project's roster. Counts of projects spell it out again, in parts.
pub(crate) const SEES: &str =
    "(p.visibility = 'organization' OR me.role = 'admin' OR pm.user_id IS NOT NULL)";

/// Writes the condition for rows beyond the window's position. Another condition must precede it.
pub(crate) fn push_position(query: &mut QueryBuilder<Postgres>, order: Order, start: &Start) {
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

fn push_sort_value(query: &mut QueryBuilder<Postgres>, position: &Position) {
    match &position.value {
        SortValue::Id => query.push_bind(position.id),
        SortValue::Number(number) => query.push_bind(*number),
        SortValue::Time(time) => query.push_bind(time.micros()),
        SortValue::Text(text) => query.push_bind(text.clone()),
        SortValue::Outline(outline) => query.push_bind(outline.to_sort_key()),
    };
}

/// Writes the order of the window. A page that ends before a position is read in reverse; see [`in_list_order`](loggia_sql::in_list_order).
fn push_order(query: &mut QueryBuilder<Postgres>, order: Order, window: &Window) {
    let way = if is_ascending(order.direction, window) { "ASC" } else { "DESC" };
    query.push(format_args!(" ORDER BY {} {way}", order.column));
    if !order.unique {
        query.push(format_args!(", {} {way}", order.id));
    }
}

/// Writes the order, the LIMIT and the OFFSET of the window.
pub(crate) fn push_window(query: &mut QueryBuilder<Postgres>, order: Order, window: &Window) {
    push_order(query, order, window);
    push_limit(query, window);
    push_offset(query, window);
}

fn push_limit(query: &mut QueryBuilder<Postgres>, window: &Window) {
    query.push(" LIMIT ").push_bind(i64::from(window.rows));
}

fn push_offset(query: &mut QueryBuilder<Postgres>, window: &Window) {
    if let Start::Offset(offset) = &window.start
        && offset.get() > 0
    {
        query.push(" OFFSET ").push_bind(i64::from(offset.get()));
    }
}

/// The LIMITs that occur as literals in statements, for the planner's sake. Each makes a statement of its own, which sessions keep
/// prepared, so they are few. The usual page sizes are among them, each with the extra row that shows whether there are more.
const PAGES: [u32; 6] = [2, 6, 11, 21, 51, 101];

/// Writes the order, the LIMIT and the OFFSET of a subquery that selects the rows of a page, around which their relations are joined:
/// skipped rows join nothing, and a person is looked up by key. In a single join all members of the scope might be read for each page,
/// since a generic plan expects the average number of members of a scope, and most scopes are personal.
///
/// A generic plan estimates a LIMIT that is a parameter at a tenth of all rows, and reads everything that could be joined to so many. So
/// the LIMIT is a literal, rounded up to one of [`PAGES`], and [`push_page_end`] applies the exact one.
pub(crate) fn push_page(query: &mut QueryBuilder<Postgres>, order: Order, window: &Window) {
    push_order(query, order, window);
    let rows = PAGES.into_iter().find(|rows| *rows >= window.rows);
    match rows {
        Some(rows) => {
            query.push(format_args!(" LIMIT {rows}"));
        }
        None => push_limit(query, window),
    }
    push_offset(query, window);
}

/// The columns of project `p` that the subquery selects if all rows of a page belong to that project. [`push_carried_project`] selects
/// them again around it, so that the project is not looked up again for each row.
pub(crate) const CARRIED_PROJECT: &str = "p.number AS project_number, p.name AS project_name";

/// Writes the columns of [`ProjectRefRow`](loggia_sql::ProjectRefRow), from rows with this alias; see [`CARRIED_PROJECT`].
pub(crate) fn push_carried_project(query: &mut QueryBuilder<Postgres>, alias: &str) {
    query.push(format_args!("{alias}.project_id, {alias}.project_number, {alias}.project_name"));
}

/// Writes the end of the statement around [`push_page`]: its order again, and the exact LIMIT. No more rows are joined than that.
pub(crate) fn push_page_end(query: &mut QueryBuilder<Postgres>, order: Order, window: &Window) {
    push_order(query, order, window);
    push_limit(query, window);
}

/// Runs a query in the tenant context and returns its rows.
pub(crate) async fn fetch(
    readers: &Readers,
    context: &TenantContext,
    mut query: QueryBuilder<Postgres>,
) -> Result<Vec<PgRow>, StoreError> {
    let mut session = readers.enter(context).await?;
    let rows = query.build().fetch_all(session.connection()).await;
    session.check(rows)
}

/// Runs a query in the tenant context and returns its first row, if there is one.
pub(crate) async fn fetch_one(
    readers: &Readers,
    context: &TenantContext,
    mut query: QueryBuilder<Postgres>,
) -> Result<Option<PgRow>, StoreError> {
    let mut session = readers.enter(context).await?;
    let row = query.build().fetch_optional(session.connection()).await;
    session.check(row)
}

/// Runs a query that counts, in the tenant context.
pub(crate) async fn fetch_count(
    readers: &Readers,
    context: &TenantContext,
    mut query: QueryBuilder<Postgres>,
) -> Result<u64, StoreError> {
    let mut session = readers.enter(context).await?;
    let rows = query.build_query_scalar().fetch_one(session.connection()).await;
    let rows: i64 = session.check(rows)?;
    count(rows)
}
