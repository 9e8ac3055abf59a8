//! What composed statements have in common: whose eyes they are for, which part of a list, and how they are run.

use loggia_domain::id::ProjectId;
use loggia_domain::page::{Direction, Position, SortValue, Start, Window};
use loggia_domain::port::StoreError;
use loggia_domain::scope::Viewer;
use sqlx::postgres::PgRow;
use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

use crate::decode;
use crate::session::Readers;
use crate::tenancy::TenantContext;
use crate::unit_of_work::confined_to;

/// What a list is ordered by, both running in its direction.
#[derive(Clone, Copy)]
pub(crate) struct Order {
    /// The column of the order, with its table's alias.
    pub(crate) column: &'static str,
    /// The column of the id, for rows that are equal in the other.
    pub(crate) id: &'static str,
    /// Whether no two rows of the list can be equal in the column: then its index has the list's order by itself.
    pub(crate) unique: bool,
    pub(crate) direction: Direction,
}

/// Requires the viewer's active place in one scope, as `me`, and that the key opens it.
///
/// The condition names the scope by a value as well as through the join: `me` is then at most one row, and the list's own
/// index delivers its order without sorting.
pub(crate) fn push_place_in(query: &mut QueryBuilder<Postgres>, viewer: &Viewer, scope: Uuid) {
    query.push("me.scope_id = ").push_bind(scope).push(" AND ");
    push_place(query, viewer);
}

/// The same where the scope comes from another table of the statement.
pub(crate) fn push_place(query: &mut QueryBuilder<Postgres>, viewer: &Viewer) {
    query.push("me.user_id = ").push_bind(viewer.user.as_uuid()).push(" AND me.active");
    query.push(" AND me.readmissions <= ").push_bind(viewer.readmissions.get());
    if let Some(scope) = confined_to(viewer) {
        query.push(" AND me.scope_id = ").push_bind(scope);
    }
}

/// Requires that project as `p`.
///
/// The condition names the project's scope by a value as well as through the joins: only then does an index that begins with it
/// deliver the order of a list of what is in the project. Otherwise all of that would be joined and sorted for each page.
pub(crate) fn push_project(query: &mut QueryBuilder<Postgres>, project: ProjectId) {
    query.push(" AND p.id = ").push_bind(project.as_uuid());
    query.push(" AND p.scope_id = (SELECT home.scope_id FROM projects home WHERE home.id = ");
    query.push_bind(project.as_uuid()).push(")");
}

/// Whether the viewer sees project `p`, standing there as `me` and, on its roster, as `pm`: what `ProjectStanding::sees` is in SQL.
/// Where projects are counted it is said a second time, in parts.
pub(crate) const SEES: &str =
    "(p.visibility = 'organization' OR me.role = 'admin' OR pm.user_id IS NOT NULL)";

/// Writes the condition that keeps what lies beyond the window's position. A condition must already stand before it.
pub(crate) fn push_position(query: &mut QueryBuilder<Postgres>, order: Order, start: &Start) {
    let (position, forward) = match start {
        Start::Offset(_) => return,
        Start::After(position) => (position, true),
        Start::Before(position) => (position, false),
    };
    let greater = (order.direction == Direction::Ascending) == forward;
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

/// Writes the order of the window. A page that ends before a position is read backwards from it, see [`in_list_order`].
fn push_order(query: &mut QueryBuilder<Postgres>, order: Order, window: &Window) {
    let backwards = matches!(window.start, Start::Before(_));
    let ascending = (order.direction == Direction::Ascending) != backwards;
    let way = if ascending { "ASC" } else { "DESC" };
    query.push(format_args!(" ORDER BY {} {way}", order.column));
    if !order.unique {
        query.push(format_args!(", {} {way}", order.id));
    }
}

/// Writes the order and the bounds of the window.
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

/// How many rows the planner is told to count on. Each number makes a statement of its own, which sessions keep prepared, so they are
/// few; the usual pages, with the row that tells whether there are more, are among them.
const PAGES: [u32; 6] = [2, 6, 11, 21, 51, 101];

/// The end of a subquery that picks the rows of the page, around which their relations are joined: what is skipped joins
/// nothing, and a person is looked up by key. Joined in one go, all members of the scope might be read for each page, since a plan
/// that is kept for any scope counts on as many as scopes have on average, of which most are personal.
///
/// A bound that is a parameter counts as a tenth of all rows in such a plan, and for so many rows it reads all that could be joined to
/// any of them. So the number is written here, rounded up, and [`push_page_end`] gives the exact one.
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

/// Where all rows of a page belong to one project `p`, the subquery that picks them selects this of it, and [`push_carried_project`] selects
/// that again around it: the project is not looked up once more for each of them.
pub(crate) const CARRIED_PROJECT: &str = "p.number AS project_number, p.name AS project_name";

/// Writes the columns of [`ProjectRefRow`](crate::decode::projects::ProjectRefRow) of the rows with that alias, see [`CARRIED_PROJECT`].
pub(crate) fn push_carried_project(query: &mut QueryBuilder<Postgres>, alias: &str) {
    query.push(format_args!("{alias}.project_id, {alias}.project_number, {alias}.project_name"));
}

/// The end of the statement around [`push_page`]: its order again, and its bound. No more rows are joined than that.
pub(crate) fn push_page_end(query: &mut QueryBuilder<Postgres>, order: Order, window: &Window) {
    push_order(query, order, window);
    push_limit(query, window);
}

/// Turns round what was read backwards.
pub(crate) fn in_list_order<T>(mut rows: Vec<T>, window: &Window) -> Vec<T> {
    if matches!(window.start, Start::Before(_)) {
        rows.reverse();
    }
    rows
}

/// Runs a statement behind that door and gives its rows.
pub(crate) async fn fetch(
    readers: &Readers,
    context: &TenantContext,
    mut query: QueryBuilder<Postgres>,
) -> Result<Vec<PgRow>, StoreError> {
    let mut session = readers.enter(context).await?;
    let rows = query.build().fetch_all(session.connection()).await;
    session.told(rows)
}

/// Runs a statement that finds one row or none.
pub(crate) async fn fetch_one(
    readers: &Readers,
    context: &TenantContext,
    mut query: QueryBuilder<Postgres>,
) -> Result<Option<PgRow>, StoreError> {
    let mut session = readers.enter(context).await?;
    let row = query.build().fetch_optional(session.connection()).await;
    session.told(row)
}

/// Runs a statement that counts.
pub(crate) async fn fetch_count(
    readers: &Readers,
    context: &TenantContext,
    mut query: QueryBuilder<Postgres>,
) -> Result<u64, StoreError> {
    let mut session = readers.enter(context).await?;
    let rows = query.build_query_scalar().fetch_one(session.connection()).await;
    let rows: i64 = session.told(rows)?;
    decode::count(rows)
}
