//! Users of the instance, and the members of a scope.

use crate::event::Fields;
use crate::id::{DisplayNumber, UserId};
use crate::instant::Timestamp;
use crate::role::ScopeRole;
use crate::scope::Scope;
use crate::text::{AvatarUrl, EmailAddress, EmployeeNumber, PersonName, Username};

/// Someone who can act: the identity that belongs to the whole instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The user's id, shown as `node_id` in the projects dialect.
    pub id: UserId,
    /// Unique on the instance, without regard to case.
    pub email: EmailAddress,
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
    /// First and last name, with a space between.
    pub fn full_name(&self) -> String {
        format!("{} {}", self.first_name, self.last_name)
    }
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
    /// The user's address, which belongs to the instance.
    pub email: EmailAddress,
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
}

impl Member {
    /// Whether losing this member's access or role could leave the scope without an admin.
    pub fn is_active_admin(&self) -> bool {
        self.active && self.role == ScopeRole::Admin
    }

    /// What its events tell: never the address, which is the user's and not the scope's.
    pub(crate) fn fields(&self) -> Fields {
        let profile = &self.profile;
        vec![
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
mod tests {
    use super::*;
    use crate::samples::member;

    #[test]
    fn only_an_admin_with_access_counts_as_one() {
        let counted = |role, active| member(role, active).is_active_admin();
        assert!(counted(ScopeRole::Admin, true));
        assert!(!counted(ScopeRole::Admin, false));
        assert!(!counted(ScopeRole::Member, true));
        assert!(!counted(ScopeRole::Viewer, true));
    }

    #[test]
    fn a_full_name_has_the_first_name_first() {
        assert_eq!(member(ScopeRole::Member, true).profile.full_name(), "Ada Byron");
    }

    #[test]
    fn events_about_a_member_never_tell_the_address() {
        let fields = member(ScopeRole::Member, true).fields();
        let names: Vec<_> = fields.iter().map(|(name, _)| *name).collect();
        let all = ["role", "active", "first_name", "last_name", "username", "employee_number", "avatar"];
        assert_eq!(names, all);
        assert!(!format!("{fields:?}").contains('@'));
    }
}
