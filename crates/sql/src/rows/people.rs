//! Users and members, and the stored forms of their addresses.

use std::fmt::Display;

use loggia_domain::id::{DisplayNumber, OrganizationId, UserId};
use loggia_domain::port::StoreError;
use loggia_domain::role::ScopeRole;
use loggia_domain::scope::Scope;
use loggia_domain::text::{AvatarUrl, EmailAddress, EmployeeNumber, PersonName, Username};
use loggia_domain::user::{Member, Profile, User, UserKind};
use uuid::Uuid;

use super::{optional, optional_time, time};
use crate::columns::select_list;
use crate::corrupt::{RowName, Sound};
use crate::numbers::{integer, unsigned};
use crate::record;
use crate::scope::scope_key;

record! {
    /// A row of `users`.
    pub UserRow { id: Uuid, home_scope: Option<Uuid>, kind: String, email: String, created_at: i64 }
}

impl UserRow {
    /// Decodes the row, or fails with [`StoreError::Corrupt`] if a value breaks a rule of the domain.
    pub fn decode(self) -> Result<User, StoreError> {
        let row = RowName { table: "users", id: self.id };
        let kind = UserKind::parse(&self.kind).sound(row, "kind")?;
        Ok(User {
            id: UserId::from_uuid(self.id),
            kind,
            home: self.home_scope.map(OrganizationId::from_uuid),
            email: address(kind, self.email, row)?,
            created_at: time(self.created_at, row, "created_at")?,
        })
    }
}

record! {
    /// A row of `members`, with the home, the kind, the address and the erasure of the user.
    pub MemberRow {
        user_id: Uuid,
        number: i64,
        role: String,
        active: bool,
        first_name: String,
        last_name: String,
        username: Option<String>,
        employee_number: Option<String>,
        avatar: Option<String>,
        created_at: i64,
        updated_at: i64,
        revision: i64,
        home_scope: Option<Uuid>,
        kind: String,
        email: String,
        erased_at: Option<i64>,
    }
}

impl MemberRow {
    /// Returns the columns as a select list: the user's columns from the table with the alias `user`, all others from the one with the
    /// alias `member`.
    pub fn select_list<'a>(member: &'a str, user: &'a str) -> impl Display {
        let of_user = ["home_scope", "kind", "email", "erased_at"];
        select_list::<Self, _>(move |column| if of_user.contains(&column) { user } else { member })
    }

    /// Decodes the row, or fails with [`StoreError::Corrupt`] if a value breaks a rule of the domain.
    pub fn decode(self, scope: Scope) -> Result<Member, StoreError> {
        let row = RowName { table: "members", id: self.user_id };
        let user = RowName { table: "users", id: self.user_id };
        let kind = UserKind::parse(&self.kind).sound(user, "kind")?;
        Ok(Member {
            scope,
            user: UserId::from_uuid(self.user_id),
            kind,
            home: self.home_scope.map(OrganizationId::from_uuid),
            // An account that is no longer a member shows its address no more.
            email: address(kind, self.email, user)?.filter(|_| self.active || self.home_scope.is_some()),
            number: DisplayNumber::new(self.number),
            role: ScopeRole::parse(&self.role).sound(row, "role")?,
            active: self.active,
            profile: Profile {
                first_name: PersonName::from_stored(self.first_name).sound(row, "first_name")?,
                last_name: PersonName::from_stored(self.last_name).sound(row, "last_name")?,
                username: optional(self.username, Username::from_stored, row, "username")?,
                employee_number: optional(
                    self.employee_number,
                    EmployeeNumber::from_stored,
                    row,
                    "employee_number",
                )?,
                avatar: optional(self.avatar, AvatarUrl::from_stored, row, "avatar")?,
            },
            created_at: time(self.created_at, row, "created_at")?,
            updated_at: time(self.updated_at, row, "updated_at")?,
            revision: unsigned(self.revision, row, "revision")?,
            erased_at: optional_time(self.erased_at, user, "erased_at")?,
        })
    }
}

values! {
    /// A member's column values.
    MemberValues<'m>(member: Member) {
        scope_id: Uuid = scope_key(member.scope),
        user_id: Uuid = member.user.as_uuid(),
        number: i64 = member.number.get(),
        role: &'static str = member.role.as_str(),
        active: bool = member.active,
        first_name: &'m str = member.profile.first_name.as_str(),
        last_name: &'m str = member.profile.last_name.as_str(),
        username: Option<&'m str> = member.profile.username.as_ref().map(|name| name.as_str()),
        username_key: Option<String> = member.profile.username.as_ref().map(|name| name.folded()),
        employee_number: Option<&'m str> = member.profile.employee_number.as_ref().map(|number| number.as_str()),
        employee_number_key: Option<String> = member.profile.employee_number.as_ref().map(|number| number.folded()),
        avatar: Option<&'m str> = member.profile.avatar.as_ref().map(|avatar| avatar.as_str()),
        created_at: i64 = member.created_at.micros(),
        updated_at: i64 = member.updated_at.micros(),
        name_key: String = member.profile.name_key(),
        search_key: String = member.search_key(),
        revision: i64 = integer(member.revision)?,
    }
}

/// Returns the email address of a person; a machine has none, and neither has an erased person, whose address is empty.
fn address(kind: UserKind, text: String, row: RowName) -> Result<Option<EmailAddress>, StoreError> {
    match kind {
        UserKind::Person if text.is_empty() => Ok(None),
        UserKind::Person => EmailAddress::from_stored(text).sound(row, "email").map(Some),
        UserKind::Machine => Ok(None),
    }
}

/// Returns the stored forms of a user's email address: the displayed one and the key for comparison. A machine has no address: the first
/// is empty, and the second is derived from the user's id, in a form that no address has.
pub fn stored_address(user: &User) -> (&str, String) {
    match &user.email {
        Some(email) => (email.as_str(), email.key()),
        None => ("", format!("machine:{}", user.id.as_uuid().simple())),
    }
}

/// Returns the key for comparison of a user who is erased, which is in a form that no address has.
pub fn erased_address_key(user: UserId) -> String {
    format!("erased:{}", user.as_uuid().simple())
}

/// Parses the word for a role of `user` in a scope, or fails with [`StoreError::Corrupt`].
pub fn scope_role(word: &str, user: Uuid) -> Result<ScopeRole, StoreError> {
    ScopeRole::parse(word).sound(RowName { table: "members", id: user }, "role")
}
