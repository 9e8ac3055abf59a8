//! Use cases of an organization's invitations. Nothing here looks up whether a user has the address, so no response and no duration
//! reveals it.

use super::acting::Acting;
use super::error::InvitationError;
use super::execution::{Attempt, Authority, retry};
use super::new_invitations::{IssuedInvitation, NewInvitations};
use super::operator::Operator;
use super::steps::{delete_invitation, lock_for};
use crate::event::{SubjectKind, Verb, created};
use crate::id::{InvitationId, OrganizationId, ProjectId, UserId};
use crate::invitation::{Invitation, InvitationToken};
use crate::page::{Page, PageRequest};
use crate::policy::{Action, Denied, Standing, decide};
use crate::port::{Inserted, UnitOfWork};
use crate::scope::Scope;

impl Acting {
    /// Invites accounts to an organization, all or none. Returns the invitations in the order of `new`.
    ///
    /// # Errors
    /// Fails with [`InvitationError::Denied`] unless the caller is an admin of the organization; with
    /// [`InvitationError::UnknownProject`] for a project that is not in the organization's scope; with
    /// [`InvitationError::AlreadyInvited`] for an address that the organization has invited. The error names the first such invitation;
    /// projects are checked before addresses.
    pub async fn invite(
        &self,
        organization: OrganizationId,
        new: &NewInvitations,
    ) -> Result<Vec<IssuedInvitation>, InvitationError> {
        retry!(self.try_invite(Authority::Caller(&self.caller), organization, new))
    }

    /// Returns a page of an organization's invitations, expired or not, by id.
    ///
    /// # Errors
    /// Fails with [`InvitationError::Denied`] unless the caller is an admin of the organization.
    pub async fn invitations(
        &self,
        organization: OrganizationId,
        page: &PageRequest,
    ) -> Result<Page<Invitation>, InvitationError> {
        let (views, viewer) = (self.views(), self.caller.viewer());
        let scope = Scope::Organization(organization);
        let role = views.role_in_scope(&viewer, scope).await?.ok_or(Denied::Hidden)?;
        decide(Action::ListInvitations, Standing::InScope(role), self.caller.ability)?;
        Ok(page.cut(views.invitations(&viewer, organization, &page.window()).await?, None))
    }

    /// Withdraws an invitation: its token ends.
    ///
    /// # Errors
    /// Fails with [`InvitationError::Denied`] unless the caller is an admin of the organization, and with [`InvitationError::NotFound`].
    pub async fn withdraw_invitation(
        &self,
        organization: OrganizationId,
        id: InvitationId,
    ) -> Result<(), InvitationError> {
        retry!(self.try_withdraw_invitation(Authority::Caller(&self.caller), organization, id))
    }

    /// Makes a new token for an invitation, which is valid for [`Invitation::SECONDS`] from now. The earlier token ends.
    ///
    /// # Errors
    /// Fails with [`InvitationError::Denied`] unless the caller is an admin of the organization, and with [`InvitationError::NotFound`].
    pub async fn resend_invitation(
        &self,
        organization: OrganizationId,
        id: InvitationId,
    ) -> Result<IssuedInvitation, InvitationError> {
        retry!(self.try_resend_invitation(Authority::Caller(&self.caller), organization, id))
    }
}

impl Operator {
    /// Invites accounts to an organization, like [`Acting::invite`].
    ///
    /// # Errors
    /// Fails like [`Acting::invite`]; with [`InvitationError::Denied`] only if the organization does not exist.
    pub async fn invite(
        &self,
        organization: OrganizationId,
        new: &NewInvitations,
    ) -> Result<Vec<IssuedInvitation>, InvitationError> {
        retry!(self.try_invite(Authority::Operator, organization, new))
    }

    /// Returns a page of an organization's invitations, expired or not, by id.
    ///
    /// # Errors
    /// Fails with [`InvitationError::Denied`] if the organization does not exist.
    pub async fn invitations(
        &self,
        organization: OrganizationId,
        page: &PageRequest,
    ) -> Result<Page<Invitation>, InvitationError> {
        // Views show an organization to its members only, so a unit of work finds out whether it exists.
        retry!(self.try_find_organization(organization))?;
        let views = &self.setup.ports.views;
        Ok(page.cut(views.invitations_of(organization, &page.window()).await?, None))
    }

    /// Withdraws an invitation: its token ends.
    ///
    /// # Errors
    /// Fails with [`InvitationError::Denied`] if the organization does not exist, and with [`InvitationError::NotFound`].
    pub async fn withdraw_invitation(
        &self,
        organization: OrganizationId,
        id: InvitationId,
    ) -> Result<(), InvitationError> {
        retry!(self.try_withdraw_invitation(Authority::Operator, organization, id))
    }

    /// Makes a new token for an invitation, like [`Acting::resend_invitation`].
    ///
    /// # Errors
    /// Fails with [`InvitationError::Denied`] if the organization does not exist, and with [`InvitationError::NotFound`].
    pub async fn resend_invitation(
        &self,
        organization: OrganizationId,
        id: InvitationId,
    ) -> Result<IssuedInvitation, InvitationError> {
        retry!(self.try_resend_invitation(Authority::Operator, organization, id))
    }
}

