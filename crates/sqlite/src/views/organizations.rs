//! Users, organizations and members, as they are looked at.

use loggia_domain::id::{OrganizationId, UserId};
use loggia_domain::organization::Organization;
use loggia_domain::port::StoreError;
use loggia_domain::role::ScopeRole;
use loggia_domain::scope::{Scope, Viewer};
use loggia_domain::text::EmailAddress;
use loggia_domain::user::{Member, User};
use rusqlite::Row;

use crate::columns::Columns;
use crate::decode::organizations::{MemberRow, OrganizationRow, UserRow, scope_role, select_member};
use crate::error::store_error;
use crate::readers::Readers;
use crate::statement::fixed;
use crate::unit_of_work::{confined_to, scope_key, scope_kind};

pub(crate) async fn any(readers: &Readers) -> Result<bool, StoreError> {
    readers.value(fixed!(r#"SELECT has_organizations AS "any!: bool" FROM instance WHERE id = 1"#)).await
}

pub(crate) async fn user_by_email(
    readers: &Readers,
    email: &EmailAddress,
) -> Result<Option<User>, StoreError> {
    let key = email.folded();
    let row = readers
        .record::<UserRow>(fixed!(
            r#"SELECT id, kind, email, created_at FROM users WHERE email_key = ?1"#,
            key
        ))
        .await?;
    row.map(UserRow::decode).transpose()
}

pub(crate) async fn user(readers: &Readers, id: UserId) -> Result<Option<User>, StoreError> {
    let id = id.as_uuid();
    let row = readers
        .record::<UserRow>(fixed!(r#"SELECT id, kind, email, created_at FROM users WHERE id = ?1"#, id))
        .await?;
    row.map(UserRow::decode).transpose()
}

/// The viewer's organizations, or only the one with that id.
async fn places(
    readers: &Readers,
    viewer: &Viewer,
    only: Option<OrganizationId>,
) -> Result<Vec<(Organization, ScopeRole)>, StoreError> {
    let (user_id, confined_to, only) =
        (viewer.user.as_uuid(), confined_to(viewer), only.map(OrganizationId::as_uuid));
    let statement = fixed!(
        r#"SELECT o.id, o.name, o.created_at, o.updated_at, o.revision, me.role
           FROM members me JOIN organizations o ON o.id = me.scope_id
           WHERE me.user_id = ?1 AND me.active = 1
               AND (?2 IS NULL OR me.scope_id = ?2) AND (?3 IS NULL OR me.scope_id = ?3)
           ORDER BY o.name_key, o.id"#,
        user_id,
        confined_to,
        only
    );
    let read = move |row: &Row<'_>| {
        let mut columns = Columns::of(row);
        let organization: OrganizationRow = columns.record().map_err(store_error)?;
        let role: String = columns.next().map_err(store_error)?;
        Ok((organization.decode()?, scope_role(&role, user_id)?))
    };
    readers.all(statement, read).await
}

pub(crate) async fn of_viewer(
    readers: &Readers,
    viewer: &Viewer,
) -> Result<Vec<(Organization, ScopeRole)>, StoreError> {
    places(readers, viewer, None).await
}

pub(crate) async fn one(
    readers: &Readers,
    viewer: &Viewer,
    id: OrganizationId,
) -> Result<Option<(Organization, ScopeRole)>, StoreError> {
    Ok(places(readers, viewer, Some(id)).await?.pop())
}

pub(crate) async fn role_in_scope(
    readers: &Readers,
    viewer: &Viewer,
    scope: Scope,
) -> Result<Option<ScopeRole>, StoreError> {
    let (scope_id, kind) = (scope_key(scope), scope_kind(scope));
    let (user_id, confined_to) = (viewer.user.as_uuid(), confined_to(viewer));
    let statement = fixed!(
        "SELECT role FROM members
         WHERE scope_id = ?1 AND user_id = ?2 AND active = 1 AND (?3 IS NULL OR scope_id = ?3)
             AND EXISTS (SELECT 1 FROM scopes WHERE id = ?1 AND kind = ?4)",
        scope_id,
        user_id,
        confined_to,
        kind
    );
    let read = move |row: &Row<'_>| {
        let role: String = Columns::of(row).next().map_err(store_error)?;
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
    let row = readers
        .record::<MemberRow>(select_member!(
            "WHERE m.scope_id = ?1 AND m.user_id = ?2 AND (?3 IS NULL OR m.scope_id = ?3)
            AND EXISTS (SELECT 1 FROM scopes WHERE id = ?1 AND kind = ?4)",
            scope_id,
            user_id,
            confined_to,
            kind
        ))
        .await?;
    row.map(|row| row.decode(scope)).transpose()
}
