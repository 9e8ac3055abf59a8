//! Totals of the lists without filters. Triggers maintain them (migration `list_totals`), so no rows are counted.

use loggia_domain::id::ProjectId;
use loggia_domain::port::StoreError;
use loggia_domain::scope::{Scope, Viewer};
use loggia_sql::{count, scope_key, scope_kind};

use super::list::{push_membership, push_membership_in};
use crate::sessions::readers::Readers;
use crate::statement::Statement;

/// Selects the totals `t` of a scope in which the viewer's active membership is `me`, up to the conditions on the list and its owner.
fn select_in(viewer: &Viewer, scope: Scope) -> Statement {
    let scope_id = scope_key(scope);
    let mut query = Statement::new(
        "SELECT coalesce(sum(t.total), 0) FROM members me JOIN scopes sc ON sc.id = me.scope_id
         JOIN list_totals t ON t.scope_id = me.scope_id WHERE ",
    );
    push_membership_in(&mut query, viewer, scope_id);
    query.push(" AND sc.kind = ").push_bind(scope_kind(scope));
    query.push(" AND t.scope_id = ").push_bind(scope_id);
    query
}

/// Reads a total, whose parts are found by its key.
async fn fetch(readers: &Readers, query: Statement) -> Result<u64, StoreError> {
    count(readers.value(query.by_key()).await?)
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
    fetch(readers, query).await
}

/// Returns the number of projects that are sorted for a page: the viewer's own private ones. For an admin it is 0, since an index has all
/// private projects in order.
pub(crate) async fn of_sorted_projects(
    readers: &Readers,
    viewer: &Viewer,
    scope: Scope,
) -> Result<u64, StoreError> {
    let mut query = select_in(viewer, scope);
    query.push(" AND me.role <> 'admin' AND t.list = 'own_private_projects' AND t.owner_id = ");
    query.push_bind(viewer.user.as_uuid());
    fetch(readers, query).await
}

/// Returns the number of projects in the scope that the viewer sees: the condition [`SEES`](super::list::SEES), in terms of totals.
pub(crate) async fn of_projects(readers: &Readers, viewer: &Viewer, scope: Scope) -> Result<u64, StoreError> {
    let mut query = select_in(viewer, scope);
    query.push(
        " AND t.list IN ('organization_projects',
              CASE me.role WHEN 'admin' THEN 'private_projects' ELSE 'own_private_projects' END) AND t.owner_id IN (",
    );
    query.push_bind(scope_key(scope)).push(", ").push_bind(viewer.user.as_uuid()).push(")");
    fetch(readers, query).await
}

/// Returns the number of rows in a list of the project; 0 if the viewer is no active member of its scope.
pub(crate) async fn of_project(
    readers: &Readers,
    viewer: &Viewer,
    project: ProjectId,
    list: &'static str,
) -> Result<u64, StoreError> {
    let mut query = Statement::new(
        "SELECT coalesce(sum(t.total), 0) FROM projects p JOIN members me ON me.scope_id = p.scope_id
         JOIN list_totals t ON t.scope_id = p.scope_id AND t.owner_id = p.id WHERE ",
    );
    push_membership(&mut query, viewer);
    query.push(" AND p.id = ").push_bind(project.as_uuid()).push(" AND t.list = ").push_bind(list);
    fetch(readers, query).await
}
