//! Use cases of organizations.

use super::members::NewMember;
use super::{IssuedKey, Loggia, NewKey, OrganizationError, retry};
use crate::event::{Actor, SubjectKind, Verb, created};
use crate::id::OrganizationId;
use crate::key::{Ability, Caller};
use crate::organization::Organization;
use crate::policy::{Action, Denied, Standing, decide};
use crate::port::{StoreError, UnitOfWork};
use crate::role::ScopeRole;
use crate::scope::{Reach, Scope};
use crate::text::{EmailAddress, KeyName, OrganizationName};
use crate::user::{Member, Profile};

/// On whose word something is done.
#[derive(Clone, Copy, Debug)]
pub enum Authority<'a> {
    /// Whoever runs the instance.
    Operator,
    /// A caller, judged by the policy.
    Caller(&'a Caller),
}

impl Authority<'_> {
    pub(super) fn actor(self) -> Actor {
        match self {
            Self::Operator => Actor::Operator,
            Self::Caller(caller) => caller.actor(),
        }
    }
}

/// A first organization and who runs it.
#[derive(Clone, Debug)]
pub struct Bootstrap {
    /// The organization's name.
    pub organization: OrganizationName,
    /// The admin's address; a user who has it already is taken.
    pub email: EmailAddress,
    /// The admin's profile.
    pub profile: Profile,
    /// What the admin's key is called.
    pub key: KeyName,
}

/// What came of a [`Bootstrap`].
#[derive(Clone, Debug)]
pub struct Bootstrapped {
    /// The organization.
    pub organization: Organization,
    /// Its admin.
    pub member: Member,
    /// A key of the admin's, with the organization as its default scope.
    pub issued: IssuedKey,
}

impl Loggia {
    /// Whether the store has any organization yet.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn has_organizations(&self) -> Result<bool, StoreError> {
        self.ports.views.has_organizations().await
    }

    /// The caller's organizations and the role in each.
    ///
    /// # Errors
    /// [`OrganizationError::Denied`] if the key may not read.
    pub async fn list_organizations(
        &self,
        caller: &Caller,
    ) -> Result<Vec<(Organization, ScopeRole)>, OrganizationError> {
        decide(Action::ListOrganizations, Standing::Oneself, caller.ability)?;
        Ok(self.ports.views.organizations(&caller.viewer()).await?)
    }

    /// One of the caller's organizations, and the role in it.
    ///
    /// # Errors
    /// [`OrganizationError::Denied`] if it is not there for the caller.
    pub async fn organization(
        &self,
        caller: &Caller,
        id: OrganizationId,
    ) -> Result<(Organization, ScopeRole), OrganizationError> {
        let found = self.ports.views.organization(&caller.viewer(), id).await?;
        let (organization, role) = found.ok_or(Denied::Hidden)?;
        decide(Action::ReadOrganization, Standing::InScope(role), caller.ability)?;
        Ok((organization, role))
    }

    /// Makes an organization, its admin (or gives the role to a user who is there) and a key for them.
    ///
    /// With `only_if_first`, `None` if there is an organization already, also if it was made a moment ago.
    ///
    /// # Errors
    /// [`OrganizationError`].
    pub async fn bootstrap(
        &self,
        plan: &Bootstrap,
        only_if_first: bool,
    ) -> Result<Option<Bootstrapped>, OrganizationError> {
        retry!(self.try_bootstrap(plan, only_if_first))
    }

    async fn try_bootstrap(
        &self,
        plan: &Bootstrap,
        only_if_first: bool,
    ) -> Result<Option<Bootstrapped>, OrganizationError> {
        let mut uow = self.ports.store.begin().await?;
        let now = self.now();
        if only_if_first && uow.lock_instance().await? {
            return Ok(None);
        }
        let id = OrganizationId::from_uuid(self.ports.ids.next());
        let organization = Organization {
            id,
            name: plan.organization.clone(),
            created_at: now,
            updated_at: now,
            revision: 1,
        };
        let scope = Scope::Organization(id);
        uow.insert_organization(&organization).await?;
        let journal = self.journal(Actor::Operator, scope, now);
        let fields = created(organization.fields());
        journal.note(&mut *uow, Verb::Created, SubjectKind::Organization, id.as_uuid(), fields).await?;
        let admin =
            NewMember { email: plan.email.clone(), profile: plan.profile.clone(), role: ScopeRole::Admin };
        let member = self.admit(&mut *uow, Actor::Operator, scope, admin, now).await?;
        let key = NewKey {
            name: plan.key.clone(),
            default_scope: scope,
            reach: Reach::Everywhere,
            ability: Ability::Write,
            expires_at: None,
        };
        let issued = self.write_key(&mut *uow, Actor::Operator, member.user, key, now).await?;
        uow.commit().await?;
        Ok(Some(Bootstrapped { organization, member, issued }))
    }

    /// Gives an organization another name.
    ///
    /// # Errors
    /// [`OrganizationError::Denied`].
    pub async fn rename_organization(
        &self,
        authority: Authority<'_>,
        id: OrganizationId,
        name: OrganizationName,
    ) -> Result<Organization, OrganizationError> {
        retry!(self.try_rename_organization(authority, id, name.clone()))
    }

    async fn try_rename_organization(
        &self,
        authority: Authority<'_>,
        id: OrganizationId,
        name: OrganizationName,
    ) -> Result<Organization, OrganizationError> {
        let mut uow = self.ports.store.begin().await?;
        let now = self.now();
        let mut organization = lock_for(&mut *uow, authority, id, Action::UpdateOrganization).await?;
        let changes = organization.rename(name, now);
        if !changes.is_empty() {
            uow.update_organization(&organization).await?;
            let journal = self.journal(authority.actor(), Scope::Organization(id), now);
            journal.note(&mut *uow, Verb::Updated, SubjectKind::Organization, id.as_uuid(), changes).await?;
            uow.commit().await?;
        }
        Ok(organization)
    }
}

/// Locks an organization for whoever may do that to it.
pub(super) async fn lock_for(
    uow: &mut dyn UnitOfWork,
    authority: Authority<'_>,
    id: OrganizationId,
    action: Action,
) -> Result<Organization, OrganizationError> {
    match authority {
        Authority::Operator => Ok(uow.lock_any_organization(id).await?.ok_or(Denied::Hidden)?),
        Authority::Caller(caller) => {
            let found = uow.lock_organization(&caller.viewer(), id).await?;
            let (organization, role) = found.ok_or(Denied::Hidden)?;
            decide(action, Standing::InScope(role), caller.ability)?;
            Ok(organization)
        }
    }
}
