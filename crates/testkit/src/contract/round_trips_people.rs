//! Users, organizations, members and keys are stored unchanged, to the byte and the microsecond.

use loggia_domain::id::{DisplayNumber, OrganizationId};
use loggia_domain::key::{Ability, KeyPrefix};
use loggia_domain::port::{Inserted, MemberInserted};
use loggia_domain::role::ScopeRole;
use loggia_domain::scope::{Reach, Scope, Viewer};
use loggia_domain::text::{
    AvatarUrl, EmailAddress, EmployeeNumber, KeyName, OrganizationName, PersonName, Username,
};
use loggia_domain::user::Profile;

use super::Fixture;
use super::extremes::{GREATEST_REVISION, ROCKET, STRANGE, before_the_epoch, earliest, exact, latest};
use super::pagination::whole;
use crate::builders::{self, ADA, ALAN, BARBARA, EDSGER, GRACE, email, viewer};
use crate::seed::{self, commit};

/// Users are stored unchanged, with unusual addresses.
pub async fn users_are_stored_unchanged(fixture: &Fixture) {
    let ports = &fixture.ports;
    // 64 + 1 + 177 + 12 bytes. A label has at most 63.
    let labels = ["b".repeat(63), "c".repeat(63), "d".repeat(49)].join(".");
    let longest = format!("{}@{labels}.example.com", "a".repeat(64));
    assert_eq!(longest.len(), EmailAddress::MAX);
    let cases = [
        (ADA, "Ada.Byron+Maths@Example.COM", exact()),
        (GRACE, "ߠॐgrace@exämple.com", earliest()),
        (EDSGER, "e%_'`~e@example.com", latest()),
        (BARBARA, longest.as_str(), before_the_epoch()),
    ];
    for (who, address, created_at) in cases {
        let mut user = builders::user(ports, who);
        let address = email(address);
        user.email = Some(address.clone());
        user.created_at = created_at;
        let mut work = fixture.begin().await;
        assert_eq!(work.insert_user(&user).await.expect("an answer"), Inserted::Yes);
        assert_eq!(work.account_by_email(&address).await.expect("a lookup").as_ref(), Some(&user));
        commit(work).await;
        assert_eq!(fixture.views().user(user.id).await.expect("a look-up").as_ref(), Some(&user));
        assert_eq!(fixture.views().account_by_email(&address).await.expect("a lookup"), Some(user));
    }
}

/// Organizations are stored unchanged.
pub async fn organizations_are_stored_unchanged(fixture: &Fixture) {
    let ports = &fixture.ports;
    let mut strange = seed::organization(ports, "Harbour Works").await;
    strange.id = OrganizationId::from_uuid(ports.ids.next());
    strange.name = OrganizationName::parse(STRANGE).expect("a name");
    strange.created_at = earliest();
    strange.updated_at = exact();
    let mut longest = strange.clone();
    longest.id = OrganizationId::from_uuid(ports.ids.next());
    longest.name = OrganizationName::parse(&ROCKET.repeat(OrganizationName::MAX)).expect("a name");
    longest.updated_at = latest();
    longest.revision = GREATEST_REVISION;
    for organization in [strange, longest] {
        let mut work = fixture.begin().await;
        work.insert_organization(&organization).await.expect("an organization");
        commit(work).await;
        let member = seed::member(ports, organization.id, ADA, ScopeRole::Viewer).await;
        let found =
            fixture.views().organization(&viewer(member.user), organization.id).await.expect("a look-up");
        assert_eq!(found.as_ref(), Some(&(organization.clone(), ScopeRole::Viewer)));
        let mut work = fixture.begin().await;
        let locked = work.lock_organization(&viewer(member.user), organization.id).await.expect("a lock");
        assert_eq!(locked, found);
        let locked = work.lock_any_organization(organization.id).await.expect("a lock");
        assert_eq!(locked, Some(organization));
    }
}

