//! The erasure of a user who belongs to an organization: the name and the address go, and the membership stays without them, so that
//! records keep their author.

use super::{Member, MemberRefused, Profile};
use crate::event::{Change, Fields, changed};
use crate::instant::Timestamp;
use crate::organization::LastAdmin;
use crate::text::PersonName;

impl Profile {
    /// Returns the profile of an erased user: the name "Deleted user" and no other field.
    pub fn erased() -> Self {
        let [first_name, last_name] = PersonName::erased();
        Self { first_name, last_name, username: None, employee_number: None, avatar: None }
    }
}

impl Member {
    /// Returns `true` if the user was erased.
    pub const fn is_erased(&self) -> bool {
        self.erased_at.is_some()
    }

    /// Erases the user: deactivates the membership, and replaces the address and the profile. Returns the changes, which contain nothing of
    /// what was erased; none if the user was erased before.
    ///
    /// `active_admins` is the number of the scope's active admins, this member included; it must be read under the scope's lock.
    ///
    /// # Errors
    /// Fails with [`MemberRefused::BelongsToAccount`] for an account, and with [`MemberRefused::LastAdmin`]; the member is unchanged
    /// then.
    pub fn erase(&mut self, active_admins: u64, now: Timestamp) -> Result<Vec<Change>, MemberRefused> {
        if self.is_account() {
            return Err(MemberRefused::BelongsToAccount);
        }
        if self.is_erased() {
            return Ok(Vec::new());
        }
        if self.is_active_admin() && active_admins <= 1 {
            return Err(LastAdmin.into());
        }
        let before = self.access();
        self.active = false;
        self.email = None;
        self.profile = Profile::erased();
        self.erased_at = Some(now);
        self.updated_at = now;
        self.revision += 1;
        Ok(changed(before, self.access()))
    }

    /// Returns the fields that the event of an erasure reports.
    fn access(&self) -> Fields {
        vec![("active", self.active.into()), ("erased_at", self.erased_at.into())]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Value;
    use crate::role::ScopeRole;
    use crate::samples::{ORGANIZATION, later, made, member};
    use crate::text::{AvatarUrl, EmployeeNumber, Username};
    use crate::user::{MemberPatch, UserKind};

    /// Returns an own person of the organization, with every field of the profile.
    fn whole(role: ScopeRole, active: bool) -> Member {
        let mut person = Member { home: Some(ORGANIZATION), ..member(role, active) };
        person.profile.username = Username::parse("ada").ok();
        person.profile.employee_number = EmployeeNumber::parse("7").ok();
        person.profile.avatar = AvatarUrl::parse("https://example.com/ada.png").ok();
        person
    }

    #[test]
    fn an_erased_person_has_neither_address_nor_profile_nor_access() {
        let mut person = whole(ScopeRole::Member, true);
        let changes = person.erase(1, later()).expect("an own person");
        let expected = Member {
            active: false,
            email: None,
            profile: Profile::erased(),
            erased_at: Some(later()),
            updated_at: later(),
            revision: 2,
            ..whole(ScopeRole::Member, true)
        };
        assert_eq!(person, expected);
        assert!(person.is_erased() && !whole(ScopeRole::Member, true).is_erased());
        assert_eq!(person.profile.full_name(), "Deleted user");
        let change = |field: &'static str, from, to| Change { field: field.into(), from, to };
        let active = change("active", Value::Flag(true), Value::Flag(false));
        let erased = change("erased_at", Value::Empty, Value::Time(later()));
        assert_eq!(changes, [active, erased.clone()], "the event contains nothing of what was erased");
        let key = person.search_key();
        assert!(!key.contains("ada") && !key.contains("byron") && !key.contains('@'), "{key}");

        let mut inactive = whole(ScopeRole::Member, false);
        assert_eq!(inactive.erase(1, later()), Ok(vec![erased]));
    }

    #[test]
    fn the_names_of_the_erased_are_valid() {
        let Profile { first_name, last_name, .. } = Profile::erased();
        for name in [first_name, last_name] {
            assert_eq!(PersonName::parse(name.as_str()), Ok(name));
        }
    }

    #[test]
    fn a_user_is_erased_once() {
        let mut person = whole(ScopeRole::Member, true);
        person.erase(1, made()).expect("an own person");
        let before = person.clone();
        assert_eq!(person.erase(1, later()), Ok(vec![]));
        assert_eq!(person, before);
    }

    #[test]
    fn an_erased_person_is_not_changed_any_more() {
        let mut person = whole(ScopeRole::Member, true);
        person.erase(1, made()).expect("an own person");
        let before = person.clone();
        let back = MemberPatch { active: Some(true), ..MemberPatch::default() };
        let named = MemberPatch { first_name: PersonName::parse("Ada").ok(), ..MemberPatch::default() };
        for patch in [back, named, MemberPatch::default()] {
            assert_eq!(person.apply(patch, 1, later()), Err(MemberRefused::Erased));
        }
        assert_eq!(person, before);
    }

    #[test]
    fn a_machine_is_erased_like_a_person() {
        let mut machine = Member { kind: UserKind::Machine, email: None, ..whole(ScopeRole::Admin, true) };
        assert!(machine.erase(2, later()).is_ok());
        assert_eq!((machine.profile.clone(), machine.is_erased()), (Profile::erased(), true));
    }

    #[test]
    fn neither_an_account_nor_the_last_admin_is_erased() {
        let account = Member { home: None, ..whole(ScopeRole::Admin, true) };
        let admin = whole(ScopeRole::Admin, true);
        for (person, refusal) in
            [(account, MemberRefused::BelongsToAccount), (admin, MemberRefused::LastAdmin(LastAdmin))]
        {
            let mut refused = person.clone();
            assert_eq!(refused.erase(1, later()), Err(refusal));
            assert_eq!(refused, person);
        }
        assert!(whole(ScopeRole::Admin, true).erase(2, later()).is_ok(), "another admin is left");
        assert!(whole(ScopeRole::Admin, false).erase(1, later()).is_ok(), "no access is lost");
    }
}
