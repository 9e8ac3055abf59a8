//! Users of the instance, and the members of a scope.

use crate::event::{Change, Fields, changed, set};
use crate::id::{DisplayNumber, OrganizationId, UserId};
use crate::instant::Timestamp;
use crate::literal::literals;
use crate::organization::LastAdmin;
use crate::role::ScopeRole;
use crate::scope::Scope;
use crate::text::{AvatarUrl, EmailAddress, EmployeeNumber, PersonName, Username, search_form};

mod erasure;

literals! {
    /// The kind of a user.
    UserKind {
        /// A human with an e-mail address.
        Person = "person",
        /// A program. It has no address, and belongs to the organization that created it.
        Machine = "machine",
    }
}

/// A user: an identity that can act.
///
/// A user without a [home](Self::home) is an *account*. It belongs to its person: it has a personal scope, and joins and leaves
/// organizations as the person wishes. A user with a home is that organization's *own* person or machine: the organization created it,
/// keeps its profile, and is the only scope that it reaches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The user's id, shown as `node_id` in the projects dialect.
    pub id: UserId,
    /// The kind: a person or a machine.
    pub kind: UserKind,
    /// The organization that the user belongs to; `None` for an account.
    pub home: Option<OrganizationId>,
    /// The address of a person; `None` for a machine. Its [key](EmailAddress::key) is unique among the accounts of the instance, or among
    /// the own people of one organization.
    pub email: Option<EmailAddress>,
    /// The time at which the user was created.
    pub created_at: Timestamp,
}

impl User {
    /// Creates an account.
    pub const fn account(id: UserId, email: EmailAddress, created_at: Timestamp) -> Self {
        Self { id, kind: UserKind::Person, home: None, email: Some(email), created_at }
    }

    /// Creates a person of the organization's own.
    pub const fn person(
        id: UserId,
        home: OrganizationId,
        email: EmailAddress,
        created_at: Timestamp,
    ) -> Self {
        Self { id, kind: UserKind::Person, home: Some(home), email: Some(email), created_at }
    }

    /// Creates a machine of the organization.
    pub const fn machine(id: UserId, home: OrganizationId, created_at: Timestamp) -> Self {
        Self { id, kind: UserKind::Machine, home: Some(home), email: None, created_at }
    }
}

/// The profile of a member in a scope. Names and picture of an account are its own, and equal in all of its scopes; everything else
/// belongs to the scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// The first name.
    pub first_name: PersonName,
    /// The last name.
    pub last_name: PersonName,
    /// A short name, unique in the scope.
    pub username: Option<Username>,
    /// The number or name in the organization's own records, unique in the scope.
    pub employee_number: Option<EmployeeNumber>,
    /// The URL of a picture.
    pub avatar: Option<AvatarUrl>,
}

impl Profile {
    /// Creates a profile with a name, and with no other field set.
    pub const fn named(first_name: PersonName, last_name: PersonName) -> Self {
        Self { first_name, last_name, username: None, employee_number: None, avatar: None }
    }

    /// The maximum number of characters of a full name.
    pub const MAX_FULL_NAME: usize = 2 * PersonName::MAX + 1;

    /// Returns the first and the last name, with a space between them.
    pub fn full_name(&self) -> String {
        format!("{} {}", self.first_name, self.last_name)
    }

    /// Returns the key by which members are ordered by name: the search form of the last name, a separator, and the search form of the
    /// first name.
    ///
    /// The separator is less than every character that a name may have, so a name sorts before longer names that begin with it.
    pub fn name_key(&self) -> String {
        name_key(self.first_name.as_str(), self.last_name.as_str())
    }
}

/// Returns [`Profile::name_key`] for stored texts, so that a store can fill in or recompute its column.
pub fn name_key(first_name: &str, last_name: &str) -> String {
    format!("{}{SEPARATOR}{}", search_form(last_name), search_form(first_name))
}

/// Returns [`Member::search_key`] for stored texts.
pub fn search_key(first_name: &str, last_name: &str, username: Option<&str>, email: Option<&str>) -> String {
    let [username, email] = [username, email].map(|text| text.map(search_form).unwrap_or_default());
    let [first_name, last_name] = [first_name, last_name].map(search_form);
    format!("{first_name} {last_name}{SEPARATOR}{username}{SEPARATOR}{email}")
}

/// The separator of texts that are stored together: U+001F, a control character, which no text contains.
const SEPARATOR: char = '\u{1f}';

/// A partial update of a member (RFC 7396): `None` leaves a field unchanged, `Some(None)` clears it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemberPatch {
    /// See [`Member::role`].
    pub role: Option<ScopeRole>,
    /// See [`Member::active`].
    pub active: Option<bool>,
    /// See [`Member::email`].
    pub email: Option<EmailAddress>,
    /// See [`Profile::first_name`].
    pub first_name: Option<PersonName>,
    /// See [`Profile::last_name`].
    pub last_name: Option<PersonName>,
    /// See [`Profile::username`].
    pub username: Option<Option<Username>>,
    /// See [`Profile::employee_number`].
    pub employee_number: Option<Option<EmployeeNumber>>,
    /// See [`Profile::avatar`].
    pub avatar: Option<Option<AvatarUrl>>,
}

