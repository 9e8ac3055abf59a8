//! Users to be created for an organization, as its own.

use crate::role::ScopeRole;
use crate::roster::{BatchError, MAX_BATCH, repeated};
use crate::text::EmailAddress;
use crate::user::Profile;

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
            Some(index) => Err(BatchError::Duplicate(*index)),
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
