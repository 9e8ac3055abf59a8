//! The queries of spaces, singly or in lists, with their relations joined in the same statement.

use loggia_domain::id::SpaceId;
use loggia_domain::page::{SpaceOrder, SpaceQuery, Window};
use loggia_domain::port::{Includes, ReadAhead, SpaceView, StoreError};
use loggia_domain::role::ScopeRole;
use loggia_domain::scope::{Scope, Viewer};
use loggia_sql::{
    OrganizationRow, ProjectRow, SharedRelations, SpaceRow, in_list_order, read_space, scope_key, scope_of,
};
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

/// The viewer's membership in a scope, and the spaces of the scope.
const SPACES_OF_SCOPE: &str = " FROM members me JOIN spaces s ON s.scope_id = me.scope_id WHERE ";

/// Writes the beginning of the statement, up to the FROM clause of the subquery that selects the spaces `s` with the viewer's membership
/// `me`. [`push_relations`] continues after the subquery, and [`read`] reads the selected columns.
fn push_select(query: &mut QueryBuilder<Postgres>, includes: Includes) {
    query.push("SELECT s.scope_id, s.viewer_id, s.viewer_role, ");
    push_columns::<SpaceRow>(query, "s");
    if includes.project {
        query.push(", pm.role, ");
        push_columns::<ProjectRow>(query, "p");
    }
    if includes.organization {
        query.push(", ");
        push_columns::<OrganizationRow>(query, "o");
    }
    if includes.creator {
        query.push(", ");
        push_member_columns(query, "c", "cu");
    }
    query.push(" FROM (SELECT me.user_id AS viewer_id, me.role AS viewer_role, s.*");
}

/// Writes the joins of the relations of the selected spaces.
///
/// If all of them are in one scope, their organization is joined by its id: it is one row then, however many spaces there are.
fn push_relations(query: &mut QueryBuilder<Postgres>, includes: Includes, scope: Option<Scope>) {
    query.push(") AS s");
    if includes.project {
        query.push(
            " LEFT JOIN projects p ON p.scope_id = s.scope_id AND p.id = s.project_id
              LEFT JOIN project_members pm
                  ON pm.scope_id = p.scope_id AND pm.project_id = p.id AND pm.user_id = s.viewer_id",
        );
    }
    if includes.organization {
        query.push(" LEFT JOIN organizations o ON o.id = ");
        match scope {
            Some(scope) => query.push_bind(scope_key(scope)),
            None => query.push("s.scope_id"),
        };
    }
    if includes.creator {
        query.push(
            " LEFT JOIN members c ON c.scope_id = s.scope_id AND c.user_id = s.created_by
              LEFT JOIN users cu ON cu.id = c.user_id",
        );
    }
}

fn read(
    columns: &mut Columns<'_>,
    includes: Includes,
    shared: &mut SharedRelations,
) -> Result<(SpaceView, ScopeRole), StoreError> {
    let scope_id: Uuid = columns.value()?;
    read_space(columns, |user_id| scope_of(user_id, scope_id), includes, shared)
}

/// Writes the query for one space.
pub(super) fn push_one(
    query: &mut QueryBuilder<Postgres>,
    source: MembershipSource<'_>,
    id: SpaceId,
    includes: Includes,
) {
    push_select(query, includes);
    query.push(" FROM spaces s");
    source.push_join(query, "s");
    query.push(" WHERE s.id = ").push_bind(id.as_uuid());
    push_relations(query, includes, None);
}

pub(crate) async fn one(
    readers: &Readers,
    viewer: &Viewer,
    id: SpaceId,
    includes: Includes,
) -> Result<Option<(SpaceView, ScopeRole)>, StoreError> {
    record(
        readers,
        viewer,
        ReadAhead::Space(id, includes),
        |query, source| push_one(query, source, id, includes),
        |columns| read(columns, includes, &mut SharedRelations::default()),
    )
    .await
}

fn order(query: &SpaceQuery) -> Order {
    let column = match query.order {
        SpaceOrder::CreatedAt => "s.created_at",
        SpaceOrder::UpdatedAt => "s.updated_at",
        SpaceOrder::Name => "s.name_key",
        SpaceOrder::Priority => "s.priority",
        SpaceOrder::Strength => "s.strength",
    };
    Order { column, id: "s.id", unique: false, direction: query.direction }
}

/// Writes the conditions of the list, without those of a page.
fn push_filters(query: &mut QueryBuilder<Postgres>, viewer: &Viewer, scope: Scope, filters: &SpaceQuery) {
    let scope_id = scope_key(scope);
    push_membership_in(query, viewer, scope_id);
    query.push(" AND s.scope_id = ").push_bind(scope_id);
    if let Some(project) = filters.project {
        query.push(" AND s.project_id = ").push_bind(project.as_uuid());
    }
    if let Some(status) = filters.status {
        query.push(" AND s.status = ").push_bind(status.as_str());
    }
    if let Some(priority) = filters.priority {
        query.push(" AND s.priority = ").push_bind(priority.rank());
    }
    if let Some(search) = &filters.search {
        // `strpos`, not LIKE, which has wildcards.
        query.push(" AND strpos(s.name_key, ").push_bind(search.searched()).push(") > 0");
    }
}

pub(crate) fn list_query(
    viewer: &Viewer,
    scope: Scope,
    filters: &SpaceQuery,
    includes: Includes,
    window: &Window,
) -> QueryBuilder<Postgres> {
    let mut query = QueryBuilder::new("");
    push_select(&mut query, includes);
    query.push(SPACES_OF_SCOPE);
    push_filters(&mut query, viewer, scope, filters);
    push_position(&mut query, order(filters), &window.start);
    push_page(&mut query, order(filters), window);
    push_relations(&mut query, includes, Some(scope));
    push_page_end(&mut query, order(filters), window);
    query
}

pub(crate) async fn list(
    readers: &Readers,
    viewer: &Viewer,
    scope: Scope,
    filters: &SpaceQuery,
    includes: Includes,
    window: &Window,
) -> Result<Vec<SpaceView>, StoreError> {
    let rows = fetch(
        readers,
        &TenantContext::viewer_in(viewer, scope),
        list_query(viewer, scope, filters, includes, window),
    )
    .await?;
    let mut shared = SharedRelations::default();
    let views = rows
        .iter()
        .map(|row| read(&mut Columns::new(row), includes, &mut shared).map(|(view, _)| view))
        .collect::<Result<_, _>>()?;
    Ok(in_list_order(views, window))
}

pub(crate) async fn count(
    readers: &Readers,
    viewer: &Viewer,
    scope: Scope,
    filters: &SpaceQuery,
) -> Result<u64, StoreError> {
    if filters.is_unfiltered() {
        return totals::of_scope(readers, viewer, scope, "spaces").await;
    }
    let mut query = QueryBuilder::new("SELECT count(*)");
    query.push(SPACES_OF_SCOPE);
    push_filters(&mut query, viewer, scope, filters);
    fetch_count(readers, &TenantContext::viewer_in(viewer, scope), query).await
}
