//! Use cases that add users to an organization: people by their e-mail address, machines without one.

use super::organizations::{Authority, lock_for};
use super::{Loggia, OrganizationError, retry};
use crate::event::{Actor, SubjectKind, Verb, created};
use crate::id::{DisplayNumber, OrganizationId, UserId};
use crate::instant::Timestamp;
use crate::policy::Action;
use crate::port::{Inserted, MemberInserted, StoreError, UnitOfWork};
use crate::role::ScopeRole;
use crate::roster::{BatchError, MAX_BATCH, repeated};
use crate::scope::Scope;
use crate::text::EmailAddress;
use crate::user::{Member, Profile, User, UserKind};

/// The identity of a user to be added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NewIdentity {
    /// The person with this address: the user who has it, or a new one.
    Person(EmailAddress),
    /// A new machine, which belongs to the organization.
    Machine,
}

impl NewIdentity {
    /// Returns the [key](EmailAddress::key) of the address, or `None` for a machine.
    fn address(&self) -> Option<String> {
        match self {
            Self::Person(email) => Some(email.key()),
            Self::Machine => None,
        }
    }
}

/// A user to be added to an organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMember {
    /// The identity.
    pub identity: NewIdentity,
    /// The profile in the organization.
    pub profile: Profile,
    /// The role in the organization.
    pub role: ScopeRole,
}

impl NewMember {
    /// Creates a request to add the person with this address.
    pub const fn person(email: EmailAddress, profile: Profile, role: ScopeRole) -> Self {
        Self { identity: NewIdentity::Person(email), profile, role }
    }

    /// Creates a request to add a machine.
    pub const fn machine(profile: Profile, role: ScopeRole) -> Self {
        Self { identity: NewIdentity::Machine, profile, role }
    }
}

/// One to [`MAX_BATCH`] users to be added to an organization together, all or none. No address occurs twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMembers(Vec<NewMember>);

impl NewMembers {
    /// Checks that the list has 1 to [`MAX_BATCH`] users and that no address occurs twice; [`repeated`] lists all that do.
    ///
    /// # Errors
    /// Fails with [`BatchError`] otherwise; the length is checked first.
    pub fn new(people: Vec<NewMember>) -> Result<Self, BatchError> {
        if people.is_empty() {
            return Err(BatchError::Empty);
        }
        if people.len() > MAX_BATCH {
            return Err(BatchError::TooMany);
        }
        match repeated(people.iter().map(|person| person.identity.address())).first() {
            Some(place) => Err(BatchError::Duplicate(*place)),
            None => Ok(Self(people)),
        }
    }

    /// Returns the users, in the order in which they were given.
    pub fn as_slice(&self) -> &[NewMember] {
        &self.0
    }
}

impl From<NewMember> for NewMembers {
    fn from(one: NewMember) -> Self {
        Self(vec![one])
    }
}

impl Loggia {
    /// Adds a user to an organization.
    ///
    /// # Errors
    /// Fails like [`Self::add_members`].
    pub async fn add_member(
        &self,
        authority: Authority<'_>,
        organization: OrganizationId,
        new: NewMember,
    ) -> Result<Member, OrganizationError> {
        let added = self.add_members(authority, organization, &new.into()).await?;
        let only = added.into_iter().next();
        only.ok_or_else(|| StoreError::Corrupt("members: one was added and none is there".to_owned()).into())
    }

    /// Adds users to an organization, all or none. Returns their memberships in the order of `people`.
    ///
    /// # Errors
    /// Fails with [`OrganizationError`], which names the first user who cannot be added. Neither the error nor the statements sent to the
    /// store reveal whether an address is known elsewhere on the instance.
    pub async fn add_members(
        &self,
        authority: Authority<'_>,
        organization: OrganizationId,
        people: &NewMembers,
    ) -> Result<Vec<Member>, OrganizationError> {
        retry!(self.try_add_members(authority, organization, people))
    }

    async fn try_add_members(
        &self,
        authority: Authority<'_>,
        organization: OrganizationId,
        people: &NewMembers,
    ) -> Result<Vec<Member>, OrganizationError> {
        let mut uow = self.begin_for(authority).await?;
        let now = self.now();
        lock_for::<OrganizationError>(&mut *uow, authority, organization, Action::ManageMembers).await?;
        let actor = authority.actor();
        // In the order of the addresses, so that two batches with common addresses wait for each other and cannot deadlock.
        let mut by_address: Vec<(usize, &NewMember)> = people.as_slice().iter().enumerate().collect();
        by_address.sort_by_cached_key(|(_, new)| new.identity.address());
        let mut users = Vec::with_capacity(by_address.len());
        for (index, new) in by_address {
            users.push((index, self.find_or_make(&mut *uow, actor, new, now).await?));
        }
        users.sort_by_key(|(index, _)| *index);
        let mut added = Vec::with_capacity(users.len());
        for ((index, user), new) in users.into_iter().zip(people.as_slice()) {
            added.push(self.admit(&mut *uow, actor, organization, (index, user), new, now).await?);
        }
        self.commit(uow).await?;
        Ok(added)
    }

