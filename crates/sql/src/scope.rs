//! Scopes, as columns and parameters have them.

use loggia_domain::id::{OrganizationId, ScopeId, UserId};
use loggia_domain::port::StoreError;
use loggia_domain::scope::{Reach, Scope, Viewer};
use uuid::Uuid;

use crate::corrupt::RowName;

/// Returns the id under which a scope's rows are stored.
pub fn scope_key(scope: Scope) -> Uuid {
    ScopeId::as_uuid(scope.id())
}

/// Returns the word for a scope's kind. The id of a user is also the id of a scope, but names no organization: a statement about a scope
/// that a client named must check both the id and the kind, unless [`is_of_its_kind`] has distinguished them.
pub fn scope_kind(scope: Scope) -> &'static str {
    match scope {
        Scope::Organization(_) => "organization",
        Scope::Personal(_) => "personal",
    }
}

/// Returns the scope with this id, of the kind that `kind` names.
///
/// # Errors
/// Fails with [`StoreError::Corrupt`] if there is no such kind.
pub fn scope_of_kind(id: Uuid, kind: &str) -> Result<Scope, StoreError> {
    match kind {
        "organization" => Ok(Scope::Organization(OrganizationId::from_uuid(id))),
        "personal" => Ok(Scope::Personal(UserId::from_uuid(id))),
        other => {
            Err(RowName { table: "scopes", id }
                .corrupt("kind", format_args!("is the unknown word {other:?}")))
        }
    }
}

/// Returns the scope with this id, in a row of `user`. Such a row names no personal scope but the user's own, which has the user's id.
pub fn scope_of(user: Uuid, scope: Uuid) -> Scope {
    if scope == user {
        Scope::Personal(UserId::from_uuid(user))
    } else {
        Scope::Organization(OrganizationId::from_uuid(scope))
    }
}

/// Returns `true` if the viewer can be a member of the scope. The only personal scope with the viewer as a member is the viewer's own,
/// which has the user's id; no organization has that id.
pub fn is_of_its_kind(viewer: &Viewer, scope: Scope) -> bool {
    let has_the_users_id = scope_key(scope) == viewer.user.as_uuid();
    has_the_users_id == matches!(scope, Scope::Personal(_))
}

/// Returns the one scope that the viewer's key is confined to, as statements compare it; `None` for no such bound.
pub fn confined_to(viewer: &Viewer) -> Option<Uuid> {
    match viewer.reach {
        Reach::Everywhere => None,
        Reach::Only(organization) => Some(organization.as_uuid()),
    }
}

/// Returns the stored form of the reach of an idempotency key's owner: the organization's id, or the nil UUID for no bound, since a
/// primary key has no nulls.
pub fn reach_key(owner: &Viewer) -> Uuid {
    confined_to(owner).unwrap_or_default()
}
