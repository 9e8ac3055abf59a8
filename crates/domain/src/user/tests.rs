//! The rules of users and members, on both sides of each limit.

use super::*;
use crate::event::Value;
use crate::samples::{later, made, member};

fn name(text: &str) -> PersonName {
    PersonName::parse(text).expect("a name")
}

fn named(first: &str, last: &str, username: Option<&str>) -> Profile {
    Profile {
        first_name: name(first),
        last_name: name(last),
        username: username.map(|text| Username::parse(text).expect("a username")),
        ..member(ScopeRole::Member, true).profile
    }
}

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
fn people_are_ordered_by_last_name_then_first_name_without_regard_to_case() {
    let in_order = [("Zoe", "Li"), ("Ada", "Li Wei"), ("Ann", "LIND"), ("bea", "lind"), ("Al", "Lindt")];
    let keys = in_order.map(|(first, last)| named(first, last, None).name_key());
    assert!(keys.is_sorted(), "{keys:?}");
    assert_eq!(named("ADA", "Straße", None).name_key(), named("ada", "STRASSE", None).name_key());
}

#[test]
fn people_are_searched_by_their_names_username_and_address_in_any_case() {
    let mut person = member(ScopeRole::Member, true);
    person.profile = named("Ada", "Straße", Some("AdaB"));
    person.email = EmailAddress::parse("Élise@BÜCHER.example").ok();
    let key = person.search_key();
    for text in ["ada", "STRASSE", "a str", "ada strasse", "adab", "élise@b", "ELISE", "bucher.EXAMPLE"] {
        assert!(key.contains(&crate::text::search_form(text)), "{text}");
    }
    // No match spans a separator, and the first name comes before the last name in the key. Addresses are searched as they are shown.
    for text in ["strasseadab", "strasse adab", "strasse ada", "adabelise", "xn--bcher"] {
        assert!(!key.contains(text), "{text}");
    }
    person.email = None;
    assert!(!person.search_key().contains("elise"));
}

#[test]
fn events_report_the_address_of_own_people_and_never_that_of_an_account() {
    let own = member(ScopeRole::Member, true);
    let names: Vec<_> = own.fields().into_iter().map(|(name, _)| name).collect();
    let all = [
        "kind",
        "email",
        "role",
        "active",
        "first_name",
        "last_name",
        "username",
        "employee_number",
        "avatar",
    ];
    assert_eq!(names, all);
    assert_eq!(own.fields()[1], ("email", "ada@example.com".into()));
    let account = Member { home: None, ..own };
    assert_eq!(account.fields()[1], ("email", Value::Empty));
}

#[test]
fn an_account_keeps_its_names_its_picture_and_its_address() {
    let account = Member { home: None, ..member(ScopeRole::Member, true) };
    let email = EmailAddress::parse("grace@example.com").expect("an address");
    let picture = AvatarUrl::parse("https://example.com/ada.png").expect("a URL");
    let patches = [
        MemberPatch { first_name: Some(name("Grace")), ..MemberPatch::default() },
        MemberPatch { last_name: Some(name("Hopper")), ..MemberPatch::default() },
        MemberPatch { avatar: Some(Some(picture)), ..MemberPatch::default() },
        MemberPatch { email: Some(email.clone()), ..MemberPatch::default() },
    ];
    for patch in patches {
        let mut changed = account.clone();
        let role = Some(ScopeRole::Viewer);
        let refused = changed.apply(MemberPatch { role, ..patch.clone() }, 2, later());
        assert_eq!(refused, Err(MemberRefused::BelongsToAccount), "{patch:?}");
        assert_eq!(changed, account, "nothing else is changed either");
        let mut own = member(ScopeRole::Member, true);
        own.apply(patch, 2, later()).expect("an own person is the organization's");
        assert_eq!(own.revision, 2);
    }
    // Equal values change nothing, so a client may send a whole record back.
    let same = MemberPatch {
        role: Some(ScopeRole::Viewer),
        first_name: Some(account.profile.first_name.clone()),
        email: account.email.clone(),
        ..MemberPatch::default()
    };
    let mut changed = account.clone();
    changed.apply(same, 2, later()).expect("only the role differs");
    assert_eq!(changed.role, ScopeRole::Viewer);
    let username = Username::parse("ada").expect("a username");
    let kept = MemberPatch { username: Some(Some(username)), ..MemberPatch::default() };
    changed.apply(kept, 2, later()).expect("a username is the organization's");
}

