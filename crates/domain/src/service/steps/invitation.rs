//! The end of an invitation.

use crate::event::{SubjectKind, Verb, deleted};
use crate::invitation::Invitation;
use crate::port::{StoreError, UnitOfWork};
use crate::service::execution::Journal;

/// Deletes an invitation of a locked organization, and records it.
pub(in crate::service) async fn delete_invitation(
    uow: &mut dyn UnitOfWork,
    journal: &Journal<'_>,
    invitation: &Invitation,
) -> Result<(), StoreError> {
    uow.delete_invitation(invitation.organization, invitation.id).await?;
    let fields = deleted(invitation.fields());
    journal.note(uow, Verb::Deleted, SubjectKind::Invitation, invitation.id.as_uuid(), fields).await
}
