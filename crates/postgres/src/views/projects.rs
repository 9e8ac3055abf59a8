//! Projects, as they are looked at.

use loggia_domain::id::ProjectId;
use loggia_domain::page::{ProjectOrder, ProjectQuery, Window};
use loggia_domain::policy::ProjectStanding;
use loggia_domain::port::{CreatorView, FirstRead, ProjectView, StoreError};
use loggia_domain::scope::{Scope, Viewer};
use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

use super::list::{
    Order, SEES, fetch, fetch_count, in_list_order, push_page, push_page_end, push_place_in, push_position,
};
use super::record::{Eyes, record};
use crate::columns::{Columns, push_columns};
use crate::decode;
use crate::decode::organizations::{MemberRow, push_member_columns};
use crate::decode::projects::{ProjectRow, standing};
use crate::error::{RowName, store_error};
use crate::session::Readers;
use crate::tenancy::TenantContext;
use crate::unit_of_work::scope_key;

/// The viewer's membership in each project `p`.
const ROSTER: &str = " LEFT JOIN project_members pm ON pm.scope_id = p.scope_id AND pm.project_id = p.id AND pm.user_id = me.user_id WHERE ";

/// What belongs to the projects that were picked.
const RELATIONS: &str = ") AS p
    LEFT JOIN members c ON c.scope_id = p.scope_id AND c.user_id = p.created_by
    LEFT JOIN users cu ON cu.id = c.user_id";

/// Up to where the projects are picked from, as `p`, with the viewer's memberships `me` and `pm`; [`RELATIONS`] go on after that, and
/// [`read`] reads what is selected.
fn push_select(query: &mut QueryBuilder<Postgres>) {
    query.push("SELECT p.scope_id, p.viewer_id, p.viewer_role, p.roster_role, ");
    push_columns::<ProjectRow>(query, "p");
    query.push(", ");
    push_member_columns(query, "c", "cu");
    query.push(" FROM (SELECT me.user_id AS viewer_id, me.role AS viewer_role, pm.role AS roster_role, p.*");
}

fn read(columns: &mut Columns<'_>) -> Result<(ProjectView, ProjectStanding), StoreError> {
    let scope_id: Uuid = columns.next().map_err(store_error)?;
    let user_id: Uuid = columns.next().map_err(store_error)?;
    let scope = decode::scope_of(user_id, scope_id);
    let scope_role: String = columns.next().map_err(store_error)?;
    let roster_role: Option<String> = columns.next().map_err(store_error)?;
    let project: ProjectRow = columns.record().map_err(store_error)?;
    let name = RowName { table: "projects", id: project.id };
    let standing = standing(user_id, project.id, &scope_role, roster_role.as_deref(), &project.visibility)?;
    let creator = columns.optional::<MemberRow>().map_err(store_error)?;
    let creator = creator.ok_or_else(|| name.corrupt("created_by", "is no member of the scope"))?;
    Ok((CreatorView { record: project.decode(scope)?, creator: creator.decode(scope)? }, standing))
}

/// Where one project is found, and what the viewer is to it.
fn push_from_one(query: &mut QueryBuilder<Postgres>, eyes: Eyes<'_>, id: ProjectId) {
    query.push(" FROM projects p");
    eyes.push_membership(query, "p");
    query.push(ROSTER).push("p.id = ").push_bind(id.as_uuid());
}

/// The statement that finds one.
pub(super) fn push_one(query: &mut QueryBuilder<Postgres>, eyes: Eyes<'_>, id: ProjectId) {
    push_select(query);
    push_from_one(query, eyes, id);
    query.push(RELATIONS);
}

pub(crate) async fn one(
    readers: &Readers,
    viewer: &Viewer,
    id: ProjectId,
) -> Result<Option<(ProjectView, ProjectStanding)>, StoreError> {
    record(readers, viewer, FirstRead::Project(id), read).await
}

/// What the viewer is to one; [`read_standing`] reads it.
const STANDING: &str = "SELECT me.user_id, me.role, pm.role, p.id, p.visibility";

