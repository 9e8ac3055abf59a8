//! Creating users for an organization: several at once, machines, and people with addresses that are known elsewhere.

use std::sync::Arc;

use loggia_domain::event::Actor;
use loggia_domain::key::{Ability, Caller};
use loggia_domain::page::{MemberQuery, PageRequest};
use loggia_domain::role::ScopeRole;
use loggia_domain::roster::{BatchError, MAX_BATCH};
use loggia_domain::scope::{Reach, Scope};
use loggia_domain::service::{KeyError, NewKey, NewMember, NewMemberKey, NewMembers, OrganizationError as E};
use loggia_domain::text::{KeyName, OrganizationName, Username};
use loggia_domain::user::{Member, MemberPatch, MemberRefused, UserKind};
use loggia_testkit::builders::{ADA, ALAN, GRACE, KATHERINE, email};
use loggia_testkit::intercept::Recorder;

use crate::support::{CONFINED, House, account, first, newcomer, out};

fn robot() -> NewMember {
    NewMember::machine(KATHERINE.profile(), ScopeRole::Member)
}

fn worker(number: usize) -> NewMember {
    NewMember::person(email(&format!("worker{number}@example.com")), KATHERINE.profile(), ScopeRole::Viewer)
}

fn people(people: Vec<NewMember>) -> NewMembers {
    NewMembers::new(people).expect("a batch")
}

impl House {
    async fn add(&self, batch: &NewMembers) -> Result<Vec<Member>, E> {
        self.loggia.acting_as(&self.ada).add_members(self.organization, batch).await
    }

    async fn member_count(&self) -> Option<u64> {
        let all = MemberQuery::default();
        let page = self.loggia.acting_as(&self.ada).list_members(self.organization, &all, &first(1)).await;
        page.expect("a page").total
    }
}

#[test]
fn a_batch_has_one_to_a_hundred_different_people_and_any_number_of_machines() {
    assert_eq!(NewMembers::new(Vec::new()), Err(BatchError::Empty));
    let hundred: Vec<NewMember> = (0..MAX_BATCH).map(worker).collect();
    assert!(NewMembers::new(hundred.clone()).is_ok());
    let more = hundred.into_iter().chain([worker(MAX_BATCH)]).collect();
    assert_eq!(NewMembers::new(more), Err(BatchError::TooMany));
    let ada = |text| NewMember::person(email(text), ADA.profile(), ScopeRole::Member);
    let twice = vec![ada("ada@example.com"), newcomer(GRACE), ada("ADA@example.com")];
    assert_eq!(NewMembers::new(twice), Err(BatchError::Duplicate(2)));
    let twice = vec![ada("x@bücher.example"), ada("X@XN--BCHER-KVA.example")];
    assert_eq!(NewMembers::new(twice), Err(BatchError::Duplicate(1)), "domains are compared by IDNA");
    let alike = ["fiona@example.com", "ﬁona@example.com", "straße@example.com", "strasse@example.com"];
    assert!(NewMembers::new(alike.map(ada).into()).is_ok(), "local parts that only look alike are four");
    assert!(NewMembers::new(vec![robot(), robot()]).is_ok());
}

#[tokio::test]
async fn several_people_are_added_at_once_in_the_given_order() {
    let house = House::open().await;
    let added = house.add(&people(vec![worker(2), newcomer(ALAN), robot(), worker(1)])).await;
    let added = added.expect("four members");
    let emails =
        [Some(email("worker2@example.com")), Some(ALAN.email()), None, Some(email("worker1@example.com"))];
    assert_eq!(added.iter().map(|member| member.email.clone()).collect::<Vec<_>>(), emails);
    assert_ne!(added[1].user, house.alan.user, "an account with this address is another user");
    assert_eq!(added.iter().map(|member| member.number.get()).collect::<Vec<_>>(), [5, 6, 7, 8]);
    assert_eq!(house.news().await.len(), 4);
    assert_eq!(house.member_count().await, Some(8));
}

