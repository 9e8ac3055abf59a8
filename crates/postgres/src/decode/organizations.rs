//! Users, organizations and members.

use loggia_domain::id::{DisplayNumber, OrganizationId, UserId};
use loggia_domain::organization::Organization;
use loggia_domain::port::StoreError;
use loggia_domain::role::ScopeRole;
use loggia_domain::scope::Scope;
use loggia_domain::text::{AvatarUrl, EmailAddress, EmployeeNumber, OrganizationName, PersonName, Username};
use loggia_domain::user::{Member, Profile, User, UserKind};
use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

use super::{optional, optional_time, time, unsigned};
use crate::columns::{Record, record};
use crate::error::{RowName, Sound};

record! {
    /// A row of `users`.
    UserRow { id: Uuid, home_scope: Option<Uuid>, kind: String, email: String, created_at: i64 }
}

/// The checked query for the account with the address of this key.
macro_rules! account_by_address {
    ($key:expr) => {
        sqlx::query_as!(
            $crate::decode::organizations::UserRow,
            r#"SELECT id, home_scope, kind, email, created_at FROM users WHERE home_scope IS NULL AND email_key = $1"#,
            $key
        )
    };
}
pub(crate) use account_by_address;

/// The checked query for the own person of an organization with the address of this key.
macro_rules! own_person_by_address {
    ($home:expr, $key:expr) => {
        sqlx::query_as!(
            $crate::decode::organizations::UserRow,
            r#"SELECT id, home_scope, kind, email, created_at FROM users WHERE home_scope = $1 AND email_key = $2"#,
            $home,
            $key
        )
    };
}
pub(crate) use own_person_by_address;

impl UserRow {
    pub(crate) fn decode(self) -> Result<User, StoreError> {
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
    /// A row of `organizations`.
    OrganizationRow { id: Uuid, name: String, created_at: i64, updated_at: i64, revision: i64 }
}

impl OrganizationRow {
    pub(crate) fn decode(self) -> Result<Organization, StoreError> {
        let row = RowName { table: "organizations", id: self.id };
        Ok(Organization {
            id: OrganizationId::from_uuid(self.id),
            name: OrganizationName::from_stored(self.name).sound(row, "name")?,
            created_at: time(self.created_at, row, "created_at")?,
            updated_at: time(self.updated_at, row, "updated_at")?,
            revision: unsigned(self.revision, row, "revision")?,
        })
    }
}

record! {
    /// A row of `members`, with the home, the kind, the address and the erasure of the user; see [`push_member_columns`].
    MemberRow {
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

/// Writes the columns of [`MemberRow`] into a select list: the user's columns from the table with the alias `user`, all others from the
/// one with the alias `member`.
pub(crate) fn push_member_columns(query: &mut QueryBuilder<Postgres>, member: &str, user: &str) {
    for (i, column) in MemberRow::COLUMNS.iter().enumerate() {
        let alias =
            if matches!(*column, "home_scope" | "kind" | "email" | "erased_at") { user } else { member };
        query.push(if i == 0 { "" } else { ", " }).push(alias).push(".").push(column);
    }
}

/// The checked query for [`MemberRow`]s, of the members `m` that the rest of the statement selects.
macro_rules! select_member {
    ($rest:literal $(, $argument:expr)*) => {
        sqlx::query_as!(
            $crate::decode::organizations::MemberRow,
            r#"SELECT m.user_id, m.number, m.role, m.active, m.first_name,
                   m.last_name, m.username, m.employee_number, m.avatar, m.created_at, m.updated_at, m.revision,
                   u.home_scope, u.kind, u.email, u.erased_at
               FROM members m JOIN users u ON u.id = m.user_id "# + $rest
            $(, $argument)*
        )
    };
}
pub(crate) use select_member;

impl MemberRow {
    pub(crate) fn decode(self, scope: Scope) -> Result<Member, StoreError> {
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
pub(crate) fn stored_address(user: &User) -> (&str, String) {
    match &user.email {
        Some(email) => (email.as_str(), email.key()),
        None => ("", format!("machine:{}", user.id.as_uuid().simple())),
    }
}

/// Returns the key for comparison of a user who is erased, which is in a form that no address has.
pub(crate) fn erased_address_key(user: UserId) -> String {
    format!("erased:{}", user.as_uuid().simple())
}

/// Parses the word for a role of `user` in a scope.
pub(crate) fn scope_role(word: &str, user: Uuid) -> Result<ScopeRole, StoreError> {
    ScopeRole::parse(word).sound(RowName { table: "members", id: user }, "role")
}
