//! Roles in a scope and on a roster.

use crate::literal::literals;

literals! {
    /// The role of a member in a scope. In a personal scope its user is [`ScopeRole::Admin`].
    ScopeRole {
        /// Manages the scope: its members and all of its projects.
        Admin = "admin",
        /// Writes spaces and sees the projects that are visible to the organization.
        Member = "member",
        /// Reads only.
        Viewer = "viewer",
    }
}

literals! {
    /// The role of a member on a project's roster.
    RosterRole {
        /// Changes the project and its roster.
        Admin = "admin",
        /// Works on tasks.
        Member = "member",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::literal::UnknownLiteral;

    #[test]
    fn roles_are_words_and_case_matters() {
        for (role, word) in ScopeRole::ALL.iter().zip(["admin", "member", "viewer"]) {
            assert_eq!((role.as_str(), ScopeRole::parse(word)), (word, Ok(*role)));
        }
        assert_eq!(RosterRole::WORDS, ["admin", "member"]);
        let refused = RosterRole::parse("viewer").expect_err("no role on a roster");
        assert_eq!(refused, UnknownLiteral { allowed: &["admin", "member"] });
        assert_eq!(refused.to_string(), "must be one of admin, member");
        for word in ["", "Admin", " admin", "owner"] {
            assert!(ScopeRole::parse(word).is_err(), "{word:?}");
        }
    }
}
