//! Accounts: people who belong to no organization, and whose profile is their own.
//!
//! The profile of an account is that of its membership of its personal scope. Each of its active memberships shows the same names, picture
//! and address; the role, the username and the employee number belong to the scope.

use crate::event::{Change, changed, set};
use crate::instant::Timestamp;
use crate::text::{AvatarUrl, EmailAddress, PersonName};
use crate::user::Member;

/// A partial update of an account (RFC 7396): `None` leaves a field unchanged, `Some(None)` clears it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountPatch {
    /// The address, which the operator alone changes.
    pub email: Option<EmailAddress>,
    /// See [`crate::user::Profile::first_name`].
    pub first_name: Option<PersonName>,
    /// See [`crate::user::Profile::last_name`].
    pub last_name: Option<PersonName>,
    /// See [`crate::user::Profile::avatar`].
    pub avatar: Option<Option<AvatarUrl>>,
}

/// The fields that all active memberships of an account have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountProfile {
    /// The address.
    pub email: Option<EmailAddress>,
    /// The first name.
    pub first_name: PersonName,
    /// The last name.
    pub last_name: PersonName,
    /// The URL of a picture.
    pub avatar: Option<AvatarUrl>,
}

impl AccountProfile {
    /// Returns the profile that a membership shows.
    pub fn from_member(member: &Member) -> Self {
        let profile = &member.profile;
        Self {
            email: member.email.clone(),
            first_name: profile.first_name.clone(),
            last_name: profile.last_name.clone(),
            avatar: profile.avatar.clone(),
        }
    }

    /// Applies a patch.
    pub fn apply(&mut self, patch: AccountPatch) {
        set(&mut self.email, patch.email.map(Some));
        set(&mut self.first_name, patch.first_name);
        set(&mut self.last_name, patch.last_name);
        set(&mut self.avatar, patch.avatar);
    }
}

impl Member {
    /// Takes over the profile of the member's account. Returns the changes that events report, which never include the address, or `None`
    /// if the membership shows this profile already; its time of change and its revision stay then.
    pub fn take_over(&mut self, account: &AccountProfile, now: Timestamp) -> Option<Vec<Change>> {
        if AccountProfile::from_member(self) == *account {
            return None;
        }
        let before = self.fields();
        self.show(account);
        self.updated_at = now;
        self.revision += 1;
        Some(changed(before, self.fields()))
    }

    /// Sets the fields that belong to the account.
    pub(crate) fn show(&mut self, account: &AccountProfile) {
        let AccountProfile { email, first_name, last_name, avatar } = account.clone();
        self.email = email;
        self.profile.first_name = first_name;
        self.profile.last_name = last_name;
        self.profile.avatar = avatar;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::role::ScopeRole;
    use crate::samples::{later, made, member};

    fn patch() -> AccountPatch {
        AccountPatch {
            email: EmailAddress::parse("augusta@example.com").ok(),
            first_name: PersonName::parse("Augusta").ok(),
            last_name: PersonName::parse("King").ok(),
            avatar: Some(AvatarUrl::parse("https://example.com/ada.png").ok()),
        }
    }

    fn names(changes: Option<Vec<Change>>) -> Option<Vec<String>> {
        changes.map(|changes| changes.into_iter().map(|change| change.field.into_owned()).collect())
    }

    #[test]
    fn a_patch_changes_the_fields_that_it_has() {
        let before = AccountProfile::from_member(&member(ScopeRole::Member, true));
        let mut profile = before.clone();
        profile.apply(AccountPatch::default());
        assert_eq!(profile, before);
        profile.apply(patch());
        let AccountPatch { email, first_name, last_name, avatar } = patch();
        assert_eq!((profile.email.clone(), profile.avatar.clone()), (email, avatar.flatten()));
        assert_eq!(
            (Some(&profile.first_name), Some(&profile.last_name)),
            (first_name.as_ref(), last_name.as_ref())
        );
        profile.apply(AccountPatch { avatar: Some(None), ..AccountPatch::default() });
        assert_eq!(profile.avatar, None);
    }

    #[test]
    fn a_membership_that_takes_over_a_profile_keeps_what_belongs_to_the_scope() {
        let before = Member { home: None, ..member(ScopeRole::Admin, true) };
        let mut own = before.clone();
        let mut account = AccountProfile::from_member(&before);
        assert_eq!(own.take_over(&account, later()), None);
        assert_eq!((&own, own.updated_at, own.revision), (&before, made(), 1));

        account.apply(patch());
        assert_eq!(
            names(own.take_over(&account, later())),
            Some(vec!["first_name".into(), "last_name".into(), "avatar".into()])
        );
        assert_eq!(AccountProfile::from_member(&own), account);
        assert_eq!((own.updated_at, own.revision), (later(), 2));
        assert_eq!(
            (own.role, own.active, &own.profile.username),
            (before.role, true, &before.profile.username)
        );
        assert_eq!(own.profile.employee_number, before.profile.employee_number);
    }

    #[test]
    fn a_new_address_is_a_change_that_events_do_not_contain() {
        let mut own = Member { home: None, ..member(ScopeRole::Member, true) };
        let mut account = AccountProfile::from_member(&own);
        account.apply(AccountPatch { email: patch().email, ..AccountPatch::default() });
        assert_eq!(own.take_over(&account, later()), Some(Vec::new()));
        assert_eq!(own.revision, 2);
        assert!(own.search_key().contains("augusta@"));
    }
}
