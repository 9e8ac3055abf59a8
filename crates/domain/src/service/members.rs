//! Use cases of an organization's members.

use super::organizations::{Authority, lock_for};
use super::rosters::unassigned;
use super::{Loggia, OrganizationError, retry};
use crate::event::{Actor, SubjectKind, Verb, created, deleted};
use crate::id::{DisplayNumber, OrganizationId, UserId};
use crate::instant::Timestamp;
use crate::organization::change_standing;
use crate::policy::Action;
use crate::port::{Inserted, MemberInserted, StoreError, UnitOfWork};
use crate::role::ScopeRole;
use crate::scope::Scope;
use crate::text::EmailAddress;
use crate::user::{Member, Profile, User};

/// Someone to be added to an organization.
#[derive(Clone, Debug)]
pub struct NewMember {
    /// The address; a user who has it already is taken.
    pub email: EmailAddress,
    /// What the organization shows of the person.
    pub profile: Profile,
    /// What the person may do.
    pub role: ScopeRole,
}

/// What to change of a member's standing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StandingPatch {
    /// Another role.
    pub role: Option<ScopeRole>,
    /// In or out.
    pub active: Option<bool>,
}

impl Loggia {
    /// Adds a person to an organization.
    ///
    /// # Errors
    /// [`OrganizationError`]; whether the address is known elsewhere on the instance is never told.
    pub async fn add_member(
        &self,
        authority: Authority<'_>,
        organization: OrganizationId,
        new: NewMember,
    ) -> Result<Member, OrganizationError> {
        retry!(self.try_add_member(authority, organization, new.clone()))
    }

    async fn try_add_member(
        &self,
        authority: Authority<'_>,
        organization: OrganizationId,
        new: NewMember,
    ) -> Result<Member, OrganizationError> {
        let mut uow = self.ports.store.begin().await?;
        lock_for(&mut *uow, authority, organization, Action::ManageMembers).await?;
        let scope = Scope::Organization(organization);
        let member = self.admit(&mut *uow, authority.actor(), scope, new, self.now()).await?;
        uow.commit().await?;
        Ok(member)
    }

    /// Finds or makes the user and gives them a place in the scope.
    pub(super) async fn admit(
        &self,
        uow: &mut dyn UnitOfWork,
        actor: Actor,
        scope: Scope,
        new: NewMember,
        now: Timestamp,
    ) -> Result<Member, OrganizationError> {
        let user = match uow.user_by_email(&new.email).await? {
            Some(user) => user,
            None => self.make_user(uow, actor, new.email, &new.profile, now).await?,
        };
        let member = Member {
            scope,
            user: user.id,
            email: user.email,
            number: uow.next_member_number(scope).await?,
            role: new.role,
            active: true,
            profile: new.profile,
            created_at: now,
            updated_at: now,
        };
        insert_member(uow, &member).await?;
        let journal = self.journal(actor, scope, now);
        let fields = created(member.fields());
        journal.note(uow, Verb::Created, SubjectKind::Member, user.id.as_uuid(), fields).await?;
        Ok(member)
    }

    /// A user new to the instance, as the admin of their own personal scope.
    async fn make_user(
        &self,
        uow: &mut dyn UnitOfWork,
        actor: Actor,
        email: EmailAddress,
        profile: &Profile,
        now: Timestamp,
    ) -> Result<User, OrganizationError> {
        let user = User { id: UserId::from_uuid(self.ports.ids.next()), email, created_at: now };
        if uow.insert_user(&user).await? == Inserted::KeyTaken {
            // Someone else added the address between the look-up and now: the next attempt will find it.
            return Err(StoreError::Contended(None).into());
        }
        let own = Member {
            scope: Scope::Personal(user.id),
            user: user.id,
            email: user.email.clone(),
            number: DisplayNumber::new(1),
            role: ScopeRole::Admin,
            active: true,
            // What an organization calls its people in its own books stays there.
            profile: Profile { employee_number: None, ..profile.clone() },
            created_at: now,
            updated_at: now,
        };
        insert_member(uow, &own).await?;
        let journal = self.journal(actor, own.scope, now);
        journal
            .note(uow, Verb::Created, SubjectKind::Member, user.id.as_uuid(), created(own.fields()))
            .await?;
        Ok(user)
    }

    /// Gives a member another role, or takes or gives access. Who loses access leaves every roster of the organization,
    /// and their open tasks are left without assignee.
    ///
    /// # Errors
    /// [`OrganizationError::Denied`], [`OrganizationError::UserNotFound`], [`OrganizationError::LastAdmin`].
    pub async fn change_member_standing(
        &self,
        authority: Authority<'_>,
        organization: OrganizationId,
        user: UserId,
        patch: StandingPatch,
    ) -> Result<Member, OrganizationError> {
        retry!(self.try_change_member_standing(authority, organization, user, patch))
    }

    async fn try_change_member_standing(
        &self,
        authority: Authority<'_>,
        organization: OrganizationId,
        user: UserId,
        patch: StandingPatch,
    ) -> Result<Member, OrganizationError> {
        let scope = Scope::Organization(organization);
        let mut uow = self.ports.store.begin().await?;
        let now = self.now();
        lock_for(&mut *uow, authority, organization, Action::ManageMembers).await?;
        let found = uow.members(scope, &[user]).await?.into_iter().next();
        let mut member = found.ok_or(OrganizationError::UserNotFound)?;
        let (role, active) = (patch.role.unwrap_or(member.role), patch.active.unwrap_or(member.active));
        let leaves = member.active && !active;
        let admins = uow.count_active_admins(scope).await?;
        let changes = change_standing(&mut member, role, active, admins, now)?;
        if changes.is_empty() {
            return Ok(member);
        }
        let journal = self.journal(authority.actor(), scope, now);
        // Before the rosters: from here on nobody who holds the member can put them on another one, and whoever did
        // before has committed, so that the rosters below are all there are.
        if uow.update_member(&member).await? != MemberInserted::Yes {
            return Err(StoreError::Corrupt(format!("members: {user} clashes with its own profile")).into());
        }
        if leaves {
            for place in uow.remove_from_rosters(scope, user).await? {
                let fields = deleted(place.fields());
                journal
                    .note(&mut *uow, Verb::Deleted, SubjectKind::Membership, place.id.as_uuid(), fields)
                    .await?;
            }
            for task in uow.unassign_open_tasks(scope, None, user, now).await? {
                let changes = vec![unassigned(user)];
                journal.note(&mut *uow, Verb::Updated, SubjectKind::Task, task.as_uuid(), changes).await?;
            }
        }
        journal.note(&mut *uow, Verb::Updated, SubjectKind::Member, user.as_uuid(), changes).await?;
        uow.commit().await?;
        Ok(member)
    }
}

async fn insert_member(uow: &mut dyn UnitOfWork, member: &Member) -> Result<(), OrganizationError> {
    match uow.insert_member(member).await? {
        MemberInserted::Yes => Ok(()),
        MemberInserted::AlreadyAMember => Err(OrganizationError::AlreadyAMember),
        MemberInserted::UsernameTaken => Err(OrganizationError::UsernameTaken),
        MemberInserted::EmployeeNumberTaken => Err(OrganizationError::EmployeeNumberTaken),
    }
}
