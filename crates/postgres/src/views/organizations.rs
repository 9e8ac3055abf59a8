//! Users, organizations and members, as they are looked at.

use loggia_domain::id::{OrganizationId, UserId};
use loggia_domain::organization::Organization;
use loggia_domain::port::StoreError;
use loggia_domain::role::ScopeRole;
use loggia_domain::scope::{Scope, Viewer};
use loggia_domain::text::EmailAddress;
use loggia_domain::user::{Member, User};

use crate::decode::organizations::{OrganizationRow, UserRow, scope_role, select_member};
use crate::door::Door;
use crate::session::Readers;
use crate::unit_of_work::{confined_to, scope_key, scope_kind};

pub(crate) async fn any(readers: &Readers) -> Result<bool, StoreError> {
    let mut session = readers.enter(&Door::shut()).await?;
    let any = sqlx::query_scalar!("SELECT has_organizations FROM instance WHERE id = 1")
        .fetch_one(session.connection())
        .await;
    session.told(any)
}

pub(crate) async fn user_by_email(
    readers: &Readers,
    email: &EmailAddress,
) -> Result<Option<User>, StoreError> {
    let key = email.folded();
    let mut session = readers.enter(&Door::identity(key.as_str())).await?;
    let row = sqlx::query_as!(
        UserRow,
        r#"SELECT id, kind, email, created_at FROM users WHERE email_key = $1"#,
        key
    )
    .fetch_optional(session.connection())
    .await;
    let row = session.told(row)?;
    row.map(UserRow::decode).transpose()
}

pub(crate) async fn user(readers: &Readers, id: UserId) -> Result<Option<User>, StoreError> {
    let mut session = readers.enter(&Door::person(id)).await?;
    let id = id.as_uuid();
    let row = sqlx::query_as!(UserRow, r#"SELECT id, kind, email, created_at FROM users WHERE id = $1"#, id)
        .fetch_optional(session.connection())
        .await;
    let row = session.told(row)?;
    row.map(UserRow::decode).transpose()
}

/// The viewer's organizations, or only the one with that id.
async fn places(
    readers: &Readers,
    viewer: &Viewer,
    only: Option<OrganizationId>,
) -> Result<Vec<(Organization, ScopeRole)>, StoreError> {
    let mut session = readers.enter(&Door::viewer(viewer)).await?;
    let (user_id, confined_to, only) =
        (viewer.user.as_uuid(), confined_to(viewer), only.map(OrganizationId::as_uuid));
    let rows = sqlx::query!(
        r#"SELECT o.id, o.name, o.created_at, o.updated_at, o.revision, me.role
           FROM members me JOIN organizations o ON o.id = me.scope_id
           WHERE me.user_id = $1 AND me.active
               AND ($2::uuid IS NULL OR me.scope_id = $2) AND ($3::uuid IS NULL OR me.scope_id = $3)
           ORDER BY o.name_key, o.id"#,
        user_id,
        confined_to,
        only
    )
    .fetch_all(session.connection())
    .await;
    let rows = session.told(rows)?;
    rows.into_iter()
        .map(|row| {
            let organization = OrganizationRow {
                id: row.id,
                name: row.name,
                created_at: row.created_at,
                updated_at: row.updated_at,
                revision: row.revision,
            };
            Ok((organization.decode()?, scope_role(&row.role, user_id)?))
        })
        .collect()
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
    if let Some(found) = readers.found_role(viewer, scope).await {
        return found.map(|word| scope_role(&word, viewer.user.as_uuid())).transpose();
    }
    let mut session = readers.enter(&Door::viewer_in(viewer, scope)).await?;
    let (scope_id, kind) = (scope_key(scope), scope_kind(scope));
    let (user_id, confined_to) = (viewer.user.as_uuid(), confined_to(viewer));
    let role = sqlx::query_scalar!(
        "SELECT role FROM members
         WHERE scope_id = $1 AND user_id = $2 AND active AND ($3::uuid IS NULL OR scope_id = $3)
             AND EXISTS (SELECT 1 FROM scopes WHERE id = $1 AND kind = $4)",
        scope_id,
        user_id,
        confined_to,
        kind
    )
    .fetch_optional(session.connection())
    .await;
    let role = session.told(role)?;
    role.map(|word| scope_role(&word, user_id)).transpose()
}

pub(crate) async fn own_member(
    readers: &Readers,
    viewer: &Viewer,
    scope: Scope,
) -> Result<Option<Member>, StoreError> {
    let (scope_id, user_id, confined_to) = (scope_key(scope), viewer.user.as_uuid(), confined_to(viewer));
    // Nothing is opened but the viewer's own rows, for it may be any scope that is named. So its kind cannot be looked up, but
    // the one personal scope that the viewer has a place in has the viewer's id.
    if matches!(scope, Scope::Personal(_)) != (scope_id == user_id) {
        return Ok(None);
    }
    let mut session = readers.enter(&Door::person(viewer.user)).await?;
    let row = select_member!(
        "WHERE m.scope_id = $1 AND m.user_id = $2 AND ($3::uuid IS NULL OR m.scope_id = $3)",
        scope_id,
        user_id,
        confined_to
    )
    .fetch_optional(session.connection())
    .await;
    let row = session.told(row)?;
    row.map(|row| row.decode(scope)).transpose()
}
