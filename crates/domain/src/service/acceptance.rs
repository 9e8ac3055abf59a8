//! The use case by which an account accepts an invitation and joins the organization.

use super::acting::Acting;
use super::error::InvitationError;
use super::execution::{Attempt, Journal, retry};
use super::steps::{delete_invitation, lock_account};
use crate::account::AccountProfile;
use crate::event::{SubjectKind, Verb, created};
use crate::id::{DisplayNumber, KeyId, MembershipId};
use crate::instant::Timestamp;
use crate::invitation::{Invitation, InvitationToken, InvitedProject};
use crate::key::{Caller, KeyHash};
use crate::organization::Organization;
use crate::policy::{Action, Standing, decide, decide_reach};
use crate::port::{Inserted, MemberInserted, StoreError, UnitOfWork};
use crate::role::ScopeRole;
use crate::roster::Membership;
use crate::scope::{Reach, Readmissions, Scope};
use crate::user::{Member, Profile};

impl Acting {
    /// Makes the caller's account a member of the organization whose invitation has this token, with exactly the role and the projects of
    /// the invitation. Returns the organization and the role.
    ///
    /// The names and the picture there are those of the account. An account that was a member before keeps its username and its employee
    /// number. Projects that were deleted since are left out. An account that was a member before is readmitted: of its earlier keys, the
    /// one of the call alone gives access to the organization.
    ///
    /// # Errors
    /// Fails with [`InvitationError::Denied`] if the key may not write or is confined to an organization; with
    /// [`InvitationError::NotAnAccount`]; with [`InvitationError::UnknownToken`] for a token that is wrong, used, withdrawn, replaced or
    /// expired, or if the member who made the invitation is no longer an active admin; with [`InvitationError::AlreadyAMember`], which leaves the invitation as it is; with [`InvitationError::KeyTooOld`] if the
    /// account is readmitted and an earlier readmission has closed another organization to the key of the call.
    pub async fn accept_invitation(
        &self,
        token: &InvitationToken,
    ) -> Result<(Organization, ScopeRole), InvitationError> {
        retry!(self.try_accept_invitation(&self.caller, token))
    }
}

impl Attempt<'_> {
    async fn try_accept_invitation(
        &self,
        caller: &Caller,
        token: &InvitationToken,
    ) -> Result<(Organization, ScopeRole), InvitationError> {
        decide(Action::AcceptInvitation, Standing::Oneself, caller.ability)?;
        decide_reach(caller.reach, Reach::Everywhere)?;
        let mut uow = self.begin_for(caller).await?;
        let now = self.now();
        // A host may trust a user who has no personal scope: one that belongs to an organization.
        let account = uow.members(Scope::Personal(caller.user), &[caller.user]).await?.into_iter().next();
        let account = account.ok_or(InvitationError::NotAnAccount)?;
        let hash = self.setup.ports.secrets.digest(token.expose());
        let (organization, invitation) = lock_by_token(&mut *uow, &hash, now).await?;
        let journal = self.journal(caller.actor(), Scope::Organization(organization.id), now);
        // Projects are locked before the member, as in the general order of locks.
        let projects = number_places(&mut *uow, &invitation).await?;
        self.join(&mut *uow, &journal, caller, account.clone(), &invitation).await?;
        // Users are locked last, so the account was read without its lock. The next attempt reads a profile that was changed since.
        if lock_account(&mut *uow, caller.user).await? != account {
            return Err(StoreError::Contended(None).into());
        }
        for (invited, number) in projects {
            let membership = Membership {
                id: MembershipId::from_uuid(self.setup.ports.ids.next()),
                number,
                project: invited.project,
                user: caller.user,
                role: invited.role,
                created_at: now,
            };
            insert_membership(&mut *uow, &journal, &membership).await?;
        }
        delete_invitation(&mut *uow, &journal, &invitation).await?;
        self.commit(uow).await?;
        Ok((organization, invitation.role))
    }

    /// Inserts the membership of the organization, or gives an inactive member access again.
    async fn join(
        &self,
        uow: &mut dyn UnitOfWork,
        journal: &Journal<'_>,
        caller: &Caller,
        account: Member,
        invitation: &Invitation,
    ) -> Result<(), InvitationError> {
        let (scope, now, user) = (journal.scope, journal.at, caller.user);
        let Some(mut member) = uow.members(scope, &[user]).await?.into_iter().next() else {
            let number = uow.next_member_number(scope).await?;
            let profile = Profile { username: None, employee_number: None, ..account.profile };
            let (role, revision) = (invitation.role, 1);
            let member = Member {
                scope,
                number,
                role,
                profile,
                created_at: now,
                updated_at: now,
                revision,
                ..account
            };
            written(uow.insert_member(&member).await?, &member)?;
            let fields = created(member.fields());
            journal.note(uow, Verb::Created, SubjectKind::Member, user.as_uuid(), fields).await?;
            return Ok(());
        };
        if member.active {
            return Err(InvitationError::AlreadyAMember);
        }
        let changes = member.rejoin(invitation.role, &AccountProfile::from_member(&account), now);
        written(uow.update_member(&member).await?, &member)?;
        journal.note(uow, Verb::Updated, SubjectKind::Member, user.as_uuid(), changes).await?;
        // Restored access does not revive earlier keys, except that of the call: the account asks for this access by means of it.
        let key = lock_own_key(uow, caller, now).await?;
        self.revoke_keys_for(uow, caller.actor(), user, invitation.organization, now).await?;
        let readmissions = uow.lock_user(user).await?;
        // A key with a lesser number would also open the organizations that an earlier readmission has closed to it.
        if key.is_some_and(|(_, known)| known < readmissions) {
            return Err(InvitationError::KeyTooOld);
        }
        uow.readmit(scope, user).await?;
        if let Some((id, _)) = key {
            uow.raise_key(id).await?;
        }
        Ok(())
    }
}

