//! The profile of an account: the memberships that show a change, the callers that may make it, and the fields that stay.

use loggia_domain::account::{AccountPatch, AccountProfile};
use loggia_domain::event::Actor;
use loggia_domain::id::UserId;
use loggia_domain::key::Caller;
use loggia_domain::page::{MemberQuery, PageRequest};
use loggia_domain::role::ScopeRole;
use loggia_domain::scope::Scope;
use loggia_domain::service::{NewAccount, NewMember, OrganizationError as E};
use loggia_domain::text::{AvatarUrl, EmployeeNumber, OrganizationName, PersonName, SearchText, Username};
use loggia_domain::user::{Member, MemberPatch};
use loggia_testkit::builders::{GRACE, KATHERINE, email, viewer};

use crate::support::{CONFINED, HIDDEN, House, NOBODY, READ_ONLY, ROLE, only, reading};

/// The result of [`found`] for a text that no member has.
const NOWHERE: [Vec<UserId>; 2] = [Vec::new(), Vec::new()];

/// Returns the patch to another first name and to a picture.
fn patch() -> AccountPatch {
    AccountPatch {
        first_name: PersonName::parse("Amazing").ok(),
        avatar: Some(AvatarUrl::parse("https://example.com/grace.png").ok()),
        ..AccountPatch::default()
    }
}

/// Returns the patch to another address.
fn moved(address: &str) -> AccountPatch {
    AccountPatch { email: Some(email(address)), ..AccountPatch::default() }
}

/// Makes Grace a member of Quay Works too.
async fn join_elsewhere(house: &House) {
    let account = NewAccount { email: GRACE.email(), profile: GRACE.profile() };
    let joined =
        house.loggia.operator().add_account_member(house.elsewhere, &account, ScopeRole::Viewer).await;
    assert_eq!(joined.expect("a member").user, house.grace.user);
    house.wait();
}

/// Returns a user's membership of a scope, as the store has it.
async fn stored(house: &House, user: UserId, scope: Scope) -> Member {
    let found = house.ports.views.own_member(&viewer(user), scope).await.expect("a lookup");
    found.expect("a membership")
}

/// Returns the members that Ada and Alan find in their organizations by a text.
async fn found(house: &House, text: &str) -> [Vec<UserId>; 2] {
    let query = MemberQuery { search: SearchText::parse(text).ok(), ..MemberQuery::default() };
    let mut found: Vec<Vec<UserId>> = Vec::new();
    for (who, organization) in [(&house.ada, house.organization), (&house.alan, house.elsewhere)] {
        let page = house.loggia.acting_as(who).list_members(organization, &query, &PageRequest::FIRST).await;
        found.push(page.expect("a page").items.into_iter().map(|member| member.user).collect());
    }
    found.try_into().expect("two lists")
}

#[tokio::test]
async fn a_change_of_the_own_profile_shows_in_every_organization() {
    let house = House::open().await;
    join_elsewhere(&house).await;
    let grace = house.grace.user;
    let kept = MemberPatch {
        username: Some(Username::parse("grace").ok()),
        employee_number: Some(EmployeeNumber::parse("7").ok()),
        ..MemberPatch::default()
    };
    house.loggia.operator().update_member(house.organization, grace, kept).await.expect("a change");
    house.forget_news().await;
    house.wait();
    let scopes = [house.scope, Scope::Organization(house.elsewhere), Scope::Personal(grace)];
    let mut before = Vec::new();
    for scope in scopes {
        before.push(stored(&house, grace, scope).await);
    }

    let (user, shown) =
        house.loggia.acting_as(&house.grace).change_own_profile(patch()).await.expect("a change");
    assert_eq!((user.id, user.email), (grace, Some(GRACE.email())));
    for (scope, old) in scopes.into_iter().zip(before) {
        let mut expected = old.clone();
        expected.profile.first_name = PersonName::parse("Amazing").expect("a name");
        expected.profile.avatar = AvatarUrl::parse("https://example.com/grace.png").ok();
        (expected.updated_at, expected.revision) = (house.loggia.now(), old.revision + 1);
        assert_eq!(stored(&house, grace, scope).await, expected, "all else is as it was");
    }
    assert_eq!(shown, Some(stored(&house, grace, house.scope).await), "that of the default scope");
    assert_eq!(
        house.news().await,
        ["Grace updated member Grace: first_name Grace > Amazing, avatar - > https://example.com/grace.png"]
    );
    assert_eq!(found(&house, "amazing hopper").await, [[grace], [grace]].map(Vec::from));
    assert_eq!(found(&house, "grace hopper").await, NOWHERE);
}