/// Members are stored unchanged, with every field of their profiles set and unset, in every role, active or not.
pub async fn members_are_stored_unchanged(fixture: &Fixture) {
    let ports = &fixture.ports;
    let organization = seed::organization(ports, "Harbour Works").await;
    let scope = Scope::Organization(organization.id);
    let full = Profile {
        first_name: PersonName::parse(STRANGE).expect("a name"),
        last_name: PersonName::parse(&ROCKET.repeat(PersonName::MAX)).expect("a name"),
        username: Username::parse(&ROCKET.repeat(Username::MAX)).ok(),
        employee_number: EmployeeNumber::parse("%_\\ Ünïcode 0007").ok(),
        avatar: AvatarUrl::parse("https://example.com/%20a_b?c=%5C&d='e'#f").ok(),
    };
    let mut work = fixture.begin().await;
    let mut expected = Vec::new();
    for (who, role, active, number) in [
        (ADA, ScopeRole::Admin, true, 1),
        (GRACE, ScopeRole::Member, false, 2),
        (EDSGER, ScopeRole::Viewer, true, i64::MAX),
    ] {
        let user = builders::user(ports, who);
        assert_eq!(work.insert_user(&user).await.expect("an answer"), Inserted::Yes);
        let mut member = builders::member(ports, scope, &user, who, DisplayNumber::new(number), role);
        member.active = active;
        if who == EDSGER {
            member.profile = full.clone();
            (member.created_at, member.updated_at, member.revision) =
                (earliest(), latest(), GREATEST_REVISION);
        } else {
            (member.created_at, member.updated_at) = (before_the_epoch(), exact());
        }
        assert_eq!(work.insert_member(&member).await.expect("an answer"), MemberInserted::Yes);
        // The address of an account that is no longer a member is stored, and not shown.
        member.email = member.email.filter(|_| active);
        expected.push(member);
    }
    commit(work).await;

    for member in &expected {
        let own = fixture.views().own_member(&viewer(member.user), scope).await.expect("a look-up");
        assert_eq!(own.as_ref(), Some(member), "the own membership is visible, active or not");
    }
    let mut work = fixture.begin().await;
    expected.sort_by_key(|member| member.user);
    let users: Vec<_> = expected.iter().rev().map(|member| member.user).collect();
    assert_eq!(work.members(scope, &users).await.expect("a look-up"), expected, "by ascending id");
    assert_eq!(work.hold_members(scope, &users).await.expect("a look-up"), expected);
    assert_eq!(work.members(scope, &[]).await.expect("a look-up"), []);
    let personal = Scope::Personal(expected[0].user);
    assert_eq!(work.members(personal, &users).await.expect("a look-up"), [], "a user's scope begins empty");
}

/// Keys are stored unchanged, with every reach, ability and expiry.
pub async fn keys_are_stored_unchanged(fixture: &Fixture) {
    let ports = &fixture.ports;
    let organization = seed::organization(ports, "Harbour Works").await;
    let member = seed::member(ports, organization.id, ALAN, ScopeRole::Member).await;
    let (personal, shared) = (Scope::Personal(member.user), Scope::Organization(organization.id));
    let mut plain = builders::key(ports, member.user, personal);
    plain.created_at = exact();
    plain.prefix = None;
    let mut narrow = builders::key(ports, member.user, shared);
    narrow.name = KeyName::parse(STRANGE).expect("a name");
    narrow.reach = Reach::Only(organization.id);
    narrow.ability = Ability::Read;
    narrow.created_at = earliest();
    narrow.expires_at = Some(latest());
    narrow.ends_unless_used = true;
    let mut revoked = builders::key(ports, member.user, shared);
    revoked.name = KeyName::parse(&ROCKET.repeat(KeyName::MAX)).expect("a name");
    revoked.created_at = exact();
    revoked.expires_at = Some(exact());
    revoked.revoked_at = Some(exact().plus_seconds(1));
    revoked.last_used_at = Some(exact().start_of_hour());
    revoked.prefix = KeyPrefix::parse("lga_Ab3dE9xZ").ok();
    for (key, secret) in [(&plain, "one"), (&narrow, "two"), (&revoked, "three")] {
        let hash = seed::key(ports, key, secret).await;
        assert_eq!(fixture.views().key_by_hash(&hash).await.expect("a look-up").as_ref(), Some(key));
        assert_eq!(fixture.views().key(member.user, key.id).await.expect("a look-up").as_ref(), Some(key));
        let mut work = fixture.begin().await;
        assert_eq!(work.lock_key(key.id).await.expect("a lock").as_ref(), Some(key));
    }
    let keys = fixture.views().keys(&viewer(member.user), &whole()).await.expect("a list");
    assert_eq!(keys, [narrow, plain, revoked], "oldest first, those made together by id");
    let viewer = Viewer { reach: Reach::Only(organization.id), ..viewer(member.user) };
    let role = fixture.views().role_in_scope(&viewer, shared).await.expect("a look-up");
    assert_eq!(role, Some(ScopeRole::Member));
}
