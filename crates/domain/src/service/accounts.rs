//! Use cases of the operator that create accounts.

use super::error::OrganizationError;
use super::execution::{Attempt, Authority, retry};
use super::operator::Operator;
use super::steps::{NewAccount, lock_for};
use crate::event::Actor;
use crate::id::OrganizationId;
use crate::policy::Action;
use crate::role::ScopeRole;
use crate::user::Member;

impl Operator {
    /// Creates an account. Returns its membership of its personal scope.
    ///
    /// # Errors
    /// Fails with [`OrganizationError::AddressTaken`] if another account has an equal address.
    pub async fn add_account(&self, new: &NewAccount) -> Result<Member, OrganizationError> {
        retry!(self.try_add_account(new))
    }

    /// Makes an account a member of an organization: the account with this address, or a new one. A known account keeps
    /// its names and picture; the organization keeps the username and the employee number.
    ///
    /// # Errors
    /// Fails with [`OrganizationError::Denied`] if the organization does not exist, with [`OrganizationError::AlreadyAMember`] or
    /// [`OrganizationError::InactiveMember`] if the account is or was a member, and with [`OrganizationError::UsernameTaken`] or
    /// [`OrganizationError::EmployeeNumberTaken`].
    pub async fn add_account_member(
        &self,
        organization: OrganizationId,
        new: &NewAccount,
        role: ScopeRole,
    ) -> Result<Member, OrganizationError> {
        retry!(self.try_add_account_member(organization, new, role))
    }
}

impl Attempt<'_> {
    async fn try_add_account(&self, new: &NewAccount) -> Result<Member, OrganizationError> {
        let mut uow = self.begin().await?;
        let made = self.make_account(&mut *uow, Actor::Operator, new, self.now()).await?;
        let (_, own) = made.ok_or(OrganizationError::AddressTaken)?;
        self.commit(uow).await?;
        Ok(own)
    }

    async fn try_add_account_member(
        &self,
        organization: OrganizationId,
        new: &NewAccount,
        role: ScopeRole,
    ) -> Result<Member, OrganizationError> {
        let mut uow = self.begin().await?;
        let authority = Authority::Operator;
        lock_for::<OrganizationError>(&mut *uow, authority, organization, Action::ManageMembers).await?;
        let member = self.admit_account(&mut *uow, organization, new, role, self.now()).await?;
        self.commit(uow).await?;
        Ok(member)
    }
}