impl Attempt<'_> {
    async fn try_invite(
        &self,
        authority: Authority<'_>,
        organization: OrganizationId,
        new: &NewInvitations,
    ) -> Result<Vec<IssuedInvitation>, InvitationError> {
        let mut uow = self.begin_for(authority).await?;
        let now = self.now();
        lock_for::<InvitationError>(&mut *uow, authority, organization, Action::ManageInvitations).await?;
        check_projects(&mut *uow, organization, new).await?;
        let invited_by = inviter(authority);
        let journal = self.journal(authority.actor(), Scope::Organization(organization), now);
        let mut issued = Vec::with_capacity(new.as_slice().len());
        for (index, new) in new.as_slice().iter().enumerate() {
            let invitation = Invitation {
                id: InvitationId::from_uuid(self.setup.ports.ids.next()),
                organization,
                email: new.email.clone(),
                role: new.role,
                projects: new.projects.sorted(),
                invited_by,
                created_at: now,
                expires_at: now.plus_seconds(Invitation::SECONDS),
            };
            let token = InvitationToken::from_entropy(self.setup.ports.secrets.entropy()?);
            let hash = self.setup.ports.secrets.digest(token.expose());
            if uow.insert_invitation(&invitation, &hash).await? == Inserted::KeyTaken {
                return Err(InvitationError::AlreadyInvited { index });
            }
            let (id, fields) = (invitation.id.as_uuid(), created(invitation.fields()));
            journal.note(&mut *uow, Verb::Created, SubjectKind::Invitation, id, fields).await?;
            issued.push(IssuedInvitation { invitation, token });
        }
        self.commit(uow).await?;
        Ok(issued)
    }

    async fn try_find_organization(&self, id: OrganizationId) -> Result<(), InvitationError> {
        let (mut uow, operator) = (self.begin().await?, Authority::Operator);
        lock_for::<InvitationError>(&mut *uow, operator, id, Action::ListInvitations).await.map(drop)
    }

    async fn try_withdraw_invitation(
        &self,
        authority: Authority<'_>,
        organization: OrganizationId,
        id: InvitationId,
    ) -> Result<(), InvitationError> {
        let mut uow = self.begin_for(authority).await?;
        let invitation = lock_invitation(&mut *uow, authority, organization, id).await?;
        let journal = self.journal(authority.actor(), Scope::Organization(organization), self.now());
        delete_invitation(&mut *uow, &journal, &invitation).await?;
        self.commit(uow).await?;
        Ok(())
    }

    async fn try_resend_invitation(
        &self,
        authority: Authority<'_>,
        organization: OrganizationId,
        id: InvitationId,
    ) -> Result<IssuedInvitation, InvitationError> {
        let mut uow = self.begin_for(authority).await?;
        let now = self.now();
        let mut invitation = lock_invitation(&mut *uow, authority, organization, id).await?;
        let changes = invitation.renew(inviter(authority), now);
        let token = InvitationToken::from_entropy(self.setup.ports.secrets.entropy()?);
        uow.renew_invitation(&invitation, &self.setup.ports.secrets.digest(token.expose())).await?;
        let journal = self.journal(authority.actor(), Scope::Organization(organization), now);
        journal.note(&mut *uow, Verb::Updated, SubjectKind::Invitation, id.as_uuid(), changes).await?;
        self.commit(uow).await?;
        Ok(IssuedInvitation { invitation, token })
    }
}

/// Returns the member who invites; `None` for the operator.
fn inviter(authority: Authority<'_>) -> Option<UserId> {
    match authority {
        Authority::Operator => None,
        Authority::Caller(caller) => Some(caller.user),
    }
}

/// Locks the organization for an authority that may manage its invitations, and loads one of them.
async fn lock_invitation(
    uow: &mut dyn UnitOfWork,
    authority: Authority<'_>,
    organization: OrganizationId,
    id: InvitationId,
) -> Result<Invitation, InvitationError> {
    lock_for::<InvitationError>(uow, authority, organization, Action::ManageInvitations).await?;
    uow.invitation(organization, id).await?.ok_or(InvitationError::NotFound)
}

/// Holds the projects of all invitations. Fails with [`InvitationError::UnknownProject`] if one is not in the organization's scope.
async fn check_projects(
    uow: &mut dyn UnitOfWork,
    organization: OrganizationId,
    new: &NewInvitations,
) -> Result<(), InvitationError> {
    let named = new.as_slice().iter().flat_map(|new| new.projects.as_slice());
    let mut projects: Vec<ProjectId> = named.map(|invited| invited.project).collect();
    if projects.is_empty() {
        return Ok(());
    }
    projects.sort_unstable();
    projects.dedup();
    let there = uow.hold_projects(Scope::Organization(organization), &projects).await?;
    for (index, new) in new.as_slice().iter().enumerate() {
        let is_unknown = |project: ProjectId| there.binary_search(&project).is_err();
        if let Some(project_index) =
            new.projects.as_slice().iter().position(|invited| is_unknown(invited.project))
        {
            return Err(InvitationError::UnknownProject { index, project_index });
        }
    }
    Ok(())
}
