//! The queries of spaces, singly or in lists, with their relations joined in the same statement.

use loggia_domain::id::SpaceId;
use loggia_domain::page::{SpaceOrder, SpaceQuery, Window};
use loggia_domain::port::{Includes, SpaceView, StoreError};
use loggia_domain::role::ScopeRole;
use loggia_domain::scope::{Scope, Viewer};
use loggia_sql::{
    OrganizationRow, ProjectRow, SharedRelations, SpaceRow, in_list_order, read_space, scope_key,
};
use rusqlite::Row;

use super::list::{
    Order, fetch_count, push_membership, push_membership_in, push_position, push_window, read_scope,
};
use super::totals;
use crate::columns::{Columns, push_columns};
use crate::rows::people::push_member_columns;
use crate::sessions::readers::Readers;
use crate::statement::Statement;

/// Writes everything up to `WHERE`; [`read`] reads the selected columns.
fn select(includes: Includes) -> Statement {
    let mut query = Statement::new("SELECT me.scope_id, sc.kind, me.user_id, me.role, ");
    push_columns::<SpaceRow>(&mut query, "s");
    if includes.project {
        query.push(", pm.role, ");
        push_columns::<ProjectRow>(&mut query, "p");
    }
    if includes.organization {
        query.push(", ");
        push_columns::<OrganizationRow>(&mut query, "o");
    }
    if includes.creator {
        query.push(", ");
        push_member_columns(&mut query, "c", "cu");
    }
    query.push(
        " FROM members me JOIN scopes sc ON sc.id = me.scope_id JOIN spaces s ON s.scope_id = me.scope_id",
    );
    if includes.project {
        query.push(
            " LEFT JOIN projects p ON p.scope_id = s.scope_id AND p.id = s.project_id
              LEFT JOIN project_members pm
                  ON pm.scope_id = p.scope_id AND pm.project_id = p.id AND pm.user_id = me.user_id",
        );
    }
    if includes.organization {
        query.push(" LEFT JOIN organizations o ON o.id = s.scope_id");
    }
    if includes.creator {
        query.push(
            " LEFT JOIN members c ON c.scope_id = s.scope_id AND c.user_id = s.created_by
              LEFT JOIN users cu ON cu.id = c.user_id",
        );
    }
    query.push(" WHERE ");
    query
}

fn read(
    row: &Row<'_>,
    includes: Includes,
    shared: &mut SharedRelations,
) -> Result<(SpaceView, ScopeRole), StoreError> {
    let mut columns = Columns::new(row);
    let scope = read_scope(&mut columns)?;
    read_space(&mut columns, |_| scope, includes, shared)
}

pub(crate) async fn one(
    readers: &Readers,
    viewer: &Viewer,
    id: SpaceId,
    includes: Includes,
) -> Result<Option<(SpaceView, ScopeRole)>, StoreError> {
    let mut query = select(includes);
    push_membership(&mut query, viewer);
    query.push(" AND s.id = ").push_bind(id.as_uuid());
    readers.optional(query.by_key(), move |row| read(row, includes, &mut SharedRelations::default())).await
}

fn order(query: &SpaceQuery) -> Order {
    let column = match query.order {
        SpaceOrder::CreatedAt => "s.created_at",
        SpaceOrder::UpdatedAt => "s.updated_at",
        SpaceOrder::Name => "s.name_key",
        SpaceOrder::Priority => "s.priority",
        SpaceOrder::Strength => "s.strength",
    };
    Order { column, id: "s.id", direction: query.direction }
}

/// Writes the conditions of the list, without those of a page.
fn push_filters(query: &mut Statement, viewer: &Viewer, scope: Scope, filters: &SpaceQuery) {
    let scope_id = scope_key(scope);
    push_membership_in(query, viewer, scope_id);
    query.push(" AND s.scope_id = ").push_bind(scope_id);
    if let Some(project) = filters.project {
        query.scattered().push(" AND s.project_id = ").push_bind(project.as_uuid());
    }
    if let Some(status) = filters.status {
        query.scattered().push(" AND s.status = ").push_bind(status.as_str());
    }
    if let Some(priority) = filters.priority {
        query.scattered().push(" AND s.priority = ").push_bind(priority.rank());
    }
    if let Some(search) = &filters.search {
        // `instr`, not LIKE, which has wildcards.
        query.scattered().push(" AND instr(s.name_key, ").push_bind(search.searched()).push(") > 0");
    }
}

pub(crate) fn list_query(
    viewer: &Viewer,
    scope: Scope,
    filters: &SpaceQuery,
    includes: Includes,
    window: &Window,
) -> Statement {
    let mut query = select(includes);
    push_filters(&mut query, viewer, scope, filters);
    push_position(&mut query, order(filters), &window.start);
    push_window(&mut query, order(filters), window);
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
    let query = list_query(viewer, scope, filters, includes, window);
    let mut shared = SharedRelations::default();
    let views = readers.all(query, move |row| Ok(read(row, includes, &mut shared)?.0)).await?;
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
    let mut query =
        Statement::new("SELECT count(*) FROM members me JOIN spaces s ON s.scope_id = me.scope_id WHERE ");
    push_filters(&mut query, viewer, scope, filters);
    fetch_count(readers, query).await
}