/// The reason why a membership was not changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MemberRefused {
    /// The scope would be left without an active admin.
    #[error(transparent)]
    LastAdmin(#[from] LastAdmin),
    /// The names, the picture and the address of an account are not the organization's.
    #[error(
        "the names, the picture and the address belong to the account, and an organization cannot change them"
    )]
    BelongsToAccount,
    /// A machine has no address.
    #[error("a machine has no e-mail address")]
    NoAddress,
    /// The user was erased, which is for good.
    #[error("the user was erased")]
    Erased,
}

/// A user's membership of a scope: of an organization, or of their own personal scope, whose only member and admin they are.
///
/// A membership is deleted with its organization only, so that records keep their author; a member who left is inactive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The scope.
    pub scope: Scope,
    /// The user.
    pub user: UserId,
    /// The kind of the user.
    pub kind: UserKind,
    /// The organization that the user belongs to, see [`User::home`]; `None` for an account.
    pub home: Option<OrganizationId>,
    /// The address of the user; `None` for a machine, for an erased user, and for an account that is no longer a member: a former
    /// organization does not learn a new address.
    pub email: Option<EmailAddress>,
    /// The member's number in this scope.
    pub number: DisplayNumber,
    /// The role in the scope.
    pub role: ScopeRole,
    /// `true` if the member has access to the scope.
    pub active: bool,
    /// The profile of the user in this scope.
    pub profile: Profile,
    /// The time at which the user was added to the scope.
    pub created_at: Timestamp,
    /// The time of the last change of the membership.
    pub updated_at: Timestamp,
    /// The revision: 1 at creation, incremented by each change.
    pub revision: u64,
    /// The time at which the user was erased, see [`Self::erase`].
    pub erased_at: Option<Timestamp>,
}

impl Member {
    /// Returns the text in which members are searched: the full name, the username and the e-mail address, the latter two if there are any,
    /// with separators between them and all in their search form, see [`search_form`].
    ///
    /// No search text can contain the separator, so no match spans it.
    pub fn search_key(&self) -> String {
        let Profile { first_name, last_name, username, .. } = &self.profile;
        let username = username.as_ref().map(Username::as_str);
        let email = self.email.as_ref().map(EmailAddress::as_str);
        search_key(first_name.as_str(), last_name.as_str(), username, email)
    }

    /// Returns `true` for an active admin, whose loss could leave the scope without one.
    pub fn is_active_admin(&self) -> bool {
        self.active && self.role == ScopeRole::Admin
    }

    /// Returns `true` if the user is an account.
    pub const fn is_account(&self) -> bool {
        self.home.is_none()
    }

    /// Applies a patch and returns the changes. If there are none, the time of the last change and the revision stay.
    ///
    /// `active_admins` is the number of the scope's active admins, this member included; it must be read under the scope's lock.
    ///
    /// # Errors
    /// Fails with [`MemberRefused`]; the member is unchanged then.
    pub fn apply(
        &mut self,
        patch: MemberPatch,
        active_admins: u64,
        now: Timestamp,
    ) -> Result<Vec<Change>, MemberRefused> {
        if self.is_erased() {
            return Err(MemberRefused::Erased);
        }
        if patch.email.is_some() && self.kind == UserKind::Machine {
            return Err(MemberRefused::NoAddress);
        }
        let mut next = self.clone();
        set(&mut next.role, patch.role);
        set(&mut next.active, patch.active);
        set(&mut next.email, patch.email.map(Some));
        set(&mut next.profile.first_name, patch.first_name);
        set(&mut next.profile.last_name, patch.last_name);
        set(&mut next.profile.username, patch.username);
        set(&mut next.profile.employee_number, patch.employee_number);
        set(&mut next.profile.avatar, patch.avatar);
        if self.is_account() && self.of_the_account() != next.of_the_account() {
            return Err(MemberRefused::BelongsToAccount);
        }
        if self.is_active_admin() && !next.is_active_admin() && active_admins <= 1 {
            return Err(LastAdmin.into());
        }
        if next.is_account() && !next.active {
            next.email = None;
        }
        let changes = changed(self.fields(), next.fields());
        if !changes.is_empty() {
            next.updated_at = now;
            next.revision += 1;
            *self = next;
        }
        Ok(changes)
    }

    /// Returns the fields that are an account's own.
    fn of_the_account(&self) -> (&PersonName, &PersonName, Option<&AvatarUrl>, Option<&EmailAddress>) {
        let Profile { first_name, last_name, avatar, .. } = &self.profile;
        (first_name, last_name, avatar.as_ref(), self.email.as_ref())
    }

    /// Returns the fields that events report. The address of an account is not the scope's, and is not reported. The kind is reported for
    /// machines only.
    pub(crate) fn fields(&self) -> Fields {
        let profile = &self.profile;
        let machine = Some(self.kind).filter(|kind| *kind == UserKind::Machine);
        let address = self.email.as_ref().filter(|_| !self.is_account());
        vec![
            ("kind", machine.map(UserKind::as_str).into()),
            ("email", address.map(EmailAddress::as_str).into()),
            ("role", self.role.as_str().into()),
            ("active", self.active.into()),
            ("first_name", profile.first_name.as_str().into()),
            ("last_name", profile.last_name.as_str().into()),
            ("username", profile.username.as_ref().map(Username::as_str).into()),
            ("employee_number", profile.employee_number.as_ref().map(EmployeeNumber::as_str).into()),
            ("avatar", profile.avatar.as_ref().map(AvatarUrl::as_str).into()),
        ]
    }
}

#[cfg(test)]
mod tests;
