//! Totals of the lists without filters. Triggers maintain them (migration `list_totals`), so no rows are counted.
//!
//! Statements name scope, list and owner by values if they are known, see [`push_membership_in`].

use loggia_domain::id::ProjectId;
use loggia_domain::port::StoreError;
use loggia_domain::scope::{Scope, Viewer};
use loggia_sql::scope_key;
use sqlx::{Postgres, QueryBuilder};

use super::list::{fetch_count, push_membership, push_membership_in, push_project};
use crate::tenancy::context::{Record, TenantContext};
use crate::tenancy::readers::Readers;

/// Selects the totals `t` of a scope in which the viewer's active membership is `me`, up to the conditions on the list and its owner.
fn select_in(viewer: &Viewer, scope: Scope) -> QueryBuilder<Postgres> {
    let scope_id = scope_key(scope);
    let mut query = QueryBuilder::new(
        "SELECT coalesce(sum(t.total), 0)::bigint FROM members me JOIN list_totals t ON t.scope_id = me.scope_id WHERE ",
    );
    push_membership_in(&mut query, viewer, scope_id);
    query.push(" AND t.scope_id = ").push_bind(scope_id);
    query
}

/// Returns the number of rows in a list of the scope; 0 if the viewer is no active member.
pub(crate) async fn of_scope(
    readers: &Readers,
    viewer: &Viewer,
    scope: Scope,
    list: &'static str,
) -> Result<u64, StoreError> {
    let mut query = select_in(viewer, scope);
    query.push(" AND t.list = ").push_bind(list).push(" AND t.owner_id = ").push_bind(scope_key(scope));
    fetch_count(readers, &TenantContext::viewer_in(viewer, scope), query).await
}

/// Returns the number of projects in the scope that the viewer sees: the condition [`SEES`](super::list::SEES), in terms of totals.
///
/// Each total is a scalar subquery: given a condition with several keys, the planner may search by the scope alone.
pub(crate) async fn of_projects(readers: &Readers, viewer: &Viewer, scope: Scope) -> Result<u64, StoreError> {
    let mut query = QueryBuilder::new(
        "SELECT coalesce((SELECT
             (SELECT coalesce(sum(t.total), 0)::bigint FROM list_totals t
              WHERE t.scope_id = me.scope_id AND t.list = 'organization_projects' AND t.owner_id = me.scope_id)
             + (SELECT coalesce(sum(t.total), 0)::bigint FROM list_totals t
                WHERE t.scope_id = me.scope_id
                    AND t.list = CASE me.role WHEN 'admin' THEN 'private_projects' ELSE 'own_private_projects' END
                    AND t.owner_id = CASE me.role WHEN 'admin' THEN me.scope_id ELSE me.user_id END)
         FROM members me WHERE ",
    );
    push_membership_in(&mut query, viewer, scope_key(scope));
    query.push("), 0)");
    fetch_count(readers, &TenantContext::viewer_in(viewer, scope), query).await
}

/// Returns the number of rows in a list of the project; 0 if the viewer is no active member of its scope.
pub(crate) async fn of_project(
    readers: &Readers,
    viewer: &Viewer,
    project: ProjectId,
    list: &'static str,
) -> Result<u64, StoreError> {
    let mut query = QueryBuilder::new(
        "SELECT coalesce(sum(t.total), 0)::bigint FROM projects p JOIN members me ON me.scope_id = p.scope_id
         JOIN list_totals t ON t.scope_id = p.scope_id AND t.owner_id = p.id WHERE ",
    );
    push_membership(&mut query, viewer);
    push_project(&mut query, project);
    query.push(" AND t.list = ").push_bind(list);
    fetch_count(readers, &TenantContext::viewer_at(viewer, Record::Project(project)), query).await
}
