//! Adding users to an organization: several at once, machines, and people who are known to the instance.

use std::sync::Arc;

use loggia_domain::id::{DisplayNumber, OrganizationId};
use loggia_domain::key::Caller;
use loggia_domain::page::{MemberQuery, PageRequest};
use loggia_domain::port::mock::{MockStore, MockUnitOfWork};
use loggia_domain::port::{Inserted, MemberInserted, Ports};
use loggia_domain::role::ScopeRole;
use loggia_domain::roster::{BatchError, MAX_BATCH};
use loggia_domain::scope::Scope;
use loggia_domain::service::{Authority, Loggia, NewMember, NewMembers, OrganizationError as E};
use loggia_domain::text::Username;
use loggia_domain::user::{Member, User, UserKind};
use loggia_testkit::builders::{self, ADA, ALAN, GRACE, KATHERINE, email};
use mockall::Sequence;

use crate::support::{House, NOBODY, first, newcomer};

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
        self.loggia.add_members(Authority::Caller(&self.ada), self.organization, batch).await
    }

    async fn member_count(&self) -> Option<u64> {
        let all = MemberQuery::default();
        let page = self.loggia.list_members(&self.ada, self.organization, &all, &first(1)).await;
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
async fn several_come_at_once_in_the_order_in_which_they_were_named() {
    let house = House::open().await;
    let added = house.add(&people(vec![worker(2), newcomer(ALAN), robot(), worker(1)])).await;
    let added = added.expect("four members");
    let emails =
        [Some(email("worker2@example.com")), Some(ALAN.email()), None, Some(email("worker1@example.com"))];
    assert_eq!(added.iter().map(|member| member.email.clone()).collect::<Vec<_>>(), emails);
    assert_eq!(added[1].user, house.alan.user, "a person who was there");
    assert_eq!(added.iter().map(|member| member.number.get()).collect::<Vec<_>>(), [5, 6, 7, 8]);
    assert_eq!(house.news().await.len(), 4);
    assert_eq!(house.member_count().await, Some(8));
}

#[tokio::test]
async fn a_batch_is_added_whole_or_not_at_all_and_whoever_is_in_the_way_is_named() {
    let house = House::open().await;
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
    let unknown = house.loggia.user_by_email(&email("worker1@example.com")).await.expect("an answer");
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
    let me = house.loggia.me(&Caller::trusted(robot.user, own), &PageRequest::FIRST).await.expect("itself");
    assert_eq!((me.user.kind, me.user.email, me.member), (UserKind::Machine, None, None));
    assert_eq!(house.ports.views.events(own, None, 9).await.expect("events"), []);
}

#[tokio::test]
async fn a_known_person_leaves_no_trace_but_their_place() {
    let house = House::open().await;
    let own = house.loggia.me(&house.alan, &PageRequest::FIRST).await.expect("himself");
    let events = house.ports.views.events(Scope::Personal(house.alan.user), None, 9).await.expect("events");
    house.add(&newcomer(ALAN).into()).await.expect("a member");
    let now = house.loggia.me(&house.alan, &PageRequest::FIRST).await.expect("himself");
    assert_eq!((now.user, now.member), (own.user, own.member));
    let after = house.ports.views.events(Scope::Personal(house.alan.user), None, 9).await.expect("events");
    assert_eq!(after, events);
}

/// Returns a unit of work that finds `known` by its address and expects an identical sequence of calls whether that is a user or `None`.
fn work(known: Option<User>) -> MockUnitOfWork {
    let (mut work, mut order) = (MockUnitOfWork::new(), Sequence::new());
    let keep = known.is_none();
    macro_rules! then {
        ($method:ident, $answer:expr) => {
            work.$method().times(1).in_sequence(&mut order).return_once($answer)
        };
    }
    let organization = builders::organization(&loggia_testkit::memory(), "Harbour Works");
    then!(expect_lock_any_organization, |_| Ok(Some(organization)));
    then!(expect_user_by_email, |_| Ok(known));
    then!(expect_begin_trial, || Ok(()));
    then!(expect_insert_user, |_| Ok(Inserted::Yes));
    then!(expect_insert_member, |_| Ok(MemberInserted::Yes));
    then!(expect_append, |_| Ok(()));
    then!(expect_end_trial, move |kept| {
        assert_eq!(kept, keep, "what is made for nobody is undone");
        Ok(())
    });
    then!(expect_next_member_number, |_| Ok(DisplayNumber::new(1)));
    then!(expect_insert_member, |_| Ok(MemberInserted::Yes));
    then!(expect_append, |_| Ok(()));
    then!(expect_commit, || Ok(()));
    work
}

#[tokio::test]
async fn the_store_is_asked_the_same_for_an_address_that_is_known_elsewhere() {
    let alan = builders::user(&loggia_testkit::memory(), ALAN);
    for known in [None, Some(alan)] {
        let mut store = MockStore::new();
        let expected = known.clone();
        store.expect_begin().times(1).return_once(move || Ok(Box::new(work(known))));
        let loggia = Loggia::new(Ports { store: Arc::new(store), ..loggia_testkit::memory() });
        let nowhere = OrganizationId::from_uuid(NOBODY);
        let added = loggia.add_member(Authority::Operator, nowhere, newcomer(ALAN)).await.expect("a member");
        assert_eq!(added.email, Some(ALAN.email()));
        assert!(expected.is_none_or(|user| user.id == added.user), "and not the one that was undone");
    }
}
