//! Use cases that add an organization's own people and machines. Accounts join by invitation, or by the operator.

use super::acting::Acting;
use super::error::OrganizationError;
use super::execution::{Attempt, Authority, retry};
use super::new_members::{NewIdentity, NewMember, NewMembers};
use super::operator::Operator;
use super::steps::{Admission, lock_for, pick};
use crate::id::{OrganizationId, UserId};
use crate::policy::Action;
use crate::port::{Inserted, StoreError, UnitOfWork};
use crate::scope::Scope;
use crate::user::{Member, User};

impl Acting {
    /// Creates a user for an organization.
    ///
    /// # Errors
    /// Fails like [`Self::add_members`].
    pub async fn add_member(
        &self,
        organization: OrganizationId,
        new: NewMember,
    ) -> Result<Member, OrganizationError> {
        let added = self.add_members(organization, &new.into()).await?;
        let only = added.into_iter().next();
        only.ok_or_else(|| StoreError::Corrupt("members: one was added and none is there".to_owned()).into())
    }

    /// Creates users for an organization, all or none, as its own: they reach nothing else. Returns their memberships in the order of
    /// `people`.
    ///
    /// Users elsewhere on the instance have no influence on the result, whatever their addresses are.
    ///
    /// # Errors
    /// Fails with [`OrganizationError::Denied`] unless the caller is an admin of the organization; with
    /// [`OrganizationError::AlreadyAMember`] or [`OrganizationError::InactiveMember`] if the organization has an own person with an equal
    /// address; with [`OrganizationError::UsernameTaken`] or [`OrganizationError::EmployeeNumberTaken`]. The error names the first user
    /// who cannot be added.
    pub async fn add_members(
        &self,
        organization: OrganizationId,
        people: &NewMembers,
    ) -> Result<Vec<Member>, OrganizationError> {
        retry!(self.try_add_members(Authority::Caller(&self.caller), organization, people))
    }
}

impl Operator {
    /// Creates a user for an organization.
    ///
    /// # Errors
    /// Fails like [`Self::add_members`].
    pub async fn add_member(
        &self,
        organization: OrganizationId,
        new: NewMember,
    ) -> Result<Member, OrganizationError> {
        let added = self.add_members(organization, &new.into()).await?;
        let only = added.into_iter().next();
        only.ok_or_else(|| StoreError::Corrupt("members: one was added and none is there".to_owned()).into())
    }

    /// Creates users for an organization, all or none, like [`Acting::add_members`].
    ///
    /// # Errors
    /// Fails like [`Acting::add_members`]; with [`OrganizationError::Denied`] only if the organization does not exist.
    pub async fn add_members(
        &self,
        organization: OrganizationId,
        people: &NewMembers,
    ) -> Result<Vec<Member>, OrganizationError> {
        retry!(self.try_add_members(Authority::Operator, organization, people))
    }
}

impl Attempt<'_> {
    async fn try_add_members(
        &self,
        authority: Authority<'_>,
        organization: OrganizationId,
        people: &NewMembers,
    ) -> Result<Vec<Member>, OrganizationError> {
        let mut uow = self.begin_for(authority).await?;
        let now = self.now();
        lock_for::<OrganizationError>(&mut *uow, authority, organization, Action::ManageMembers).await?;
        let mut added = Vec::with_capacity(people.as_slice().len());
        for (index, new) in people.as_slice().iter().enumerate() {
            let id = UserId::from_uuid(self.setup.ports.ids.next());
            let user = match &new.identity {
                NewIdentity::Person(email) => User::person(id, organization, email.clone(), now),
                NewIdentity::Machine => User::machine(id, organization, now),
            };
            if uow.insert_user(&user).await? == Inserted::KeyTaken {
                return Err(refused(&mut *uow, organization, (index, &user)).await?);
            }
            let admission = Admission { organization, role: new.role, profile: new.profile.clone() };
            added.push(self.admit(&mut *uow, authority.actor(), (index, user), admission, now).await?);
        }
        self.commit(uow).await?;
        Ok(added)
    }
}

/// Returns the reason why the organization cannot have another own person with this address.
async fn refused(
    uow: &mut dyn UnitOfWork,
    organization: OrganizationId,
    (index, user): (usize, &User),
) -> Result<OrganizationError, StoreError> {
    let there = match &user.email {
        Some(email) => uow.own_person_by_email(organization, email).await?,
        None => None,
    };
    // The organization is locked, so the person who has the address is still there.
    let there =
        there.ok_or_else(|| StoreError::Corrupt(format!("users: no row has the key of {}", user.id)))?;
    let member = pick(&uow.members(Scope::Organization(organization), &[there.id]).await?, there.id)?;
    Ok(if member.active {
        OrganizationError::AlreadyAMember { index }
    } else {
        OrganizationError::InactiveMember { index, organization, user: there.id }
    })
}
