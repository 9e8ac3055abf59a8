//! Use cases of organizations.

use super::accounts::NewAccount;
use super::admission::Place;
use super::keys::KeyHolder;
use super::{IssuedKey, Loggia, NewKey, OrganizationError, pick, retry};
use crate::event::{Actor, SubjectKind, Verb, created};
use crate::id::OrganizationId;
use crate::instant::Timestamp;
use crate::key::{Ability, ApiKey, Caller, KeyOrigin};
use crate::organization::Organization;
use crate::page::{Page, PageRequest};
use crate::policy::{Action, Denied, Forbidden, Standing, decide, decide_creation};
use crate::port::{StoreError, UnitOfWork};
use crate::role::ScopeRole;
use crate::scope::{Reach, Scope};
use crate::text::{EmailAddress, KeyName, OrganizationName};
use crate::user::{Member, Profile, User};

/// The authority under which a use case runs.
#[derive(Clone, Copy, Debug)]
pub enum Authority<'a> {
    /// The operator of the instance, who may do everything.
    Operator,
    /// A caller, for whom the policy decides.
    Caller(&'a Caller),
}

impl<'a> From<&'a Caller> for Authority<'a> {
    fn from(caller: &'a Caller) -> Self {
        Self::Caller(caller)
    }
}

impl Authority<'_> {
    pub(super) fn actor(self) -> Actor {
        match self {
            Self::Operator => Actor::Operator,
            Self::Caller(caller) => caller.actor(),
        }
    }
}

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
pub struct Bootstrapped {
    /// The organization.
    pub organization: Organization,
    /// The membership of its admin.
    pub member: Member,
    /// A key of the admin, with the organization as its default scope.
    pub issued: IssuedKey,
}

impl Loggia {
    /// Returns `true` if the store has or had an organization.
    ///
    /// # Errors
    /// Fails with [`StoreError`] if the store fails.
    pub async fn has_organizations(&self) -> Result<bool, StoreError> {
        self.ports.views.has_organizations().await
    }

    /// Returns a page of the current user's organizations, by id, with the role in each.
    ///
    /// # Errors
    /// Fails with [`OrganizationError::Denied`] if the key may not read.
    pub async fn list_organizations(
        &self,
        caller: &Caller,
        page: &PageRequest,
    ) -> Result<Page<(Organization, ScopeRole)>, OrganizationError> {
        decide(Action::ListOrganizations, Standing::Oneself, caller.ability)?;
        Ok(page.cut(self.ports.views.organizations(&caller.viewer(), &page.window()).await?, None))
    }

    /// Returns one of the current user's organizations, and the role in it.
    ///
    /// # Errors
    /// Fails with [`OrganizationError::Denied`] if the organization is hidden from the caller.
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

    /// Creates an organization, its admin and a key for the admin, for the operator. An account with the admin's address is reused.
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

    async fn write_organization(
        &self,
        uow: &mut dyn UnitOfWork,
        actor: Actor,
        name: OrganizationName,
        now: Timestamp,
    ) -> Result<Organization, StoreError> {
        let id = OrganizationId::from_uuid(self.ports.ids.next());
        let organization = Organization { id, name, created_at: now, updated_at: now, revision: 1 };
        uow.insert_organization(&organization).await?;
        let journal = self.journal(actor, Scope::Organization(id), now);
        let fields = created(organization.fields());
        journal.note(uow, Verb::Created, SubjectKind::Organization, id.as_uuid(), fields).await?;
        Ok(organization)
    }

    /// Creates an organization with the caller's account as its admin.
    ///
    /// # Errors
    /// Fails with [`OrganizationError::Denied`] if the key is confined to an organization or may only read, or if the instance's rule
    /// leaves the creation to the operator; with [`OrganizationError::TooMany`] at the limit.
    pub async fn create_organization(
        &self,
        caller: &Caller,
        name: OrganizationName,
    ) -> Result<(Organization, ScopeRole), OrganizationError> {
        retry!(self.try_create_organization(caller, name.clone()))
    }

    async fn try_create_organization(
        &self,
        caller: &Caller,
        name: OrganizationName,
    ) -> Result<(Organization, ScopeRole), OrganizationError> {
        decide_creation(self.organization_creation, caller.reach, caller.ability)?;
        let mut uow = self.begin_for(caller).await?;
        let (now, actor) = (self.now(), caller.actor());
        // A host may trust a user who has no personal scope: one that belongs to an organization.
        if uow.role_in_scope(&caller.viewer(), Scope::Personal(caller.user)).await?.is_none() {
            return Err(Denied::Forbidden(Forbidden::Reach).into());
        }
        let limit = self.user_limits.organizations;
        if uow.count_organization_of(caller.user).await? > u64::from(limit) {
            return Err(OrganizationError::TooMany { limit });
        }
        // Read under the lock of the user, so that a concurrent change of the profile reaches the new organization too.
        let own = pick(&uow.members(Scope::Personal(caller.user), &[caller.user]).await?, caller.user)?;
        let organization = self.write_organization(&mut *uow, actor, name, now).await?;
        let role = ScopeRole::Admin;
        let profile = Profile { username: None, employee_number: None, ..own.profile };
        let place = Place { organization: organization.id, role, profile };
        let user = User { id: own.user, kind: own.kind, home: own.home, email: own.email, created_at: now };
        self.admit(&mut *uow, actor, (0, user), place, now).await?;
        self.commit(uow).await?;
        Ok((organization, role))
    }

    /// Renames an organization.
    ///
    /// # Errors
    /// Fails like [`Self::update_organization`].
    pub async fn rename_organization(
        &self,
        authority: Authority<'_>,
        id: OrganizationId,
        name: OrganizationName,
    ) -> Result<Organization, OrganizationError> {
        self.update_organization(authority, id, Some(name)).await
    }

    /// Renames an organization. Without a name nothing is written, but the authority and the revision are checked.
    ///
    /// # Errors
    /// Fails with [`OrganizationError::Denied`] unless the caller is an admin of the organization, and with [`OrganizationError::Stale`].
    pub async fn update_organization(
        &self,
        authority: Authority<'_>,
        id: OrganizationId,
        name: Option<OrganizationName>,
    ) -> Result<Organization, OrganizationError> {
        retry!(self.try_update_organization(authority, id, name.clone()))
    }

    async fn try_update_organization(
        &self,
        authority: Authority<'_>,
        id: OrganizationId,
        name: Option<OrganizationName>,
    ) -> Result<Organization, OrganizationError> {
        let mut uow = self.begin_expecting(authority).await?;
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

/// Locks an organization for an authority that may do `action` to it.
pub(super) async fn lock_for<E: From<StoreError> + From<Denied>>(
    uow: &mut dyn UnitOfWork,
    authority: Authority<'_>,
    id: OrganizationId,
    action: Action,
) -> Result<Organization, E> {
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
