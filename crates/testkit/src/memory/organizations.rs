//! Users, organizations and members.

use async_trait::async_trait;
use loggia_domain::id::{DisplayNumber, OrganizationId, UserId};
use loggia_domain::instant::Timestamp;
use loggia_domain::organization::Organization;
use loggia_domain::port::{Inserted, MemberInserted, OrganizationRows, StoreError};
use loggia_domain::role::ScopeRole;
use loggia_domain::scope::{Readmissions, Scope, Viewer};
use loggia_domain::text::EmailAddress;
use loggia_domain::user::{Member, User, UserKind};

use super::tables::{ScopeRow, Tables};
use super::unit::{MemoryUnit, broken, ensure};

impl Tables {
    /// Returns the user with this home who has the address.
    pub(super) fn user_by_email(&self, home: Option<OrganizationId>, email: &EmailAddress) -> Option<User> {
        self.addresses.get(&(home, email.key())).and_then(|id| self.users.get(id)).cloned()
    }

    pub(super) fn organization(
        &self,
        viewer: &Viewer,
        id: OrganizationId,
    ) -> Option<(Organization, ScopeRole)> {
        let role = self.role(viewer, Scope::Organization(id))?;
        Some((self.organizations.get(&id)?.clone(), role))
    }

    /// Returns the conflict of a member's username or employee number with another member of the scope, if there is one.
    fn taken(&self, member: &Member) -> Option<MemberInserted> {
        let username = |member: &Member| member.profile.username.as_ref().map(|it| it.folded());
        let employee = |member: &Member| member.profile.employee_number.as_ref().map(|it| it.folded());
        let (own_username, own_employee) = (username(member), employee(member));
        let mut taken = None;
        for other in self.members_of(member.scope).filter(|other| other.user != member.user) {
            if own_username.is_some() && username(other) == own_username {
                return Some(MemberInserted::UsernameTaken);
            }
            if own_employee.is_some() && employee(other) == own_employee {
                taken = Some(MemberInserted::EmployeeNumberTaken);
            }
        }
        taken
    }

    fn members_among(&self, scope: Scope, users: &[UserId]) -> Vec<Member> {
        let mut found: Vec<Member> =
            users.iter().filter_map(|user| self.members.get(&(scope, *user))).cloned().collect();
        found.sort_by_key(|member| member.user);
        found.dedup_by_key(|member| member.user);
        found
    }
}

/// Returns the address that a membership shows: none of an account that is no longer a member.
fn shown_address(member: &Member) -> Option<EmailAddress> {
    member.email.clone().filter(|_| member.active || !member.is_account())
}

#[async_trait]
impl OrganizationRows for MemoryUnit {
    async fn account_by_email(&mut self, email: &EmailAddress) -> Result<Option<User>, StoreError> {
        Ok(self.tables.user_by_email(None, email))
    }

    async fn own_person_by_email(
        &mut self,
        organization: OrganizationId,
        email: &EmailAddress,
    ) -> Result<Option<User>, StoreError> {
        Ok(self.tables.user_by_email(Some(organization), email))
    }

    async fn insert_user(&mut self, user: &User) -> Result<Inserted, StoreError> {
        let address = user.email.as_ref().map(|email| (user.home, email.key()));
        if address.as_ref().is_some_and(|address| self.tables.addresses.contains(address)) {
            return Ok(Inserted::KeyTaken);
        }
        ensure(!self.tables.users.contains(&user.id), "user ids are unique")?;
        ensure((user.kind == UserKind::Person) == address.is_some(), "people have addresses, machines none")?;
        match user.home {
            Some(home) => {
                let home = Scope::Organization(home);
                ensure(self.tables.scopes.contains(&home), "a user's home exists")?;
            }
            None => {
                ensure(user.kind == UserKind::Person, "an account is a person")?;
                self.tables.scopes.insert(Scope::Personal(user.id), ScopeRow::default());
            }
        }
        if let Some(address) = address {
            self.tables.addresses.insert(address, user.id);
        }
        self.tables.users.insert(user.id, user.clone());
        Ok(Inserted::Yes)
    }

    async fn update_address(
        &mut self,
        user: UserId,
        home: Option<OrganizationId>,
        email: &EmailAddress,
    ) -> Result<Inserted, StoreError> {
        let address = (home, email.key());
        if self.tables.addresses.get(&address).is_some_and(|there| *there != user) {
            return Ok(Inserted::KeyTaken);
        }
        let row = self.tables.users.get_mut(&user).ok_or(broken("no such user"))?;
        let before = row.email.replace(email.clone()).ok_or(broken("a machine has no address"))?;
        self.tables.addresses.remove(&(home, before.key()));
        self.tables.addresses.insert(address, user);
        let scopes: Vec<_> = self.tables.scopes.entries().map(|(scope, _)| *scope).collect();
        for scope in scopes {
            if let Some(member) = self.tables.members.get_mut(&(scope, user)) {
                member.email = Some(email.clone());
                member.email = shown_address(member);
            }
        }
        Ok(Inserted::Yes)
    }

