//! The queries of users, organizations and the viewer's own membership.

use loggia_domain::id::{OrganizationId, UserId};
use loggia_domain::organization::Organization;
use loggia_domain::page::{Direction, Window};
use loggia_domain::port::StoreError;
use loggia_domain::role::ScopeRole;
use loggia_domain::scope::{Scope, Viewer};
use loggia_domain::text::EmailAddress;
use loggia_domain::user::{Member, User};
use loggia_sql::{
    OrganizationRow, UserRow, confined_to, in_list_order, is_of_its_kind, read_organization, scope_key,
    scope_role,
};
use sqlx::{Postgres, QueryBuilder};

use super::list::{Order, fetch, push_membership, push_page, push_page_end, push_position};
use crate::columns::{Columns, push_columns};
use crate::rows::people::{account_by_address, own_person_by_address, select_member};
use crate::tenancy::context::TenantContext;
use crate::tenancy::readers::Readers;

pub(crate) async fn any(readers: &Readers) -> Result<bool, StoreError> {
    let mut session = readers.enter(&TenantContext::none()).await?;
    let any = sqlx::query_scalar!("SELECT has_organizations FROM instance WHERE id = 1")
        .fetch_one(session.connection())
        .await;
    session.check(any)
}

pub(crate) async fn account_by_email(
    readers: &Readers,
    email: &EmailAddress,
) -> Result<Option<User>, StoreError> {
    let key = email.key();
    let mut session = readers.enter(&TenantContext::identity(key.as_str())).await?;
    let row = account_by_address!(key).fetch_optional(session.connection()).await;
    let row = session.check(row)?;
    row.map(UserRow::decode).transpose()
}

pub(crate) async fn own_person_by_email(
    readers: &Readers,
    organization: OrganizationId,
    email: &EmailAddress,
) -> Result<Option<User>, StoreError> {
    let mut session = readers.enter(&TenantContext::scope(Scope::Organization(organization))).await?;
    let (home, key) = (organization.as_uuid(), email.key());
    let row = own_person_by_address!(home, key).fetch_optional(session.connection()).await;
    let row = session.check(row)?;
    row.map(UserRow::decode).transpose()
}

pub(crate) async fn user(readers: &Readers, id: UserId) -> Result<Option<User>, StoreError> {
    let mut session = readers.enter(&TenantContext::person(id)).await?;
    let id = id.as_uuid();
    let row = sqlx::query_as!(
        UserRow,
        r#"SELECT id, home_scope, kind, email, created_at FROM users WHERE id = $1"#,
        id
    )
    .fetch_optional(session.connection())
    .await;
    let row = session.check(row)?;
    row.map(UserRow::decode).transpose()
}

const ORDER: Order =
    Order { column: "me.scope_id", id: "me.scope_id", unique: true, direction: Direction::Ascending };

/// Builds the statement: first the page of the viewer's memberships, then the organization of each, by its key. The personal scope, which
/// has the user's id, is left out.
fn list_query(viewer: &Viewer, window: &Window) -> QueryBuilder<Postgres> {
    let mut query = QueryBuilder::new("SELECT ");
    push_columns::<OrganizationRow>(&mut query, "o");
    query.push(", me.role FROM (SELECT me.scope_id, me.role FROM members me WHERE ");
    push_membership(&mut query, viewer);
    query.push(" AND me.scope_id <> ").push_bind(viewer.user.as_uuid());
    push_position(&mut query, ORDER, &window.start);
    push_page(&mut query, ORDER, window);
    query.push(") AS me, LATERAL (SELECT o.* FROM organizations o WHERE o.id = me.scope_id OFFSET 0) AS o");
    push_page_end(&mut query, ORDER, window);
    query
}

pub(crate) async fn list(
    readers: &Readers,
    viewer: &Viewer,
    window: &Window,
) -> Result<Vec<(Organization, ScopeRole)>, StoreError> {
    // Row-level security shows the organizations of the viewer's own memberships, so no scope needs to be granted.
    let rows = fetch(readers, &TenantContext::person(viewer.user), list_query(viewer, window)).await?;
    let organizations = rows
        .iter()
        .map(|row| read_organization(&mut Columns::new(row), viewer.user.as_uuid()))
        .collect::<Result<_, _>>()?;
    Ok(in_list_order(organizations, window))
}

pub(crate) async fn one(
    readers: &Readers,
    viewer: &Viewer,
    id: OrganizationId,
) -> Result<Option<(Organization, ScopeRole)>, StoreError> {
    let scope = Scope::Organization(id);
    let mut session = readers.enter(&TenantContext::viewer_in(viewer, scope)).await?;
    let (id, user_id, confined_to) = (id.as_uuid(), viewer.user.as_uuid(), confined_to(viewer));
    let row = sqlx::query!(
        "SELECT o.id, o.name, o.created_at, o.updated_at, o.revision, me.role
         FROM members me JOIN organizations o ON o.id = me.scope_id
         WHERE me.user_id = $1 AND me.active AND ($2::uuid IS NULL OR me.scope_id = $2)
             AND me.scope_id = $3 AND o.id = $3 AND me.readmissions <= $4",
        user_id,
        confined_to,
        id,
        viewer.readmissions.get()
    )
    .fetch_optional(session.connection())
    .await;
    let Some(row) = session.check(row)? else { return Ok(None) };
    let organization = OrganizationRow {
        id: row.id,
        name: row.name,
        created_at: row.created_at,
        updated_at: row.updated_at,
        revision: row.revision,
    };
    Ok(Some((organization.decode()?, scope_role(&row.role, user_id)?)))
}

pub(crate) async fn role_in_scope(
    readers: &Readers,
    viewer: &Viewer,
    scope: Scope,
) -> Result<Option<ScopeRole>, StoreError> {
    if !is_of_its_kind(viewer, scope) {
        return Ok(None);
    }
    if let Some(found) = readers.found_role(viewer, scope).await {
        return found.map(|word| scope_role(&word, viewer.user.as_uuid())).transpose();
    }
    let mut session = readers.enter(&TenantContext::viewer_in(viewer, scope)).await?;
    let (scope_id, user_id, confined_to) = (scope_key(scope), viewer.user.as_uuid(), confined_to(viewer));
    let role = sqlx::query_scalar!(
        "SELECT role FROM members
         WHERE scope_id = $1 AND user_id = $2 AND active AND ($3::uuid IS NULL OR scope_id = $3)
             AND readmissions <= $4",
        scope_id,
        user_id,
        confined_to,
        viewer.readmissions.get()
    )
    .fetch_optional(session.connection())
    .await;
    let role = session.check(role)?;
    role.map(|word| scope_role(&word, user_id)).transpose()
}

pub(crate) async fn own_member(
    readers: &Readers,
    viewer: &Viewer,
    scope: Scope,
) -> Result<Option<Member>, StoreError> {
    let (scope_id, user_id, confined_to) = (scope_key(scope), viewer.user.as_uuid(), confined_to(viewer));
    if !is_of_its_kind(viewer, scope) {
        return Ok(None);
    }
    let mut session = readers.enter(&TenantContext::person(viewer.user)).await?;
    let row = select_member!(
        "WHERE m.scope_id = $1 AND m.user_id = $2 AND ($3::uuid IS NULL OR m.scope_id = $3) AND m.readmissions <= $4",
        scope_id,
        user_id,
        confined_to,
        viewer.readmissions.get()
    )
    .fetch_optional(session.connection())
    .await;
    let row = session.check(row)?;
    row.map(|row| row.decode(scope)).transpose()
}