/// Finds the invitation whose token has this digest, locks its organization, and loads both.
async fn lock_by_token(
    uow: &mut dyn UnitOfWork,
    hash: &KeyHash,
    now: Timestamp,
) -> Result<(Organization, Invitation), InvitationError> {
    let found = uow.invitation_by_token(hash, now).await?;
    let (id, invitation) = found.ok_or(InvitationError::UnknownToken)?;
    let organization = uow.lock_any_organization(id).await?.ok_or(InvitationError::UnknownToken)?;
    // The previous holder of the lock may have accepted or withdrawn the invitation, or may have replaced its token.
    if uow.invitation_by_token(hash, now).await? != found {
        return Err(InvitationError::UnknownToken);
    }
    let invitation = uow.invitation(id, invitation).await?.ok_or(InvitationError::UnknownToken)?;
    // An admin who is deactivated or demoted could otherwise come back by an invitation of their own.
    if let Some(inviter) = invitation.invited_by {
        let found = uow.members(Scope::Organization(id), &[inviter]).await?;
        if !found.iter().any(Member::is_active_admin) {
            return Err(InvitationError::UnknownToken);
        }
    }
    Ok((organization, invitation))
}

/// Holds the projects of an invitation that still exist, and reserves a number on each of their rosters. Returns both, by ascending id.
async fn number_places(
    uow: &mut dyn UnitOfWork,
    invitation: &Invitation,
) -> Result<Vec<(InvitedProject, DisplayNumber)>, StoreError> {
    let named: Vec<_> = invitation.projects.iter().map(|invited| invited.project).collect();
    if named.is_empty() {
        return Ok(Vec::new());
    }
    let scope = Scope::Organization(invitation.organization);
    let there = uow.hold_projects(scope, &named).await?;
    let mut numbered = Vec::with_capacity(there.len());
    for invited in invitation.projects.iter().filter(|invited| there.contains(&invited.project)) {
        numbered.push((*invited, uow.next_membership_numbers(scope, invited.project, 1).await?));
    }
    Ok(numbered)
}

async fn insert_membership(
    uow: &mut dyn UnitOfWork,
    journal: &Journal<'_>,
    membership: &Membership,
) -> Result<(), StoreError> {
    if uow.insert_membership(journal.scope, membership).await? == Inserted::KeyTaken {
        let (user, project) = (membership.user, membership.project);
        return Err(StoreError::Corrupt(format!("project_members: {user} is on {project} without access")));
    }
    let fields = created(membership.fields());
    journal.note(uow, Verb::Created, SubjectKind::Membership, membership.id.as_uuid(), fields).await
}

/// Locks the key of the call. Returns its id and its present number of readmissions, or `None` if the host has authenticated the caller
/// without a key.
async fn lock_own_key(
    uow: &mut dyn UnitOfWork,
    caller: &Caller,
    now: Timestamp,
) -> Result<Option<(KeyId, Readmissions)>, StoreError> {
    let Some(id) = caller.key else { return Ok(None) };
    let key = uow.lock_key(id).await?.filter(|key| key.is_live(now)).ok_or(StoreError::UnknownCaller)?;
    Ok(Some((id, key.readmissions)))
}

/// Fails unless the member was written: in a locked scope neither the user nor a name that the member has already can be taken.
fn written(outcome: MemberInserted, member: &Member) -> Result<(), StoreError> {
    match outcome {
        MemberInserted::Yes => Ok(()),
        MemberInserted::AlreadyAMember { .. }
        | MemberInserted::UsernameTaken
        | MemberInserted::EmployeeNumberTaken => {
            Err(StoreError::Corrupt(format!("members: {} was not written: {outcome:?}", member.user)))
        }
    }
}
