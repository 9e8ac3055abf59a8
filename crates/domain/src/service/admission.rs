//! Use cases that add an organization's own people and machines. Accounts join by invitation, or by the operator.

use super::organizations::{Authority, lock_for};
use super::{Loggia, OrganizationError, pick, retry};
use crate::event::{Actor, SubjectKind, Verb, created};
use crate::id::{DisplayNumber, OrganizationId, UserId};
use crate::instant::Timestamp;
use crate::policy::Action;
use crate::port::{Inserted, MemberInserted, StoreError, UnitOfWork};
use crate::role::ScopeRole;
use crate::roster::{BatchError, MAX_BATCH, repeated};
use crate::scope::Scope;
use crate::text::EmailAddress;
use crate::user::{Member, Profile, User};

/// The identity of a user to be created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NewIdentity {
    /// A person with this address.
    Person(EmailAddress),
    /// A machine.
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

/// A user to be created for an organization, as its own.
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
    /// Creates a request to add a person with this address.
    pub const fn person(email: EmailAddress, profile: Profile, role: ScopeRole) -> Self {
        Self { identity: NewIdentity::Person(email), profile, role }
    }

    /// Creates a request to add a machine.
    pub const fn machine(profile: Profile, role: ScopeRole) -> Self {
        Self { identity: NewIdentity::Machine, profile, role }
    }
}

/// One to [`MAX_BATCH`] users to be created for an organization together, all or none. No address occurs twice.
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
    /// Creates a user for an organization.
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
        let mut added = Vec::with_capacity(people.as_slice().len());
        for (index, new) in people.as_slice().iter().enumerate() {
            let id = UserId::from_uuid(self.ports.ids.next());
            let user = match &new.identity {
                NewIdentity::Person(email) => User::person(id, organization, email.clone(), now),
                NewIdentity::Machine => User::machine(id, organization, now),
            };
            if uow.insert_user(&user).await? == Inserted::KeyTaken {
                return Err(refused(&mut *uow, organization, (index, &user)).await?);
            }
            let place = Place { organization, role: new.role, profile: new.profile.clone() };
            added.push(self.admit(&mut *uow, authority.actor(), (index, user), place, now).await?);
        }
        self.commit(uow).await?;
        Ok(added)
    }

    /// Makes a user a member of an organization; `index` is the user's index in the list of the call.
    pub(super) async fn admit(
        &self,
        uow: &mut dyn UnitOfWork,
        actor: Actor,
        (index, user): (usize, User),
        place: Place,
        now: Timestamp,
    ) -> Result<Member, OrganizationError> {
        let scope = Scope::Organization(place.organization);
        let number = uow.next_member_number(scope).await?;
        let member = member_of(scope, &user, number, place.role, place.profile, now);
        let outcome = uow.insert_member(&member).await?;
        if outcome == (MemberInserted::AlreadyAMember { active: false }) {
            let organization = place.organization;
            return Err(OrganizationError::InactiveMember { index, organization, user: user.id });
        }
        written(outcome, index)?;
        let journal = self.journal(actor, scope, now);
        let fields = created(member.fields());
        journal.note(uow, Verb::Created, SubjectKind::Member, user.id.as_uuid(), fields).await?;
        Ok(member)
    }
}

/// The place of a new member in an organization.
pub(super) struct Place {
    pub(super) organization: OrganizationId,
    pub(super) role: ScopeRole,
    pub(super) profile: Profile,
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

pub(super) fn member_of(
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
        home: user.home,
        email: user.email.clone(),
        number,
        role,
        active: true,
        profile,
        created_at: now,
        updated_at: now,
        revision: 1,
        erased_at: None,
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
