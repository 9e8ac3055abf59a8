//! The queries of projects.

use loggia_domain::id::ProjectId;
use loggia_domain::page::{Offset, ProjectOrder, ProjectQuery, Start, Window};
use loggia_domain::policy::ProjectStanding;
use loggia_domain::port::{ProjectView, ReadAhead, StoreError};
use loggia_domain::scope::{Scope, Viewer};
use loggia_sql::{ProjectRow, in_list_order, read_project, read_standing, scope_key, scope_of, standing};
use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

use super::list::{Order, fetch, fetch_count, push_membership_in, push_page, push_page_end, push_position};
use super::membership::MembershipSource;
use super::record::record;
use super::totals;
use crate::columns::{Columns, push_columns};
use crate::rows::people::push_member_columns;
use crate::tenancy::context::TenantContext;
use crate::tenancy::readers::Readers;

/// The viewer's membership `pm` on the roster of each project `p`.
const ROSTER: &str = " LEFT JOIN project_members pm ON pm.scope_id = p.scope_id AND pm.project_id = p.id AND pm.user_id = me.user_id WHERE ";

/// The relations of the selected projects: the creator.
const RELATIONS: &str = ") AS p
    LEFT JOIN members c ON c.scope_id = p.scope_id AND c.user_id = p.created_by
    LEFT JOIN users cu ON cu.id = c.user_id";

/// Writes the beginning of the statement, up to the subquery that selects the projects `p`. The columns are those that [`read_view`]
/// reads, then those in `more`. [`RELATIONS`] continue after the subquery.
fn push_select(query: &mut QueryBuilder<Postgres>, more: &str) {
    query.push("SELECT p.scope_id, ");
    push_columns::<ProjectRow>(query, "p");
    query.push(", ");
    push_member_columns(query, "c", "cu");
    query.push(more).push(" FROM (");
}

fn read_view(columns: &mut Columns<'_>, viewer: &Viewer) -> Result<ProjectView, StoreError> {
    let scope_id: Uuid = columns.value()?;
    read_project(columns, scope_of(viewer.user.as_uuid(), scope_id))
}

fn read(columns: &mut Columns<'_>, viewer: &Viewer) -> Result<(ProjectView, ProjectStanding), StoreError> {
    let view = read_view(columns, viewer)?;
    let scope_role: String = columns.value()?;
    let roster_role: Option<String> = columns.value()?;
    let (id, visibility) = (view.record.id.as_uuid(), view.record.visibility.as_str());
    let standing = standing(viewer.user.as_uuid(), id, &scope_role, roster_role.as_deref(), visibility)?;
    Ok((view, standing))
}

/// Writes the FROM clause for one project and the viewer's standing in it.
fn push_from_one(query: &mut QueryBuilder<Postgres>, source: MembershipSource<'_>, id: ProjectId) {
    query.push(" FROM projects p");
    source.push_join(query, "p");
    query.push(ROSTER).push("p.id = ").push_bind(id.as_uuid());
}

/// Writes the query for one project.
pub(super) fn push_one(query: &mut QueryBuilder<Postgres>, source: MembershipSource<'_>, id: ProjectId) {
    push_select(query, ", p.viewer_role, p.roster_role");
    query.push("SELECT me.role AS viewer_role, pm.role AS roster_role, p.*");
    push_from_one(query, source, id);
    query.push(RELATIONS);
}

pub(crate) async fn one(
    readers: &Readers,
    viewer: &Viewer,
    id: ProjectId,
) -> Result<Option<(ProjectView, ProjectStanding)>, StoreError> {
    record(
        readers,
        viewer,
        ReadAhead::Project(id),
        |query, source| push_one(query, source, id),
        |columns| read(columns, viewer),
    )
    .await
}

/// Selects the viewer's standing in a project, for [`read_standing`].
const STANDING: &str = "SELECT me.user_id, me.role, pm.role, p.id, p.visibility";

/// Writes the query for the viewer's standing in one project.
pub(super) fn push_standing(query: &mut QueryBuilder<Postgres>, source: MembershipSource<'_>, id: ProjectId) {
    query.push(STANDING);
    push_from_one(query, source, id);
}

fn read_own_standing(columns: &mut Columns<'_>) -> Result<ProjectStanding, StoreError> {
    read_standing(columns)
}

pub(crate) async fn standing_of(
    readers: &Readers,
    viewer: &Viewer,
    id: ProjectId,
) -> Result<Option<ProjectStanding>, StoreError> {
    record(
        readers,
        viewer,
        ReadAhead::ProjectStanding(id),
        |query, source| push_standing(query, source, id),
        read_own_standing,
    )
    .await
}

fn order(query: &ProjectQuery) -> Order {
    let column = match query.order {
        ProjectOrder::Number => "p.number",
        ProjectOrder::Name => "p.name_key",
        ProjectOrder::UpdatedAt => "p.updated_at",
    };
    Order { column, id: "p.id", unique: query.order == ProjectOrder::Number, direction: query.direction }
}

