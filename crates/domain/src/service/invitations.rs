//! Use cases of an organization's invitations. Nothing here looks up whether a user has the address, so no response and no duration
//! reveals it.

use super::organizations::{Authority, lock_for};
use super::{InvitationError, Journal, Loggia, retry};
use crate::event::{SubjectKind, Verb, created, deleted};
use crate::id::{InvitationId, OrganizationId, ProjectId, UserId};
use crate::invitation::{Invitation, InvitationToken, InvitedProjects};
use crate::page::{Page, PageRequest};
use crate::policy::{Action, Denied, Standing, decide};
use crate::port::{Inserted, StoreError, UnitOfWork};
use crate::role::ScopeRole;
use crate::roster::{BatchError, MAX_BATCH, repeated};
use crate::scope::Scope;
use crate::text::EmailAddress;

/// An invitation to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewInvitation {
    /// The address that the token is meant for.
    pub email: EmailAddress,
    /// The role in the organization that the account gets.
    pub role: ScopeRole,
    /// The projects whose rosters the account joins.
    pub projects: InvitedProjects,
}

/// One to [`MAX_BATCH`] invitations to be made together, all or none. No address occurs twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewInvitations(Vec<NewInvitation>);

impl NewInvitations {
    /// Checks that the list has 1 to [`MAX_BATCH`] invitations and that no address occurs twice; [`repeated`] lists all that do.
    ///
    /// # Errors
    /// Fails with [`BatchError`] otherwise; the length is checked first.
    pub fn new(invitations: Vec<NewInvitation>) -> Result<Self, BatchError> {
        if invitations.is_empty() {
            return Err(BatchError::Empty);
        }
        if invitations.len() > MAX_BATCH {
            return Err(BatchError::TooMany);
        }
        match repeated(invitations.iter().map(|new| Some(new.email.key()))).first() {
            Some(place) => Err(BatchError::Duplicate(*place)),
            None => Ok(Self(invitations)),
        }
    }

    /// Returns the invitations, in the order in which they were given.
    pub fn as_slice(&self) -> &[NewInvitation] {
        &self.0
    }
}

impl From<NewInvitation> for NewInvitations {
    fn from(one: NewInvitation) -> Self {
        Self(vec![one])
    }
}

/// An invitation and its token. The token is shown this once and not stored.
#[derive(Clone, Debug)]
pub struct IssuedInvitation {
    /// The invitation.
    pub invitation: Invitation,
    /// The token.
    pub token: InvitationToken,
}

impl Loggia {
    /// Invites accounts to an organization, all or none. Returns the invitations in the order of `new`.
    ///
    /// # Errors
    /// Fails with [`InvitationError::Denied`] unless the caller is an admin of the organization; with
    /// [`InvitationError::UnknownProject`] for a project that is not in the organization's scope; with
    /// [`InvitationError::AlreadyInvited`] for an address that the organization has invited. The error names the first such invitation;
    /// projects are checked before addresses.
    pub async fn invite(
        &self,
        authority: Authority<'_>,
        organization: OrganizationId,
        new: &NewInvitations,
    ) -> Result<Vec<IssuedInvitation>, InvitationError> {
        retry!(self.try_invite(authority, organization, new))
    }

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
                id: InvitationId::from_uuid(self.ports.ids.next()),
                organization,
                email: new.email.clone(),
                role: new.role,
                projects: new.projects.sorted(),
                invited_by,
                created_at: now,
                expires_at: now.plus_seconds(Invitation::SECONDS),
            };
            let token = InvitationToken::from_entropy(self.ports.secrets.entropy()?);
            let hash = self.ports.secrets.digest(token.expose());
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

    /// Returns a page of an organization's invitations, expired or not, by id.
    ///
    /// # Errors
    /// Fails with [`InvitationError::Denied`] unless the caller is an admin of the organization.
    pub async fn invitations(
        &self,
        authority: impl Into<Authority<'_>>,
        organization: OrganizationId,
        page: &PageRequest,
    ) -> Result<Page<Invitation>, InvitationError> {
        let views = &self.ports.views;
        let Authority::Caller(caller) = authority.into() else {
            // Views show an organization to its members only, so a unit of work finds out whether it exists.
            retry!(self.try_find_organization(organization))?;
            return Ok(page.cut(views.invitations_of(organization, &page.window()).await?, None));
        };
        let viewer = caller.viewer();
        let scope = Scope::Organization(organization);
        let role = views.role_in_scope(&viewer, scope).await?.ok_or(Denied::Hidden)?;
        decide(Action::ListInvitations, Standing::InScope(role), caller.ability)?;
        Ok(page.cut(views.invitations(&viewer, organization, &page.window()).await?, None))
    }

    async fn try_find_organization(&self, id: OrganizationId) -> Result<(), InvitationError> {
        let (mut uow, operator) = (self.begin().await?, Authority::Operator);
        lock_for::<InvitationError>(&mut *uow, operator, id, Action::ListInvitations).await.map(drop)
    }

    /// Withdraws an invitation: its token ends.
    ///
    /// # Errors
    /// Fails with [`InvitationError::Denied`] unless the caller is an admin of the organization, and with [`InvitationError::NotFound`].
    pub async fn withdraw_invitation(
        &self,
        authority: Authority<'_>,
        organization: OrganizationId,
        id: InvitationId,
    ) -> Result<(), InvitationError> {
        retry!(self.try_withdraw_invitation(authority, organization, id))
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
        delete(&mut *uow, &journal, &invitation).await?;
        self.commit(uow).await?;
        Ok(())
    }

    /// Makes a new token for an invitation, which is valid for [`Invitation::SECONDS`] from now. The earlier token ends.
    ///
    /// # Errors
    /// Fails with [`InvitationError::Denied`] unless the caller is an admin of the organization, and with [`InvitationError::NotFound`].
    pub async fn resend_invitation(
        &self,
        authority: Authority<'_>,
        organization: OrganizationId,
        id: InvitationId,
    ) -> Result<IssuedInvitation, InvitationError> {
        retry!(self.try_resend_invitation(authority, organization, id))
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
        let token = InvitationToken::from_entropy(self.ports.secrets.entropy()?);
        uow.renew_invitation(&invitation, &self.ports.secrets.digest(token.expose())).await?;
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

/// Deletes an invitation of a locked organization, and records it.
pub(super) async fn delete(
    uow: &mut dyn UnitOfWork,
    journal: &Journal<'_>,
    invitation: &Invitation,
) -> Result<(), StoreError> {
    uow.delete_invitation(invitation.organization, invitation.id).await?;
    let fields = deleted(invitation.fields());
    journal.note(uow, Verb::Deleted, SubjectKind::Invitation, invitation.id.as_uuid(), fields).await
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
        if let Some(place) = new.projects.as_slice().iter().position(|invited| is_unknown(invited.project)) {
            return Err(InvitationError::UnknownProject { index, place });
        }
    }
    Ok(())
}
