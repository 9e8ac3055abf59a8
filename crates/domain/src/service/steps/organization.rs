//! The creation of organizations, and their lock.

use crate::event::{Actor, SubjectKind, Verb, created};
use crate::id::OrganizationId;
use crate::instant::Timestamp;
use crate::organization::Organization;
use crate::policy::{Action, Denied, Standing, decide};
use crate::port::{StoreError, UnitOfWork};
use crate::scope::Scope;
use crate::service::execution::{Attempt, Authority};
use crate::text::OrganizationName;

impl Attempt<'_> {
    /// Inserts an organization, which has no member yet.
    pub(in crate::service) async fn write_organization(
        &self,
        uow: &mut dyn UnitOfWork,
        actor: Actor,
        name: OrganizationName,
        now: Timestamp,
    ) -> Result<Organization, StoreError> {
        let id = OrganizationId::from_uuid(self.setup.ports.ids.next());
        let organization = Organization { id, name, created_at: now, updated_at: now, revision: 1 };
        uow.insert_organization(&organization).await?;
        let journal = self.journal(actor, Scope::Organization(id), now);
        let fields = created(organization.fields());
        journal.note(uow, Verb::Created, SubjectKind::Organization, id.as_uuid(), fields).await?;
        Ok(organization)
    }
}

/// Locks an organization for an authority that may do `action` to it.
pub(in crate::service) async fn lock_for<E: From<StoreError> + From<Denied>>(
    uow: &mut dyn UnitOfWork,
    authority: Authority<'_>,
    id: OrganizationId,
    action: Action,
) -> Result<Organization, E> {
    match authority {
        Authority::Operator => Ok(uow.lock_any_organization(id).await?.ok_or(Denied::Hidden)?),
        Authority::Caller(caller) => {
            let found = uow.lock_organization(&caller.viewer(), id).await?;
            let (organization, role) = found.ok_or(Denied::Hidden)?;
            decide(action, Standing::InScope(role), caller.ability)?;
            Ok(organization)
        }
    }
}