    /// Finds or creates the user.
    ///
    /// Finding a known person takes as much work of the store as creating an unknown one: another person, with an address that no user
    /// can have, is inserted and rolled back. So the duration of the call does not reveal who is known elsewhere.
    pub(super) async fn find_or_make(
        &self,
        uow: &mut dyn UnitOfWork,
        actor: Actor,
        new: &NewMember,
        now: Timestamp,
    ) -> Result<User, OrganizationError> {
        let id = UserId::from_uuid(self.ports.ids.next());
        let NewIdentity::Person(address) = &new.identity else {
            let machine = User { id, kind: UserKind::Machine, email: None, created_at: now };
            insert_user(uow, &machine).await?;
            return Ok(machine);
        };
        let known = uow.user_by_email(address).await?;
        let email = if known.is_some() { EmailAddress::of_nobody(id.as_uuid()) } else { address.clone() };
        let fresh = User { id, kind: UserKind::Person, email: Some(email), created_at: now };
        uow.begin_trial().await?;
        self.make_person(uow, actor, &fresh, &new.profile, now).await?;
        uow.end_trial(known.is_none()).await?;
        Ok(known.unwrap_or(fresh))
    }

    /// Inserts a person who is new to the instance, as the admin of their own personal scope.
    async fn make_person(
        &self,
        uow: &mut dyn UnitOfWork,
        actor: Actor,
        user: &User,
        profile: &Profile,
        now: Timestamp,
    ) -> Result<(), OrganizationError> {
        insert_user(uow, user).await?;
        // The employee number belongs to the organization's own records, so the personal scope does not get it.
        let profile = Profile { employee_number: None, ..profile.clone() };
        let scope = Scope::Personal(user.id);
        let own = member_of(scope, user, DisplayNumber::new(1), ScopeRole::Admin, profile, now);
        written(uow.insert_member(&own).await?, 0)?;
        let journal = self.journal(actor, scope, now);
        let fields = created(own.fields());
        journal.note(uow, Verb::Created, SubjectKind::Member, user.id.as_uuid(), fields).await?;
        Ok(())
    }

    /// Makes a user a member of the organization; `index` is the user's index in the list of the call.
    pub(super) async fn admit(
        &self,
        uow: &mut dyn UnitOfWork,
        actor: Actor,
        organization: OrganizationId,
        (index, user): (usize, User),
        new: &NewMember,
        now: Timestamp,
    ) -> Result<Member, OrganizationError> {
        let scope = Scope::Organization(organization);
        let number = uow.next_member_number(scope).await?;
        let member = member_of(scope, &user, number, new.role, new.profile.clone(), now);
        let outcome = uow.insert_member(&member).await?;
        if outcome == (MemberInserted::AlreadyAMember { active: false }) {
            return Err(OrganizationError::InactiveMember { index, organization, user: user.id });
        }
        written(outcome, index)?;
        let journal = self.journal(actor, scope, now);
        let fields = created(member.fields());
        journal.note(uow, Verb::Created, SubjectKind::Member, user.id.as_uuid(), fields).await?;
        Ok(member)
    }
}

fn member_of(
    scope: Scope,
    user: &User,
    number: DisplayNumber,
    role: ScopeRole,
    profile: Profile,
    now: Timestamp,
) -> Member {
    Member {
        scope,
        user: user.id,
        kind: user.kind,
        email: user.email.clone(),
        number,
        role,
        active: true,
        profile,
        created_at: now,
        updated_at: now,
        revision: 1,
    }
}

async fn insert_user(uow: &mut dyn UnitOfWork, user: &User) -> Result<(), StoreError> {
    match uow.insert_user(user).await? {
        Inserted::Yes => Ok(()),
        // Another unit of work added the address after the look-up; the next attempt finds it.
        Inserted::KeyTaken => Err(StoreError::Contended(None)),
    }
}

/// Turns the outcome of inserting or updating a member into an error; `index` is the member's index in the list of the call.
pub(super) fn written(outcome: MemberInserted, index: usize) -> Result<(), OrganizationError> {
    match outcome {
        MemberInserted::Yes => Ok(()),
        MemberInserted::AlreadyAMember { .. } => Err(OrganizationError::AlreadyAMember { index }),
        MemberInserted::UsernameTaken => Err(OrganizationError::UsernameTaken { index }),
        MemberInserted::EmployeeNumberTaken => Err(OrganizationError::EmployeeNumberTaken { index }),
    }
}
