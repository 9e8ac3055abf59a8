//! The use case of the operator that creates an organization with its first admin.

use super::error::OrganizationError;
use super::execution::{Attempt, retry};
use super::operator::Operator;
use super::steps::{IssuedKey, KeyHolder, NewAccount, NewKey};
use crate::event::Actor;
use crate::key::{Ability, ApiKey, KeyOrigin};
use crate::organization::Organization;
use crate::port::StoreError;
use crate::role::ScopeRole;
use crate::scope::{Reach, Scope};
use crate::text::{EmailAddress, KeyName, OrganizationName};
use crate::user::{Member, Profile};

/// A first organization and its admin.
#[derive(Clone, Debug)]
pub struct Bootstrap {
    /// The organization's name.
    pub organization: OrganizationName,
    /// The admin's address. If an account has it already, that account becomes the admin.
    pub email: EmailAddress,
    /// The admin's profile; the names and the picture of a known account stay its own.
    pub profile: Profile,
    /// The label of the admin's key.
    pub key: KeyName,
    /// `true` if the key expires after [`ApiKey::UNUSED_SECONDS`] unless it is used, for a key that no one has asked for.
    pub key_ends_unless_used: bool,
}

/// The result of a [`Bootstrap`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Bootstrapped {
    /// The organization.
    pub organization: Organization,
    /// The membership of its admin.
    pub member: Member,
    /// A key of the admin, with the organization as its default scope.
    pub issued: IssuedKey,
}

impl Operator {
    /// Returns `true` if the store has or had an organization.
    ///
    /// # Errors
    /// Fails with [`StoreError`] if the store fails.
    pub async fn has_organizations(&self) -> Result<bool, StoreError> {
        self.setup.ports.views.has_organizations().await
    }

    /// Creates an organization, its admin and a key for the admin. An account with the admin's address is reused.
    ///
    /// If `only_if_first` is `true` and there is an organization already, even one that was created concurrently, returns `None` and
    /// writes nothing.
    ///
    /// # Errors
    /// Fails with [`OrganizationError`] if the store fails.
    pub async fn bootstrap(
        &self,
        plan: &Bootstrap,
        only_if_first: bool,
    ) -> Result<Option<Bootstrapped>, OrganizationError> {
        retry!(self.try_bootstrap(plan, only_if_first))
    }
}

impl Attempt<'_> {
    async fn try_bootstrap(
        &self,
        plan: &Bootstrap,
        only_if_first: bool,
    ) -> Result<Option<Bootstrapped>, OrganizationError> {
        let mut uow = self.begin().await?;
        let (now, actor) = (self.now(), Actor::Operator);
        if only_if_first && uow.lock_instance().await? {
            return Ok(None);
        }
        let organization = self.write_organization(&mut *uow, actor, plan.organization.clone(), now).await?;
        let scope = Scope::Organization(organization.id);
        let admin = NewAccount { email: plan.email.clone(), profile: plan.profile.clone() };
        let member = self.admit_account(&mut *uow, organization.id, &admin, ScopeRole::Admin, now).await?;
        let key = NewKey {
            name: plan.key.clone(),
            default_scope: scope,
            reach: Reach::Everywhere,
            ability: Ability::Write,
            expires_at: plan.key_ends_unless_used.then(|| now.plus_seconds(ApiKey::UNUSED_SECONDS)),
        };
        let (key, origin) = ((key, plan.key_ends_unless_used), KeyOrigin::default());
        let holder = KeyHolder::lock(&mut *uow, member.user).await?;
        let issued = self.write_key_that_may_end_unused(&mut *uow, actor, holder, key, origin, now).await?;
        self.commit(uow).await?;
        Ok(Some(Bootstrapped { organization, member, issued }))
    }
}