#[tokio::test]
async fn a_batch_is_added_whole_or_not_at_all_and_the_conflict_is_reported() {
    let house = House::of_own_people().await;
    let named = |new: NewMember, username: &str| {
        let mut new = new;
        new.profile.username = Some(Username::parse(username).expect("a username"));
        new
    };
    let there = people(vec![worker(1), robot(), newcomer(GRACE), worker(2)]);
    refused!(house.add(&there).await, E::AlreadyAMember { index: 2 });
    let same_name = people(vec![worker(1), named(worker(2), "Kat"), named(robot(), "KAT")]);
    refused!(house.add(&same_name).await, E::UsernameTaken { index: 2 });
    assert_eq!((house.news().await, house.member_count().await), (vec![], Some(4)));
    let unknown =
        house.loggia.operator().account_by_email(&email("worker1@example.com")).await.expect("an answer");
    assert_eq!(unknown, None, "no user is left behind");
}

#[tokio::test]
async fn a_machine_has_neither_address_nor_personal_scope() {
    let house = House::open().await;
    let robot = house.add(&robot().into()).await.expect("a machine").remove(0);
    assert_eq!((robot.kind, &robot.email), (UserKind::Machine, &None));
    house.call(robot.user.as_uuid(), "the robot");
    assert_eq!(
        house.news().await,
        ["Ada created member the robot: kind - > machine, role - > member, active - > true, \
          first_name - > Katherine, last_name - > Johnson"]
    );
    let own = Scope::Personal(robot.user);
    let me = house
        .loggia
        .acting_as(&Caller::unchecked(robot.user, own))
        .me(&PageRequest::FIRST)
        .await
        .expect("itself");
    assert_eq!((me.user.kind, me.user.email, me.member), (UserKind::Machine, None, None));
    assert_eq!(house.ports.views.events(own, None, 9).await.expect("events"), []);
}

#[tokio::test]
async fn an_own_person_belongs_to_the_organization_and_reaches_nothing_else() {
    let house = House::open().await;
    let alan = house.add(&newcomer(ALAN).into()).await.expect("a person").remove(0);
    assert_eq!((alan.home, alan.email.clone()), (Some(house.organization), Some(ALAN.email())));
    let own = Scope::Personal(alan.user);
    assert_eq!(
        house.ports.views.events(own, None, 9).await.expect("events"),
        [],
        "there is no personal scope"
    );
    let key = |default_scope| NewKey {
        name: KeyName::parse("laptop").expect("a name"),
        default_scope,
        reach: Reach::Everywhere,
        ability: Ability::Write,
        expires_at: None,
    };
    let issued =
        house.loggia.operator().issue_key(Actor::Operator, alan.user, key(house.scope)).await.expect("a key");
    assert_eq!(issued.key.reach, Reach::Only(house.organization), "whatever was asked for");
    refused!(
        house.loggia.operator().issue_key(Actor::Operator, alan.user, key(own)).await,
        KeyError::NotInScope
    );
    let name = OrganizationName::parse("Mole Works").expect("a name");
    let founded = house.loggia.acting_as(&Caller::from(&issued.key)).create_organization(name.clone()).await;
    refused!(founded, E::Denied(CONFINED));
    // A host that trusts such a user gives it no more than that.
    let founded =
        house.loggia.acting_as(&Caller::unchecked(alan.user, house.scope)).create_organization(name).await;
    refused!(founded, E::Denied(CONFINED));
}

#[tokio::test]
async fn an_address_is_unique_among_the_own_people_of_one_organization() {
    let house = House::open().await;
    let first = house.add(&newcomer(KATHERINE).into()).await.expect("a person").remove(0);
    refused!(house.add(&newcomer(KATHERINE).into()).await, E::AlreadyAMember { index: 0 });
    let there = house.loggia.operator().add_member(house.elsewhere, newcomer(KATHERINE)).await;
    assert_ne!(there.expect("another person").user, first.user);
    let account = house.loggia.operator().add_account(&account(KATHERINE)).await.expect("an account");
    assert_ne!(account.user, first.user);
    let out = out();
    house
        .loggia
        .acting_as(&house.ada)
        .update_member(house.organization, first.user, out)
        .await
        .expect("a change");
    let again = house.add(&newcomer(KATHERINE).into()).await;
    refused!(again, E::InactiveMember { index: 0, user, .. } if user == first.user);
}