/// Reads what somebody is to a project: the user, the user's roles in the scope and on the roster, the project, who may see it.
pub(super) fn read_standing(columns: &mut Columns<'_>) -> Result<ProjectStanding, StoreError> {
    let user_id: Uuid = columns.next().map_err(store_error)?;
    let scope_role: String = columns.next().map_err(store_error)?;
    let roster_role: Option<String> = columns.next().map_err(store_error)?;
    let project_id: Uuid = columns.next().map_err(store_error)?;
    let visibility: String = columns.next().map_err(store_error)?;
    standing(user_id, project_id, &scope_role, roster_role.as_deref(), &visibility)
}

/// The statement that finds what the viewer is to one.
pub(super) fn push_standing(query: &mut QueryBuilder<Postgres>, eyes: Eyes<'_>, id: ProjectId) {
    query.push(STANDING);
    push_from_one(query, eyes, id);
}

pub(crate) async fn standing_of(
    readers: &Readers,
    viewer: &Viewer,
    id: ProjectId,
) -> Result<Option<ProjectStanding>, StoreError> {
    record(readers, viewer, FirstRead::ProjectStanding(id), read_standing).await
}

fn order(query: &ProjectQuery) -> Order {
    let column = match query.order {
        ProjectOrder::Number => "p.number",
        ProjectOrder::Name => "p.name_key",
        ProjectOrder::UpdatedAt => "p.updated_at",
    };
    Order { column, id: "p.id", unique: query.order == ProjectOrder::Number, direction: query.direction }
}

/// The conditions that make up the list, whatever part of it is read.
fn push_filters(query: &mut QueryBuilder<Postgres>, viewer: &Viewer, scope: Scope, filters: &ProjectQuery) {
    let scope_id = scope_key(scope);
    push_place_in(query, viewer, scope_id);
    query.push(" AND p.scope_id = ").push_bind(scope_id).push(" AND ").push(SEES);
    push_search(query, filters);
}

fn push_search(query: &mut QueryBuilder<Postgres>, filters: &ProjectQuery) {
    if let Some(search) = &filters.search {
        // Not LIKE: every character stands for itself.
        query.push(" AND strpos(p.name_key, ").push_bind(search.searched()).push(") > 0");
    }
}

pub(crate) fn list_query(
    viewer: &Viewer,
    scope: Scope,
    filters: &ProjectQuery,
    window: &Window,
) -> QueryBuilder<Postgres> {
    let mut query = QueryBuilder::new("");
    push_select(&mut query);
    query.push(" FROM members me JOIN projects p ON p.scope_id = me.scope_id").push(ROSTER);
    push_filters(&mut query, viewer, scope, filters);
    push_position(&mut query, order(filters), &window.start);
    push_page(&mut query, order(filters), window);
    query.push(RELATIONS);
    push_page_end(&mut query, order(filters), window);
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
    let views =
        rows.iter().map(|row| read(&mut Columns::of(row)).map(|(view, _)| view)).collect::<Result<_, _>>()?;
    Ok(in_list_order(views, window))
}

pub(crate) async fn count(
    readers: &Readers,
    viewer: &Viewer,
    scope: Scope,
    filters: &ProjectQuery,
) -> Result<u64, StoreError> {
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
    push_place_in(&mut query, viewer, scope_id);
    query.push("), 0)");
    fetch_count(readers, &TenantContext::viewer_in(viewer, scope), query).await
}

/// Counts projects of one kind. What [`SEES`] says at once is counted in parts: first joining every project of the scope to the viewer's places
/// on rosters, which matter for few of them, took four times as long.
fn push_count(query: &mut QueryBuilder<Postgres>, kind: &str, scope_id: Uuid, filters: &ProjectQuery) {
    query
        .push("(SELECT count(*) FROM projects p WHERE ")
        .push(kind)
        .push("p.scope_id = ")
        .push_bind(scope_id);
    push_search(query, filters);
    query.push(")");
}
