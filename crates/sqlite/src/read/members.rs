//! The queries of an organization's members.

use loggia_domain::id::UserId;
use loggia_domain::page::{MemberOrder, MemberQuery, Window};
use loggia_domain::port::StoreError;
use loggia_domain::scope::{Scope, Viewer};
use loggia_domain::user::Member;
use loggia_sql::{MemberRow, in_list_order, scope_key, scope_kind};
use rusqlite::Row;

use super::list::{Order, fetch_count, push_membership_in, push_position, push_window};
use super::totals;
use crate::columns::Columns;
use crate::rows::people::push_member_columns;
use crate::sessions::readers::Readers;
use crate::statement::Statement;

/// The viewer's membership `me` in the scope, and the members `m` with their users `u`.
const MEMBERS: &str = " FROM members me JOIN scopes sc ON sc.id = me.scope_id
    JOIN members m ON m.scope_id = me.scope_id JOIN users u ON u.id = m.user_id WHERE ";

fn select() -> Statement {
    let mut query = Statement::new("SELECT ");
    push_member_columns(&mut query, "m", "u");
    query.push(MEMBERS);
    query
}

/// Writes the condition that the viewer is a member of the scope. The kind is compared too: a user's id names no organization.
fn push_scope(query: &mut Statement, viewer: &Viewer, scope: Scope) {
    let scope_id = scope_key(scope);
    push_membership_in(query, viewer, scope_id);
    query.push(" AND sc.kind = ").push_bind(scope_kind(scope));
    query.push(" AND m.scope_id = ").push_bind(scope_id);
}

fn read(row: &Row<'_>, scope: Scope) -> Result<Member, StoreError> {
    let member: MemberRow = Columns::new(row).record()?;
    member.decode(scope)
}

pub(crate) async fn one(
    readers: &Readers,
    viewer: &Viewer,
    scope: Scope,
    user: UserId,
) -> Result<Option<Member>, StoreError> {
    let mut query = select();
    push_scope(&mut query, viewer, scope);
    query.push(" AND m.user_id = ").push_bind(user.as_uuid());
    readers.optional(query.by_key(), move |row| read(row, scope)).await
}

fn order(query: &MemberQuery) -> Order {
    let column = match query.order {
        MemberOrder::Name => "m.name_key",
        MemberOrder::CreatedAt => "m.created_at",
    };
    Order { column, id: "m.user_id", direction: query.direction }
}

/// Writes the conditions of the list, without those of a page.
fn push_filters(query: &mut Statement, viewer: &Viewer, scope: Scope, filters: &MemberQuery) {
    push_scope(query, viewer, scope);
    if let Some(role) = filters.role {
        query.scattered().push(" AND m.role = ").push_bind(role.as_str());
    }
    if let Some(active) = filters.active {
        query.scattered().push(" AND m.active = ").push_bind(active);
    }
    if let Some(search) = &filters.search {
        // `instr`, not LIKE, which has wildcards.
        query.scattered().push(" AND instr(m.search_key, ").push_bind(search.searched()).push(") > 0");
    }
}

pub(crate) fn list_query(viewer: &Viewer, scope: Scope, filters: &MemberQuery, window: &Window) -> Statement {
    let mut query = select();
    push_filters(&mut query, viewer, scope, filters);
    push_position(&mut query, order(filters), &window.start);
    push_window(&mut query, order(filters), window);
    query
}

pub(crate) async fn list(
    readers: &Readers,
    viewer: &Viewer,
    scope: Scope,
    filters: &MemberQuery,
    window: &Window,
) -> Result<Vec<Member>, StoreError> {
    let query = list_query(viewer, scope, filters, window);
    let members = readers.all(query, move |row| read(row, scope)).await?;
    Ok(in_list_order(members, window))
}

pub(crate) async fn count(
    readers: &Readers,
    viewer: &Viewer,
    scope: Scope,
    filters: &MemberQuery,
) -> Result<u64, StoreError> {
    if filters.is_unfiltered() {
        return totals::of_scope(readers, viewer, scope, "members").await;
    }
    let mut query = Statement::new("SELECT count(*)");
    query.push(MEMBERS);
    push_filters(&mut query, viewer, scope, filters);
    fetch_count(readers, query).await
}