#[tokio::test]
async fn a_former_organization_keeps_the_profile_that_it_knew() {
    let house = House::open().await;
    join_elsewhere(&house).await;
    house.deactivate(&house.grace).await;
    let before = stored(&house, house.grace.user, house.scope).await;
    let (_, shown) =
        house.loggia.acting_as(&house.grace).change_own_profile(patch()).await.expect("a change");
    assert_eq!(shown, None, "the default scope is closed");
    assert_eq!(stored(&house, house.grace.user, house.scope).await, before);
    assert_eq!(house.news().await, [""; 0]);
    let elsewhere = stored(&house, house.grace.user, Scope::Organization(house.elsewhere)).await;
    assert_eq!(elsewhere.profile.full_name(), "Amazing Hopper");
}

#[tokio::test]
async fn a_former_organization_shows_and_finds_no_address_of_the_account_until_it_is_back() {
    let house = House::open().await;
    let grace = house.grace.user;
    let left = house
        .loggia
        .acting_as(&house.grace)
        .leave_organization(house.organization)
        .await
        .expect("she leaves");
    assert_eq!((&left.email, left.profile.full_name().as_str()), (&None, "Grace Hopper"));
    let change = AccountPatch { email: moved("amazing@example.com").email, ..patch() };
    house.loggia.operator().change_account(grace, change).await.expect("a change");
    let shown = house.loggia.acting_as(&house.ada).member(house.organization, grace).await.expect("a member");
    assert_eq!(shown, left, "nothing of what was changed since");
    for address in ["grace@", "amazing@"] {
        assert_eq!(found(&house, address).await[0], [], "{address}");
    }
    let back = MemberPatch { active: Some(true), ..MemberPatch::default() };
    let back = house.loggia.operator().update_member(house.organization, grace, back).await;
    let back = back.expect("a change");
    let own = stored(&house, grace, Scope::Personal(grace)).await;
    assert_eq!(
        AccountProfile::from_member(&back),
        AccountProfile::from_member(&own),
        "it shows the present profile again"
    );
    assert_eq!(stored(&house, grace, house.scope).await, back);
    assert_eq!(found(&house, "amazing@").await[0], [grace]);
}

#[tokio::test]
async fn a_new_organization_of_the_accounts_shows_the_changed_profile() {
    let house = House::open().await;
    house.loggia.acting_as(&house.grace).change_own_profile(patch()).await.expect("a change");
    let name = OrganizationName::parse("Pier Works").expect("a name");
    let (made, _) =
        house.loggia.acting_as(&house.grace).create_organization(name).await.expect("an organization");
    let member = stored(&house, house.grace.user, Scope::Organization(made.id)).await;
    assert_eq!(
        AccountProfile::from_member(&member),
        AccountProfile::from_member(&stored(&house, house.grace.user, house.scope).await)
    );
}

#[tokio::test]
async fn a_patch_that_changes_nothing_writes_nothing() {
    let house = House::open().await;
    let before = stored(&house, house.grace.user, house.scope).await;
    let same = AccountPatch {
        first_name: Some(before.profile.first_name.clone()),
        avatar: Some(None),
        ..AccountPatch::default()
    };
    for patch in [AccountPatch::default(), same] {
        house.loggia.acting_as(&house.grace).change_own_profile(patch).await.expect("an answer");
    }
    house
        .loggia
        .operator()
        .change_account(house.grace.user, moved("grace@example.com"))
        .await
        .expect("an answer");
    assert_eq!(stored(&house, house.grace.user, house.scope).await, before);
    assert_eq!(house.news().await, [""; 0]);
}

