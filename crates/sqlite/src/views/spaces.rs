//! The queries of spaces, singly or in lists, with their relations joined in the same statement.

use std::collections::HashMap;
use std::sync::Arc;

use loggia_domain::id::SpaceId;
use loggia_domain::organization::Organization;
use loggia_domain::page::{SpaceOrder, SpaceQuery, Window};
use loggia_domain::port::{Includes, SpaceView, StoreError};
use loggia_domain::project::Project;
use loggia_domain::role::ScopeRole;
use loggia_domain::scope::{Scope, Viewer};
use loggia_domain::user::Member;
use rusqlite::Row;
use uuid::Uuid;

use super::list::{Order, fetch_count, in_list_order, push_place, push_place_in, push_position, push_window};
use super::totals;
use crate::columns::{Columns, push_columns};
use crate::decode;
use crate::decode::organizations::{MemberRow, OrganizationRow, push_member_columns, scope_role};
use crate::decode::projects::{ProjectRow, standing};
use crate::decode::spaces::SpaceRow;
use crate::error::{RowName, store_error};
use crate::readers::Readers;
use crate::statement::Statement;
use crate::unit_of_work::scope_key;

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

/// Relations that the spaces of a scope share, each decoded from the first row that has it.
#[derive(Default)]
struct Shared {
    /// `None` for a project that the viewer does not see.
    projects: HashMap<Uuid, Option<Arc<Project>>>,
    organizations: HashMap<Uuid, Arc<Organization>>,
    creators: HashMap<Uuid, Arc<Member>>,
}

fn read(
    row: &Row<'_>,
    includes: Includes,
    shared: &mut Shared,
) -> Result<(SpaceView, ScopeRole), StoreError> {
    let mut columns = Columns::of(row);
    let scope_id: Uuid = columns.next().map_err(store_error)?;
    let kind: String = columns.next().map_err(store_error)?;
    let scope = decode::scope(scope_id, &kind)?;
    let user_id: Uuid = columns.next().map_err(store_error)?;
    let role: String = columns.next().map_err(store_error)?;
    let space: SpaceRow = columns.record().map_err(store_error)?;
    let name = RowName { table: "spaces", id: space.id };
    let mut view =
        SpaceView { space: space.decode(scope)?, project: None, organization: None, creator: None };
    if includes.project {
        let roster_role: Option<String> = columns.next().map_err(store_error)?;
        let project = columns.shared(&mut shared.projects, |project: ProjectRow| {
            let standing = standing(user_id, project.id, &role, roster_role.as_deref(), &project.visibility)?;
            Ok(if standing.sees() { Some(Arc::new(project.decode(scope)?)) } else { None })
        })?;
        view.project = project.flatten();
    }
    if includes.organization {
        let make = |row: OrganizationRow| row.decode().map(Arc::new);
        view.organization = columns.shared(&mut shared.organizations, make)?;
    }
    if includes.creator {
        let make = |row: MemberRow| row.decode(scope).map(Arc::new);
        let creator = columns.shared(&mut shared.creators, make)?;
        let creator = creator.ok_or_else(|| name.corrupt("created_by", "is no member of the scope"))?;
        view.creator = Some(creator);
    }
    Ok((view, scope_role(&role, user_id)?))
}

pub(crate) async fn one(
    readers: &Readers,
    viewer: &Viewer,
    id: SpaceId,
    includes: Includes,
) -> Result<Option<(SpaceView, ScopeRole)>, StoreError> {
    let mut query = select(includes);
    push_place(&mut query, viewer);
    query.push(" AND s.id = ").push_bind(id.as_uuid());
    readers.optional(query.by_key(), move |row| read(row, includes, &mut Shared::default())).await
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
    push_place_in(query, viewer, scope_id);
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
    let mut shared = Shared::default();
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
