//! The creation of accounts, and their admission to organizations.

use super::admission::{Admission, member_of, written};
use super::rows::pick;
use crate::event::{Actor, SubjectKind, Verb, created};
use crate::id::{DisplayNumber, OrganizationId, UserId};
use crate::instant::Timestamp;
use crate::port::{Inserted, StoreError, UnitOfWork};
use crate::role::ScopeRole;
use crate::scope::Scope;
use crate::service::error::OrganizationError;
use crate::service::execution::Attempt;
use crate::text::EmailAddress;
use crate::user::{Member, Profile, User};

/// An account to be created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAccount {
    /// The address.
    pub email: EmailAddress,
    /// The profile in the personal scope, which has no employee number.
    pub profile: Profile,
}

impl Attempt<'_> {
    /// Finds or creates the account, and makes it a member of an organization that is locked.
    pub(in crate::service) async fn admit_account(
        &self,
        uow: &mut dyn UnitOfWork,
        organization: OrganizationId,
        new: &NewAccount,
        role: ScopeRole,
        now: Timestamp,
    ) -> Result<Member, OrganizationError> {
        let (user, own) = match uow.account_by_email(&new.email).await? {
            Some(user) => {
                let own = personal_profile(uow, user.id).await?;
                (user, own)
            }
            None => {
                let made = self.make_account(uow, Actor::Operator, new, now).await?;
                // Another unit of work added the address after the lookup; the next attempt finds it.
                let (user, own) = made.ok_or(StoreError::Contended(None))?;
                (user, own.profile)
            }
        };
        let Profile { username, employee_number, .. } = new.profile.clone();
        let admission =
            Admission { organization, role, profile: Profile { username, employee_number, ..own } };
        self.admit(uow, Actor::Operator, (0, user), admission, now).await
    }

    /// Inserts an account as the admin of its own personal scope. Returns `None` if another account has the address.
    pub(in crate::service) async fn make_account(
        &self,
        uow: &mut dyn UnitOfWork,
        actor: Actor,
        new: &NewAccount,
        now: Timestamp,
    ) -> Result<Option<(User, Member)>, OrganizationError> {
        let user = User::account(UserId::from_uuid(self.setup.ports.ids.next()), new.email.clone(), now);
        if uow.insert_user(&user).await? == Inserted::KeyTaken {
            return Ok(None);
        }
        // An employee number belongs to an organization's own records.
        let profile = Profile { employee_number: None, ..new.profile.clone() };
        let scope = Scope::Personal(user.id);
        let own = member_of(scope, &user, DisplayNumber::new(1), ScopeRole::Admin, profile, now);
        written(uow.insert_member(&own).await?, 0)?;
        let journal = self.journal(actor, scope, now);
        let fields = created(own.fields());
        journal.note(uow, Verb::Created, SubjectKind::Member, user.id.as_uuid(), fields).await?;
        Ok(Some((user, own)))
    }
}

/// Returns the names and the picture of an account, for a membership of an organization. Locks the user like [`lock_account`].
async fn personal_profile(uow: &mut dyn UnitOfWork, user: UserId) -> Result<Profile, StoreError> {
    let own = lock_account(uow, user).await?;
    Ok(Profile { username: None, employee_number: None, ..own.profile })
}

/// Returns an account's membership of its personal scope. Locks the user, so that a concurrent change of the profile reaches a new
/// membership too.
pub(in crate::service) async fn lock_account(
    uow: &mut dyn UnitOfWork,
    user: UserId,
) -> Result<Member, StoreError> {
    uow.lock_user(user).await?;
    pick(&uow.members(Scope::Personal(user), &[user]).await?, user)
}
