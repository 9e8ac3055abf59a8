//! The tenant of a request: the user who sends it, and the organization that the user's key belongs to.

use loggia_domain::id::OrganizationId;
use loggia_domain::key::Caller;
use loggia_domain::scope::Reach;

/// Returns the organization that a caller's requests count for: the one that the key is confined to, or else that of its default scope.
///
/// Returns `None` if that is the caller's personal scope.
pub(crate) const fn organization(caller: &Caller) -> Option<OrganizationId> {
    match caller.reach {
        Reach::Only(organization) => Some(organization),
        Reach::Everywhere => caller.default_scope.organization(),
    }
}
