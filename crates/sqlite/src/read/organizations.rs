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
    MemberRow, OrganizationRow, UserRow, confined_to, in_list_order, read_organization, scope_key,
    scope_kind, scope_role,
};
use rusqlite::Row;

use super::list::{Order, push_membership, push_position, push_window};
use crate::columns::{Columns, push_columns};
use crate::rows::people::{account_by_address, own_person_by_address, select_member};
use crate::sessions::readers::Readers;
use crate::statement::{Statement, fixed};

pub(crate) async fn any(readers: &Readers) -> Result<bool, StoreError> {
    readers.value(fixed!(Key, r#"SELECT has_organizations AS "any!: bool" FROM instance WHERE id = 1"#)).await
}

pub(crate) async fn account_by_email(
    readers: &Readers,
    email: &EmailAddress,
) -> Result<Option<User>, StoreError> {
    let key = email.key();
    let row = readers.record::<UserRow>(account_by_address!(key)).await?;
    row.map(UserRow::decode).transpose()
}

pub(crate) async fn own_person_by_email(
    readers: &Readers,
    organization: OrganizationId,
    email: &EmailAddress,
) -> Result<Option<User>, StoreError> {
    let (home, key) = (organization.as_uuid(), email.key());
    let row = readers.record::<UserRow>(own_person_by_address!(home, key)).await?;
    row.map(UserRow::decode).transpose()
}

pub(crate) async fn user(readers: &Readers, id: UserId) -> Result<Option<User>, StoreError> {
    let id = id.as_uuid();
    let row = readers
        .record::<UserRow>(fixed!(
            Key,
            r#"SELECT id, home_scope, kind, email, created_at FROM users WHERE id = ?1"#,
            id
        ))
        .await?;
    row.map(UserRow::decode).transpose()
}

/// Selects the viewer's active memberships `me` and their organizations `o`, up to further conditions. CROSS JOIN keeps SQLite to that
/// order, which is the list's.
fn select_organizations(viewer: &Viewer) -> Statement {
    let mut query = Statement::new("SELECT ");
    push_columns::<OrganizationRow>(&mut query, "o");
    query.push(", me.role FROM members me CROSS JOIN organizations o ON o.id = me.scope_id WHERE ");
    push_membership(&mut query, viewer);
    query
}

fn read_row(row: &Row<'_>, user: UserId) -> Result<(Organization, ScopeRole), StoreError> {
    read_organization(&mut Columns::new(row), user.as_uuid())
}

const ORDER: Order = Order { column: "me.scope_id", id: "me.scope_id", direction: Direction::Ascending };

pub(crate) fn list_query(viewer: &Viewer, window: &Window) -> Statement {
    let mut query = select_organizations(viewer);
    push_position(&mut query, ORDER, &window.start);
    push_window(&mut query, ORDER, window);
    query
}

pub(crate) async fn list(
    readers: &Readers,
    viewer: &Viewer,
    window: &Window,
) -> Result<Vec<(Organization, ScopeRole)>, StoreError> {
    let user = viewer.user;
    let organizations = readers.all(list_query(viewer, window), move |row| read_row(row, user)).await?;
    Ok(in_list_order(organizations, window))
}

pub(crate) async fn one(
    readers: &Readers,
    viewer: &Viewer,
    id: OrganizationId,
) -> Result<Option<(Organization, ScopeRole)>, StoreError> {
    let mut query = select_organizations(viewer);
    query.push(" AND me.scope_id = ").push_bind(id.as_uuid());
    let user = viewer.user;
    readers.optional(query.by_key(), move |row| read_row(row, user)).await
}

pub(crate) async fn role_in_scope(
    readers: &Readers,
    viewer: &Viewer,
    scope: Scope,
) -> Result<Option<ScopeRole>, StoreError> {
    let (scope_id, kind) = (scope_key(scope), scope_kind(scope));
    let (user_id, confined_to) = (viewer.user.as_uuid(), confined_to(viewer));
    let readmissions = viewer.readmissions.get();
    let statement = fixed!(
        Key,
        "SELECT role FROM members
         WHERE scope_id = ?1 AND user_id = ?2 AND active = 1 AND (?3 IS NULL OR scope_id = ?3)
             AND readmissions <= ?5 AND EXISTS (SELECT 1 FROM scopes WHERE id = ?1 AND kind = ?4)",
        scope_id,
        user_id,
        confined_to,
        kind,
        readmissions
    );
    let read = move |row: &Row<'_>| {
        let role: String = Columns::new(row).value()?;
        scope_role(&role, user_id)
    };
    readers.optional(statement, read).await
}

pub(crate) async fn own_member(
    readers: &Readers,
    viewer: &Viewer,
    scope: Scope,
) -> Result<Option<Member>, StoreError> {
    let (scope_id, kind) = (scope_key(scope), scope_kind(scope));
    let (user_id, confined_to) = (viewer.user.as_uuid(), confined_to(viewer));
    let readmissions = viewer.readmissions.get();
    let row = readers
        .record::<MemberRow>(select_member!(
            Key,
            "WHERE m.scope_id = ?1 AND m.user_id = ?2 AND (?3 IS NULL OR m.scope_id = ?3)
            AND m.readmissions <= ?5 AND EXISTS (SELECT 1 FROM scopes WHERE id = ?1 AND kind = ?4)",
            scope_id,
            user_id,
            confined_to,
            kind,
            readmissions
        ))
        .await?;
    row.map(|row| row.decode(scope)).transpose()
}