#[tokio::test]
async fn an_organization_corrects_the_addresses_of_its_own_people() {
    let house = House::open().await;
    let own = house.add(&people(vec![worker(1), worker(2), robot()])).await.expect("three");
    house.forget_news().await;
    let change = async |member: &Member, text: &str| {
        let patch = MemberPatch { email: Some(email(text)), ..MemberPatch::default() };
        house.loggia.acting_as(&house.ada).update_member(house.organization, member.user, patch).await
    };
    refused!(change(&own[0], "WORKER2@example.com").await, E::AddressTaken);
    // The address of an account is no obstacle, and reveals nothing.
    let changed = change(&own[0], "alan@example.com").await.expect("a change");
    assert_eq!((changed.email, changed.revision), (Some(ALAN.email()), 2));
    refused!(change(&own[2], "robot@example.com").await, E::Refused(MemberRefused::NoAddress));
    let grace = house
        .loggia
        .acting_as(&house.ada)
        .member(house.organization, house.grace.user)
        .await
        .expect("a member");
    refused!(change(&grace, "hopper@example.com").await, E::Refused(MemberRefused::BelongsToAccount));
    let query = MemberQuery {
        search: loggia_domain::text::SearchText::parse("alan@").ok(),
        ..MemberQuery::default()
    };
    let found = house
        .loggia
        .acting_as(&house.ada)
        .list_members(house.organization, &query, &first(9))
        .await
        .expect("a page");
    assert_eq!(found.items.iter().map(|member| member.user).collect::<Vec<_>>(), [own[0].user]);
    house.add(&worker(1).into()).await.expect("the old address is free");
}

#[tokio::test]
async fn accounts_are_unique_by_address_and_keep_their_profile_when_they_join() {
    let house = House::open().await;
    refused!(house.loggia.operator().add_account(&account(ALAN)).await, E::AddressTaken);
    let mut other = account(ALAN);
    other.profile = GRACE.profile();
    let joined =
        house.loggia.operator().add_account_member(house.organization, &other, ScopeRole::Viewer).await;
    let joined = joined.expect("a member");
    assert_eq!(joined.user, house.alan.user);
    assert_eq!(joined.profile.full_name(), ALAN.profile().full_name(), "not the name that was given here");
    let again =
        house.loggia.operator().add_account_member(house.organization, &other, ScopeRole::Viewer).await;
    refused!(again, E::AlreadyAMember { index: 0 });
}

#[tokio::test]
async fn only_the_operator_reactivates_an_account_and_an_admin_must_invite_it() {
    let house = House::open().await;
    house.deactivate(&house.grace).await;
    let back = MemberPatch { active: Some(true), ..MemberPatch::default() };
    let (id, grace) = (house.organization, house.grace.user);
    let by_admin = house.loggia.acting_as(&house.ada).update_member(id, grace, back.clone()).await;
    refused!(by_admin, E::InvitationRequired);
    house.loggia.operator().update_member(id, grace, back).await.expect("a change");
}

#[tokio::test]
async fn an_admin_issues_keys_to_own_people_and_none_in_the_name_of_an_account() {
    let house = House::open().await;
    let own = house.add(&newcomer(KATHERINE).into()).await.expect("a person").remove(0);
    let issue = async |user| {
        let name = KeyName::parse("pipeline").expect("a name");
        let new = NewMemberKey { name, ability: Ability::Write, expires_at: None };
        house.loggia.acting_as(&house.ada).issue_member_key(house.organization, user, new).await
    };
    assert_eq!(issue(own.user).await.expect("a key").key.reach, Reach::Only(house.organization));
    refused!(issue(house.grace.user).await, KeyError::BelongsToAccount);
    issue(house.ada.user).await.expect("a key of her own");
}

#[tokio::test]
async fn adding_a_person_asks_the_store_for_no_other_user() {
    let house = House::open().await;
    let calls = Arc::new(Recorder::new());
    let adding = house.behind(calls.clone());
    let added = adding.operator().add_member(house.organization, newcomer(ALAN)).await;
    assert_eq!(added.expect("a member").email, Some(ALAN.email()));
    let expected = [
        "begin",
        "lock_any_organization",
        "insert_user",
        "next_member_number",
        "insert_member",
        "append",
        "commit",
    ];
    assert_eq!(calls.take(), expected);
}