    async fn insert_organization(&mut self, organization: &Organization) -> Result<(), StoreError> {
        ensure(!self.tables.organizations.contains(&organization.id), "organization ids are unique")?;
        self.tables.scopes.insert(Scope::Organization(organization.id), ScopeRow::default());
        self.tables.organizations.insert(organization.id, organization.clone());
        self.tables.had_organizations = true;
        Ok(())
    }

    async fn lock_any_organization(
        &mut self,
        id: OrganizationId,
    ) -> Result<Option<Organization>, StoreError> {
        let is_open = !self.tables.closed.contains(&id);
        Ok(self.tables.organizations.get(&id).filter(|_| is_open).cloned())
    }

    async fn update_organization(&mut self, organization: &Organization) -> Result<(), StoreError> {
        let row =
            self.tables.organizations.get_mut(&organization.id).ok_or(broken("no such organization"))?;
        *row = Organization { created_at: row.created_at, ..organization.clone() };
        Ok(())
    }

    async fn next_member_number(&mut self, scope: Scope) -> Result<DisplayNumber, StoreError> {
        let row = self.tables.scopes.get_mut(&scope).ok_or(broken("no such scope"))?;
        row.members += 1;
        Ok(DisplayNumber::new(row.members))
    }

    async fn insert_member(&mut self, member: &Member) -> Result<MemberInserted, StoreError> {
        ensure(self.tables.scopes.contains(&member.scope), "a member's scope exists")?;
        ensure(self.tables.users.contains(&member.user), "a member is a user")?;
        let key = (member.scope, member.user);
        if let Some(there) = self.tables.members.get(&key) {
            return Ok(MemberInserted::AlreadyAMember { active: there.active });
        }
        if let Some(taken) = self.tables.taken(member) {
            return Ok(taken);
        }
        self.tables.members.insert(key, Member { email: shown_address(member), ..member.clone() });
        Ok(MemberInserted::Yes)
    }

    async fn update_member(&mut self, member: &Member) -> Result<MemberInserted, StoreError> {
        if let Some(taken) = self.tables.taken(member) {
            return Ok(taken);
        }
        let key = (member.scope, member.user);
        let row = self.tables.members.get_mut(&key).ok_or(broken("no such member"))?;
        row.role = member.role;
        row.active = member.active;
        row.email = shown_address(member);
        row.profile = member.profile.clone();
        row.updated_at = member.updated_at;
        row.revision = member.revision;
        Ok(MemberInserted::Yes)
    }

    async fn erase_user(
        &mut self,
        home: OrganizationId,
        user: UserId,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let row = self.tables.users.get_mut(&user).filter(|row| row.home == Some(home));
        let before = row.ok_or(broken("no such user of the organization"))?.email.take();
        if let Some(email) = before {
            self.tables.addresses.remove(&(Some(home), email.key()));
        }
        let key = (Scope::Organization(home), user);
        let member = self.tables.members.get_mut(&key).ok_or(broken("no such member"))?;
        member.email = None;
        member.erased_at = Some(at);
        Ok(())
    }

    async fn role_in_scope(
        &mut self,
        viewer: &Viewer,
        scope: Scope,
    ) -> Result<Option<ScopeRole>, StoreError> {
        Ok(self.tables.role(viewer, scope))
    }

    async fn members(&mut self, scope: Scope, users: &[UserId]) -> Result<Vec<Member>, StoreError> {
        Ok(self.tables.members_among(scope, users))
    }

    async fn lock_memberships_of(&mut self, user: UserId) -> Result<Vec<Member>, StoreError> {
        let own = self.tables.members.values().filter(|member| member.user == user && member.active);
        let mut own: Vec<Member> = own.cloned().collect();
        own.sort_by_key(|member| member.scope.id());
        Ok(own)
    }

    async fn lock_user(&mut self, user: UserId) -> Result<Readmissions, StoreError> {
        ensure(self.tables.users.contains(&user), "who is locked is a user")?;
        Ok(self.tables.readmissions.get(&user).copied().unwrap_or_default())
    }

    async fn count_organization_of(&mut self, maker: UserId) -> Result<u64, StoreError> {
        let made = self.tables.organizations_made.entry(maker);
        *made += 1;
        Ok(*made)
    }

    async fn count_active_admins(&mut self, scope: Scope) -> Result<u64, StoreError> {
        let admins = self.tables.members_of(scope).filter(|member| member.is_active_admin());
        Ok(admins.fold(0, |count, _| count + 1))
    }
}