#[tokio::test]
async fn a_profile_is_changed_by_its_owner_with_a_key_that_reaches_everywhere() {
    let house = House::open().await;
    let before = stored(&house, house.grace.user, house.scope).await;
    refused!(
        house.loggia.acting_as(&reading(&house.grace)).change_own_profile(patch()).await,
        E::Denied(READ_ONLY)
    );
    for organization in [house.organization, house.elsewhere] {
        let confined = only(&house.grace, organization);
        refused!(house.loggia.acting_as(&confined).change_own_profile(patch()).await, E::Denied(CONFINED));
    }
    refused!(
        house.loggia.acting_as(&house.grace).change_own_profile(moved("g@example.com")).await,
        E::Denied(ROLE)
    );
    // No other user changes it, not even an admin of the user's organization.
    for other in [&house.ada, &house.alan] {
        let outcome = house.loggia.acting_as(other).change_account(house.grace.user, patch()).await;
        refused!(outcome, E::Denied(HIDDEN));
    }
    assert_eq!(stored(&house, house.grace.user, house.scope).await, before);
    assert_eq!(house.news().await, [""; 0]);
}

#[tokio::test]
async fn a_user_without_an_account_has_no_profile_of_their_own() {
    let house = House::open().await;
    let organization = house.organization;
    for new in [
        NewMember::person(KATHERINE.email(), KATHERINE.profile(), ScopeRole::Member),
        NewMember::machine(KATHERINE.profile(), ScopeRole::Member),
    ] {
        let added = house.loggia.operator().add_member(organization, new).await.expect("a member");
        let outcome = house.loggia.operator().change_account(added.user, patch()).await;
        refused!(outcome, E::UserNotFound);
        let themselves = Caller::unchecked(added.user, added.scope);
        refused!(house.loggia.acting_as(&themselves).change_own_profile(patch()).await, E::UserNotFound);
        assert_eq!(stored(&house, added.user, house.scope).await, added);
    }
    let nobody = UserId::from_uuid(NOBODY);
    refused!(house.loggia.operator().change_account(nobody, patch()).await, E::UserNotFound);
}

#[tokio::test]
async fn the_operator_changes_an_address_which_all_organizations_show_and_no_event_contains() {
    let house = House::open().await;
    join_elsewhere(&house).await;
    house.forget_news().await;
    let grace = house.grace.user;
    let change = async |address: &str| house.loggia.operator().change_account(grace, moved(address)).await;
    refused!(change("ADA@example.com").await, E::AddressTaken);
    assert_eq!(house.news().await, [""; 0]);
    let changed = change("hopper@navy.example.com").await.expect("a change");
    assert_eq!(changed.len(), 3, "two organizations and the personal scope");
    for member in changed {
        assert_eq!(member.email, Some(email("hopper@navy.example.com")));
        assert_eq!(stored(&house, grace, member.scope).await, member);
    }
    assert_eq!(house.news().await, ["the operator updated member Grace: "]);
    assert_eq!(found(&house, "hopper@navy").await, [[grace], [grace]].map(Vec::from));
    assert_eq!(found(&house, "grace@").await, NOWHERE);
    // The address that she had is free again.
    let barbara = house.barbara.user;
    let taken = house.loggia.operator().change_account(barbara, moved("grace@example.com")).await;
    assert!(taken.is_ok(), "{taken:?}");
}

#[tokio::test]
async fn each_scope_has_an_event_of_a_change_with_its_author() {
    let house = House::open().await;
    join_elsewhere(&house).await;
    house.loggia.operator().change_account(house.grace.user, patch()).await.expect("a change");
    for scope in [house.scope, Scope::Organization(house.elsewhere), Scope::Personal(house.grace.user)] {
        let events = house.ports.views.events(scope, None, 1_000).await.expect("events");
        let (_, last) = events.last().expect("an event");
        assert_eq!(
            (last.actor, last.subject, last.at),
            (Actor::Operator, house.grace.user.as_uuid(), house.loggia.now())
        );
        let fields: Vec<_> = last.changes.iter().map(|change| change.field.as_ref()).collect();
        assert_eq!(fields, ["first_name", "avatar"]);
    }
}