#[test]
fn a_machine_is_given_no_address() {
    let mut machine = Member { kind: UserKind::Machine, email: None, ..member(ScopeRole::Member, true) };
    let email = EmailAddress::parse("robot@example.com").ok();
    let patch = MemberPatch { email, ..MemberPatch::default() };
    assert_eq!(machine.apply(patch, 2, later()), Err(MemberRefused::NoAddress));
}

#[test]
fn only_events_of_machines_contain_the_kind() {
    let person = member(ScopeRole::Member, true);
    assert_eq!(person.fields()[0], ("kind", Value::Empty));
    let machine = Member { kind: UserKind::Machine, email: None, ..person };
    assert_eq!(machine.fields()[0], ("kind", "machine".into()));
}

/// Checks every change of role and access, for the last admin and beside other admins.
#[test]
fn only_the_last_active_admin_cannot_step_down_or_leave() {
    for was in ScopeRole::ALL.iter().flat_map(|role| [(*role, true), (*role, false)]) {
        for to in ScopeRole::ALL.iter().flat_map(|role| [(*role, true), (*role, false)]) {
            for others in 0..2 {
                let counts = was == (ScopeRole::Admin, true);
                let stays = to == (ScopeRole::Admin, true);
                let mut person = member(was.0, was.1);
                let patch = MemberPatch { role: Some(to.0), active: Some(to.1), ..MemberPatch::default() };
                let outcome = person.apply(patch, others + u64::from(counts), later());
                let case = format!("{was:?} to {to:?} beside {others}");
                if counts && !stays && others == 0 {
                    assert_eq!(outcome, Err(LastAdmin.into()), "{case}");
                    assert_eq!(person, member(was.0, was.1), "{case}");
                } else {
                    let fields: Vec<_> =
                        outcome.expect(&case).into_iter().map(|change| change.field).collect();
                    let differs = [("role", was.0 != to.0), ("active", was.1 != to.1)];
                    let expected: Vec<_> =
                        differs.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect();
                    assert_eq!(fields, expected, "{case}");
                    assert_eq!((person.role, person.active), to, "{case}");
                    let touched = if expected.is_empty() { (made(), 1) } else { (later(), 2) };
                    assert_eq!((person.updated_at, person.revision), touched, "{case}");
                }
            }
        }
    }
}

#[test]
fn the_last_admin_can_be_renamed_and_absent_fields_are_not_changed() {
    let before = member(ScopeRole::Admin, true);
    let mut person = before.clone();
    assert_eq!(person.apply(MemberPatch::default(), 1, later()), Ok(vec![]));
    assert_eq!(person, before);

    let profile = MemberPatch {
        last_name: Some(name("King")),
        username: Some(Some(Username::parse("ada").expect("a username"))),
        employee_number: Some(Some(EmployeeNumber::parse("7").expect("a number"))),
        avatar: Some(Some(AvatarUrl::parse("https://example.com/ada.png").expect("an address"))),
        ..MemberPatch::default()
    };
    let changes = person.apply(profile.clone(), 1, later()).expect("no standing changes");
    let fields: Vec<_> = changes.iter().map(|change| change.field.as_ref()).collect();
    assert_eq!(fields, ["last_name", "username", "employee_number", "avatar"]);
    assert_eq!(person.profile.full_name(), "Ada King");
    assert_eq!((person.updated_at, person.revision), (later(), 2));

    let emptied = MemberPatch {
        username: Some(None),
        employee_number: Some(None),
        avatar: Some(None),
        first_name: Some(name("Augusta")),
        ..MemberPatch::default()
    };
    person.apply(emptied, 1, later()).expect("no standing changes");
    assert_eq!(person.profile, named("Augusta", "King", None));
    assert_eq!(person.revision, 3, "each change counts once, however many fields it has");
}
