//! Users of the instance, and the members of a scope.

use crate::event::{Change, Fields, changed, set};
use crate::id::{DisplayNumber, UserId};
use crate::instant::Timestamp;
use crate::literal::literals;
use crate::organization::LastAdmin;
use crate::role::ScopeRole;
use crate::scope::Scope;
use crate::text::{AvatarUrl, EmailAddress, EmployeeNumber, PersonName, Username, search_form};

literals! {
    /// The kind of a user.
    UserKind {
        /// A human with an e-mail address, a personal scope, and memberships of any number of organizations.
        Person = "person",
        /// A program. It has neither an address nor a personal scope, and belongs to the organization that created it alone.
        Machine = "machine",
    }
}

/// A user of the instance: an identity that can act, independent of any scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The user's id, shown as `node_id` in the projects dialect.
    pub id: UserId,
    /// The kind: a person or a machine.
    pub kind: UserKind,
    /// The address of a person, whose [key](EmailAddress::key) is unique on the instance; `None` for a machine.
    pub email: Option<EmailAddress>,
    /// The time at which the user was first added to the instance.
    pub created_at: Timestamp,
}

/// The profile of a member in a scope. Profiles belong to the scope: two organizations may have different ones for one person.
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

/// A user's membership of a scope: of an organization, or of their own personal scope, whose only member and admin they are.
///
/// A membership is never deleted, so that records keep their author; a member who left is inactive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The scope.
    pub scope: Scope,
    /// The user.
    pub user: UserId,
    /// The kind of the user.
    pub kind: UserKind,
    /// The address of the user, which belongs to the instance and not to the scope; `None` for a machine.
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

    /// Applies a patch and returns the changes. If there are none, the time of the last change and the revision stay.
    ///
    /// `active_admins` is the number of the scope's active admins, this member included; it must be read under the scope's lock.
    ///
    /// # Errors
    /// Fails with [`LastAdmin`] if the scope would be left without an active admin; the member is unchanged then.
    pub fn apply(
        &mut self,
        patch: MemberPatch,
        active_admins: u64,
        now: Timestamp,
    ) -> Result<Vec<Change>, LastAdmin> {
        let stays_admin =
            patch.active.unwrap_or(self.active) && patch.role.unwrap_or(self.role) == ScopeRole::Admin;
        if self.is_active_admin() && !stays_admin && active_admins <= 1 {
            return Err(LastAdmin);
        }
        let before = self.fields();
        set(&mut self.role, patch.role);
        set(&mut self.active, patch.active);
        set(&mut self.profile.first_name, patch.first_name);
        set(&mut self.profile.last_name, patch.last_name);
        set(&mut self.profile.username, patch.username);
        set(&mut self.profile.employee_number, patch.employee_number);
        set(&mut self.profile.avatar, patch.avatar);
        let changes = changed(before, self.fields());
        if !changes.is_empty() {
            self.updated_at = now;
            self.revision += 1;
        }
        Ok(changes)
    }

    /// Returns the fields that events report: never the address, which belongs to the user and not to the scope. The kind is reported for
    /// machines only.
    pub(crate) fn fields(&self) -> Fields {
        let profile = &self.profile;
        let machine = Some(self.kind).filter(|kind| *kind == UserKind::Machine);
        vec![
            ("kind", machine.map(UserKind::as_str).into()),
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
