//! Use cases of organizations.

use super::acting::Acting;
use super::error::OrganizationError;
use super::execution::{Attempt, Authority, retry};
use super::operator::Operator;
use super::precondition::Precondition;
use super::steps::{Admission, lock_for, pick};
use crate::event::{SubjectKind, Verb};
use crate::id::OrganizationId;
use crate::key::Caller;
use crate::organization::Organization;
use crate::page::{Page, PageRequest};
use crate::policy::{Action, Denied, Forbidden, Standing, decide, decide_creation};
use crate::role::ScopeRole;
use crate::scope::Scope;
use crate::text::OrganizationName;
use crate::user::{Profile, User};

impl Acting {
    /// Returns a page of the current user's organizations, by id, with the role in each.
    ///
    /// # Errors
    /// Fails with [`OrganizationError::Denied`] if the key may not read.
    pub async fn list_organizations(
        &self,
        page: &PageRequest,
    ) -> Result<Page<(Organization, ScopeRole)>, OrganizationError> {
        decide(Action::ListOrganizations, Standing::Oneself, self.caller.ability)?;
        Ok(page.cut(self.views().organizations(&self.caller.viewer(), &page.window()).await?, None))
    }

    /// Returns one of the current user's organizations, and the role in it.
    ///
    /// # Errors
    /// Fails with [`OrganizationError::Denied`] if the organization is hidden from the caller.
    pub async fn organization(
        &self,
        id: OrganizationId,
    ) -> Result<(Organization, ScopeRole), OrganizationError> {
        let found = self.views().organization(&self.caller.viewer(), id).await?;
        let (organization, role) = found.ok_or(Denied::Hidden)?;
        decide(Action::ReadOrganization, Standing::InScope(role), self.caller.ability)?;
        Ok((organization, role))
    }

    /// Creates an organization with the caller's account as its admin.
    ///
    /// # Errors
    /// Fails with [`OrganizationError::Denied`] if the key is confined to an organization or may only read, or if the instance's rule
    /// leaves the creation to the operator; with [`OrganizationError::TooMany`] at the limit.
    pub async fn create_organization(
        &self,
        name: OrganizationName,
    ) -> Result<(Organization, ScopeRole), OrganizationError> {
        retry!(self.try_create_organization(&self.caller, name.clone()))
    }
}

impl<P: Precondition> Acting<P> {
    /// Renames an organization.
    ///
    /// # Errors
    /// Fails like [`Self::update_organization`].
    pub async fn rename_organization(
        &self,
        id: OrganizationId,
        name: OrganizationName,
    ) -> Result<Organization, OrganizationError> {
        self.update_organization(id, Some(name)).await
    }

    /// Renames an organization. Without a name nothing is written, but the authority and the revision are checked.
    ///
    /// # Errors
    /// Fails with [`OrganizationError::Denied`] unless the caller is an admin of the organization, and with [`OrganizationError::Stale`].
    pub async fn update_organization(
        &self,
        id: OrganizationId,
        name: Option<OrganizationName>,
    ) -> Result<Organization, OrganizationError> {
        retry!(self.try_update_organization(Authority::Caller(&self.caller), id, name.clone()))
    }
}

impl<P: Precondition> Operator<P> {
    /// Renames an organization, like [`Acting::rename_organization`].
    ///
    /// # Errors
    /// Fails like [`Self::update_organization`].
    pub async fn rename_organization(
        &self,
        id: OrganizationId,
        name: OrganizationName,
    ) -> Result<Organization, OrganizationError> {
        self.update_organization(id, Some(name)).await
    }

    /// Renames an organization, like [`Acting::update_organization`].
    ///
    /// # Errors
    /// Fails with [`OrganizationError::Denied`] if the organization does not exist, and with [`OrganizationError::Stale`].
    pub async fn update_organization(
        &self,
        id: OrganizationId,
        name: Option<OrganizationName>,
    ) -> Result<Organization, OrganizationError> {
        retry!(self.try_update_organization(Authority::Operator, id, name.clone()))
    }
}

impl Attempt<'_> {
    async fn try_create_organization(
        &self,
        caller: &Caller,
        name: OrganizationName,
    ) -> Result<(Organization, ScopeRole), OrganizationError> {
        decide_creation(self.setup.organization_creation, caller.reach, caller.ability)?;
        let mut uow = self.begin_for(caller).await?;
        let (now, actor) = (self.now(), caller.actor());
        // A host may trust a user who has no personal scope: one that belongs to an organization.
        if uow.role_in_scope(&caller.viewer(), Scope::Personal(caller.user)).await?.is_none() {
            return Err(Denied::Forbidden(Forbidden::Reach).into());
        }
        let limit = self.setup.user_limits.organizations;
        if uow.count_organization_of(caller.user).await? > u64::from(limit) {
            return Err(OrganizationError::TooMany { limit });
        }
        // Read under the lock of the user, so that a concurrent change of the profile reaches the new organization too.
        let own = pick(&uow.members(Scope::Personal(caller.user), &[caller.user]).await?, caller.user)?;
        let organization = self.write_organization(&mut *uow, actor, name, now).await?;
        let role = ScopeRole::Admin;
        let profile = Profile { username: None, employee_number: None, ..own.profile };
        let admission = Admission { organization: organization.id, role, profile };
        let user = User { id: own.user, kind: own.kind, home: own.home, email: own.email, created_at: now };
        self.admit(&mut *uow, actor, (0, user), admission, now).await?;
        self.commit(uow).await?;
        Ok((organization, role))
    }

    async fn try_update_organization(
        &self,
        authority: Authority<'_>,
        id: OrganizationId,
        name: Option<OrganizationName>,
    ) -> Result<Organization, OrganizationError> {
        let mut uow = self.begin_for(authority).await?;
        let now = self.now();
        let mut organization =
            lock_for::<OrganizationError>(&mut *uow, authority, id, Action::UpdateOrganization).await?;
        self.check_revision(organization.revision)?;
        let journal = self.journal(authority.actor(), Scope::Organization(id), now);
        let changes = name.map(|name| organization.rename(name, now)).unwrap_or_default();
        if !changes.is_empty() {
            uow.update_organization(&organization).await?;
            journal.note(&mut *uow, Verb::Updated, SubjectKind::Organization, id.as_uuid(), changes).await?;
            self.commit(uow).await?;
        }
        Ok(organization)
    }
}
