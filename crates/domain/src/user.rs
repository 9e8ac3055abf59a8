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
    /// What kind of user it is.
    UserKind {
        /// Somebody with an e-mail address, a personal scope, and a place in any number of organizations.
        Person = "person",
        /// A program. It has no address and no personal scope, and belongs to the organization that made it alone.
        Machine = "machine",
    }
}

/// Someone who can act: the identity that belongs to the whole instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The user's id, shown as `node_id` in the projects dialect.
    pub id: UserId,
    /// A person or a machine.
    pub kind: UserKind,
    /// A person's address, unique on the instance without regard to case; a machine has none.
    pub email: Option<EmailAddress>,
    /// When the user was first added.
    pub created_at: Timestamp,
}

/// What a scope shows of one of its people. It belongs to the scope: two organizations may know a person differently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// The first name.
    pub first_name: PersonName,
    /// The last name.
    pub last_name: PersonName,
    /// A short name, unique in the scope.
    pub username: Option<Username>,
    /// The number in the organization's own books, unique in the scope.
    pub employee_number: Option<EmployeeNumber>,
    /// A picture.
    pub avatar: Option<AvatarUrl>,
}

impl Profile {
    /// The greatest number of characters of a full name.
    pub const MAX_FULL_NAME: usize = 2 * PersonName::MAX + 1;

    /// First and last name, with a space between.
    pub fn full_name(&self) -> String {
        format!("{} {}", self.first_name, self.last_name)
    }

    /// What members are ordered by where they are ordered by name: the last name as it is searched, then the first name.
    ///
    /// The separator is less than every character that a name may have, so that a name comes before those it begins.
    pub fn name_key(&self) -> String {
        name_key(self.first_name.as_str(), self.last_name.as_str())
    }

    /// What members are searched in, beside the address: the full name, and the username if there is one, see [`search_form`].
    ///
    /// No search text can have the separator, so none is found across it.
    pub fn search_key(&self) -> String {
        let username = self.username.as_ref().map(Username::as_str);
        search_key(self.first_name.as_str(), self.last_name.as_str(), username)
    }
}

/// [`Profile::name_key`] of texts that a store keeps, to fill in what was not kept before.
pub fn name_key(first_name: &str, last_name: &str) -> String {
    format!("{}{SEPARATOR}{}", search_form(last_name), search_form(first_name))
}

/// [`Profile::search_key`] of texts that a store keeps.
pub fn search_key(first_name: &str, last_name: &str, username: Option<&str>) -> String {
    let username = username.map(search_form).unwrap_or_default();
    format!("{} {}{SEPARATOR}{username}", search_form(first_name), search_form(last_name))
}

/// Stands between texts that are stored together. It is a control character, which no text has (U+001F).
const SEPARATOR: char = '\u{1f}';

/// Which fields of a member to change (RFC 7396): `None` leaves a field alone, `Some(None)` empties it.
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

/// A user's place in a scope: in an organization, or in their own personal scope as its one admin.
///
/// It is never deleted, so that what a person made keeps its author; a person who left is inactive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The scope.
    pub scope: Scope,
    /// The user.
    pub user: UserId,
    /// What kind of user it is.
    pub kind: UserKind,
    /// The user's address, which belongs to the instance; a machine has none.
    pub email: Option<EmailAddress>,
    /// The member's number in this scope.
    pub number: DisplayNumber,
    /// What the member may do.
    pub role: ScopeRole,
    /// Whether the member has access at all.
    pub active: bool,
    /// What this scope shows of the user.
    pub profile: Profile,
    /// When the user came to the scope.
    pub created_at: Timestamp,
    /// When this place last changed.
    pub updated_at: Timestamp,
    /// Counts the changes, from 1.
    pub revision: u64,
}

impl Member {
    /// Whether losing this member's access or role could leave the scope without an admin.
    pub fn is_active_admin(&self) -> bool {
        self.active && self.role == ScopeRole::Admin
    }

    /// Changes what the patch names and tells what became different. Where nothing did, nothing is touched.
    ///
    /// `active_admins` counts the scope's active admins, this member included, under the lock of the scope.
    ///
    /// # Errors
    /// [`LastAdmin`] if it would leave the scope without an active admin; then nothing is touched either.
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

    /// What its events tell: never the address, which is the user's and not the scope's. That it is a person goes
    /// without saying.
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