/// The projects that a viewer sees, as in [`SEES`](super::list::SEES), in three disjoint kinds. The first two are found by an index that
/// has the list's order, so that no project which the viewer does not see is read and skipped. The third, the viewer's own private
/// projects, is looked up by id and sorted, if there are any.
///
/// Each kind is its FROM clause and the condition on the viewer's role in the scope.
const KINDS: [(&str, &str); 3] = [
    ("projects p WHERE p.visibility = 'organization'", "IS NOT NULL"),
    ("projects p WHERE p.visibility = 'private'", "= 'admin'"),
    (OWN_PRIVATE, "<> 'admin'"),
];
const OWN_PRIVATE: &str = "members me
    CROSS JOIN LATERAL (SELECT own.* FROM project_members own
        WHERE own.scope_id = me.scope_id AND own.user_id = me.user_id OFFSET 0) AS places
    CROSS JOIN LATERAL (SELECT its.* FROM projects its
        WHERE its.scope_id = places.scope_id AND its.id = places.project_id OFFSET 0) AS p
    WHERE p.visibility = 'private'
        AND (SELECT sum(t.total) FROM list_totals t WHERE t.scope_id = me.scope_id
                 AND t.list = 'own_private_projects' AND t.owner_id = me.user_id) > 0 AND ";

fn push_search(query: &mut QueryBuilder<Postgres>, filters: &ProjectQuery) {
    if let Some(search) = &filters.search {
        // `strpos`, not LIKE, which has wildcards.
        query.push(" AND strpos(p.name_key, ").push_bind(search.searched()).push(") > 0");
    }
}

pub(crate) fn list_query(
    viewer: &Viewer,
    scope: Scope,
    filters: &ProjectQuery,
    window: &Window,
) -> QueryBuilder<Postgres> {
    let (scope_id, order) = (scope_key(scope), order(filters));
    // Each kind is read up to the end of the page, as if it were the only one.
    let reach = match &window.start {
        Start::Offset(offset) => {
            Window { start: Start::Offset(Offset::default()), rows: window.rows.saturating_add(offset.get()) }
        }
        Start::After(_) | Start::Before(_) => window.clone(),
    };
    let mut query = QueryBuilder::new("");
    push_select(&mut query, "");
    query.push("SELECT p.* FROM (");
    for (kind, (from, role)) in KINDS.into_iter().enumerate() {
        query.push(if kind == 0 { "(" } else { " UNION ALL (" });
        query.push("SELECT p.* FROM ").push(from);
        if from == OWN_PRIVATE {
            push_membership_in(&mut query, viewer, scope_id);
        }
        // A scalar subquery, which is evaluated before any project is read: in a join, the membership might be looked up for each
        // project.
        query.push(" AND (SELECT me.role FROM members me WHERE ");
        push_membership_in(&mut query, viewer, scope_id);
        query.push(") ").push(role).push(" AND p.scope_id = ").push_bind(scope_id);
        push_search(&mut query, filters);
        push_position(&mut query, order, &window.start);
        push_page(&mut query, order, &reach);
        query.push(")");
    }
    query.push(") AS p");
    push_page(&mut query, order, window);
    query.push(RELATIONS);
    push_page_end(&mut query, order, window);
    query
}

pub(crate) async fn list(
    readers: &Readers,
    viewer: &Viewer,
    scope: Scope,
    filters: &ProjectQuery,
    window: &Window,
) -> Result<Vec<ProjectView>, StoreError> {
    let rows =
        fetch(readers, &TenantContext::viewer_in(viewer, scope), list_query(viewer, scope, filters, window))
            .await?;
    let views = rows.iter().map(|row| read_view(&mut Columns::new(row), viewer)).collect::<Result<_, _>>()?;
    Ok(in_list_order(views, window))
}

pub(crate) async fn count(
    readers: &Readers,
    viewer: &Viewer,
    scope: Scope,
    filters: &ProjectQuery,
) -> Result<u64, StoreError> {
    if filters.is_unfiltered() {
        return totals::of_projects(readers, viewer, scope).await;
    }
    let scope_id = scope_key(scope);
    let mut query = QueryBuilder::new("SELECT coalesce((SELECT CASE WHEN me.role = 'admin' THEN ");
    push_count(&mut query, "", scope_id, filters);
    query.push(" ELSE ");
    push_count(&mut query, "p.visibility = 'organization' AND ", scope_id, filters);
    query.push(" + ");
    let on_roster = "p.visibility <> 'organization' AND p.id IN (
        SELECT pm.project_id FROM project_members pm WHERE pm.scope_id = me.scope_id AND pm.user_id = me.user_id) AND ";
    push_count(&mut query, on_roster, scope_id, filters);
    query.push(" END FROM members me WHERE ");
    push_membership_in(&mut query, viewer, scope_id);
    query.push("), 0)");
    fetch_count(readers, &TenantContext::viewer_in(viewer, scope), query).await
}

/// Writes a query that counts projects of one kind. The condition [`SEES`](super::list::SEES) is counted in parts: joining every project
/// of the scope to the viewer's roster memberships, which matter for few of them, took four times as long.
fn push_count(query: &mut QueryBuilder<Postgres>, kind: &str, scope_id: Uuid, filters: &ProjectQuery) {
    query
        .push("(SELECT count(*) FROM projects p WHERE ")
        .push(kind)
        .push("p.scope_id = ")
        .push_bind(scope_id);
    push_search(query, filters);
    query.push(")");
}
