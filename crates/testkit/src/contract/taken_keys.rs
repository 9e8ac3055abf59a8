//! A taken natural key is an outcome and not an error, and the unit of work continues.

use loggia_domain::id::{DisplayNumber, MembershipId, TaskId};
use loggia_domain::port::{Inserted, MemberInserted};
use loggia_domain::role::{RosterRole, ScopeRole};
use loggia_domain::scope::Scope;
use loggia_domain::text::{EmployeeNumber, Username};
use loggia_domain::user::Member;

use super::Fixture;
use crate::builders::{self, ADA, BARBARA, GRACE, KATHERINE, Person, email, outline};
use crate::seed::{self, World, commit};

/// An address belongs to one user of the instance, whatever the case of its ASCII letters.
pub async fn a_taken_email_is_a_result_and_the_unit_of_work_continues(fixture: &Fixture) {
    let ports = &fixture.ports;
    let ada = seed::person(ports, ADA).await;
    let mut work = fixture.begin().await;
    for taken in ["ada@example.com", "ADA@Example.COM"] {
        let mut second = builders::user(ports, ADA);
        second.email = Some(email(taken));
        assert_eq!(work.insert_user(&second).await.expect("an answer"), Inserted::KeyTaken, "{taken}");
        let found = work.account_by_email(&email(taken)).await.expect("a lookup");
        assert_eq!(found.as_ref(), Some(&ada), "the address is still the first one's");
    }
    let grace = builders::user(ports, GRACE);
    assert_eq!(work.insert_user(&grace).await.expect("an answer"), Inserted::Yes, "the work goes on");
    commit(work).await;
    assert_eq!(fixture.views().user(grace.id).await.expect("a look-up"), Some(grace));
}

/// An address belongs to one own person of an organization, and to one account. Own people of other organizations and accounts are no
/// obstacle to each other.
pub async fn an_address_is_unique_among_the_own_people_of_one_organization(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    let elsewhere = seed::organization(ports, "Quay Works").await.id;
    let here = world.organization.id;
    let account = seed::person(ports, KATHERINE).await;
    let [first, other] = [here, elsewhere].map(|home| builders::own_person(ports, home, KATHERINE));
    let mut work = fixture.begin().await;
    for (home, user) in [(here, &first), (elsewhere, &other)] {
        assert!(work.lock_any_organization(home).await.expect("a lock").is_some());
        assert_eq!(work.insert_user(user).await.expect("an answer"), Inserted::Yes);
        let mut again = builders::own_person(ports, home, KATHERINE);
        again.email = Some(email("KATHERINE@Example.COM"));
        assert_eq!(work.insert_user(&again).await.expect("an answer"), Inserted::KeyTaken);
        let found = work.own_person_by_email(home, &email("KATHERINE@Example.COM")).await.expect("a lookup");
        assert_eq!(found.as_ref(), Some(user));
    }
    let found = work.account_by_email(&KATHERINE.email()).await.expect("a lookup");
    assert_eq!(found.as_ref(), Some(&account), "own people are no accounts");
    assert_eq!(
        work.own_person_by_email(here, &ADA.email()).await.expect("a lookup"),
        None,
        "Ada is an account"
    );
    commit(work).await;
    let views = fixture.views();
    for (home, user) in [(here, &first), (elsewhere, &other)] {
        let found = views.own_person_by_email(home, &KATHERINE.email()).await.expect("a lookup");
        assert_eq!(found.as_ref(), Some(user));
        assert_eq!(views.user(user.id).await.expect("a lookup").as_ref(), Some(user));
    }
    assert_eq!(views.account_by_email(&KATHERINE.email()).await.expect("a lookup"), Some(account));
}

/// An address changes with its key, for accounts and own people, and a taken one is an outcome.
pub async fn an_address_changes_and_a_taken_one_is_a_result(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    let home = world.organization.id;
    let account = seed::person(ports, KATHERINE).await;
    let [first, second] = [KATHERINE, BARBARA].map(|who| builders::own_person(ports, home, who));
    let mut work = fixture.begin().await;
    assert!(work.lock_any_organization(home).await.expect("a lock").is_some());
    for user in [&first, &second] {
        assert_eq!(work.insert_user(user).await.expect("an answer"), Inserted::Yes);
    }
    let change = [
        (first.id, Some(home), "BARBARA@example.com", Inserted::KeyTaken),
        (first.id, Some(home), "KATHERINE@example.com", Inserted::Yes),
        (first.id, Some(home), "kat@example.com", Inserted::Yes),
        (second.id, Some(home), "katherine@example.com", Inserted::Yes),
        (account.id, None, "ADA@example.com", Inserted::KeyTaken),
        (account.id, None, "kat@example.com", Inserted::Yes),
    ];
    for (user, home, address, expected) in change {
        let outcome = work.update_address(user, home, &email(address)).await.expect("an answer");
        assert_eq!(outcome, expected, "{address} of {user}");
    }
    commit(work).await;
    let views = fixture.views();
    let own = async |address| {
        views.own_person_by_email(home, &email(address)).await.expect("a lookup").map(|user| user.id)
    };
    assert_eq!(own("KAT@example.com").await, Some(first.id));
    assert_eq!(own("katherine@example.com").await, Some(second.id));
    assert_eq!(own("barbara@example.com").await, None);
    let moved = views.account_by_email(&email("kat@example.com")).await.expect("a lookup");
    assert_eq!(moved.as_ref().map(|user| user.id), Some(account.id));
    assert_eq!(views.account_by_email(&KATHERINE.email()).await.expect("a lookup"), None);
}

/// Builds a member of the world's organization for a new user, with this username and employee number.
async fn newcomer(fixture: &Fixture, world: &World, who: Person, username: &str, employee: &str) -> Member {
    let user = seed::person(&fixture.ports, who).await;
    let number = DisplayNumber::new(i64::from(u16::from(who.first.as_bytes()[0])) + 100);
    let mut member = builders::member(&fixture.ports, world.scope, &user, who, number, ScopeRole::Member);
    member.profile.username = Username::parse(username).ok();
    member.profile.employee_number = EmployeeNumber::parse(employee).ok();
    member
}

/// Usernames and employee numbers of new members are unique in a scope, without regard to case.
pub async fn a_taken_username_or_number_is_a_result_and_the_unit_of_work_continues(fixture: &Fixture) {
    let world = World::seed(&fixture.ports).await;
    let first = newcomer(fixture, &world, BARBARA, "Straße", "E-7a").await;
    let mut second = newcomer(fixture, &world, KATHERINE, "STRASSE", "8").await;
    let mut work = fixture.begin().await;
    let organization = work.lock_any_organization(world.organization.id).await.expect("a lock");
    assert_eq!(organization.as_ref(), Some(&world.organization));
    assert_eq!(work.insert_member(&first).await.expect("an answer"), MemberInserted::Yes);
    let there = MemberInserted::AlreadyAMember { active: true };
    assert_eq!(work.insert_member(&first).await.expect("an answer"), there);
    assert_eq!(work.insert_member(&second).await.expect("an answer"), MemberInserted::UsernameTaken);
    second.profile.username = Username::parse("katherine").ok();
    second.profile.employee_number = EmployeeNumber::parse("e-7A").ok();
    assert_eq!(work.insert_member(&second).await.expect("an answer"), MemberInserted::EmployeeNumberTaken);
    second.profile.employee_number = None;
    assert_eq!(
        work.insert_member(&second).await.expect("an answer"),
        MemberInserted::Yes,
        "the work goes on"
    );
    commit(work).await;

    let mut work = fixture.begin().await;
    let found = work.members(world.scope, &[second.user, first.user]).await.expect("a look-up");
    assert_eq!(found, [first, second]);
}

/// Usernames and employee numbers stay unique when a profile changes. A member's own values are not taken, and absent ones never are.
pub async fn a_member_cannot_change_to_a_taken_username_or_employee_number(fixture: &Fixture) {
    let world = World::seed(&fixture.ports).await;
    let (mut grace, mut edsger) = (world.member.clone(), world.viewer.clone());
    grace.profile.username = Username::parse("grace").ok();
    grace.profile.employee_number = EmployeeNumber::parse("A1").ok();
    let mut work = fixture.begin().await;
    let organization = work.lock_any_organization(world.organization.id).await.expect("a lock");
    assert!(organization.is_some());
    assert_eq!(work.update_member(&grace).await.expect("an answer"), MemberInserted::Yes);
    assert_eq!(work.update_member(&grace).await.expect("an answer"), MemberInserted::Yes, "it is her own");
    edsger.profile.username = Username::parse("GRACE").ok();
    assert_eq!(work.update_member(&edsger).await.expect("an answer"), MemberInserted::UsernameTaken);
    edsger.profile.username = None;
    edsger.profile.employee_number = EmployeeNumber::parse("a1").ok();
    assert_eq!(work.update_member(&edsger).await.expect("an answer"), MemberInserted::EmployeeNumberTaken);
    edsger.profile.employee_number = None;
    edsger.role = ScopeRole::Member;
    assert_eq!(
        work.update_member(&edsger).await.expect("an answer"),
        MemberInserted::Yes,
        "the work goes on"
    );
    commit(work).await;

    let mut work = fixture.begin().await;
    let found = work.members(world.scope, &[grace.user, edsger.user]).await.expect("a look-up");
    assert_eq!(found, [grace, edsger]);
}

/// A username or employee number that is taken in one scope is free in another.
pub async fn usernames_and_employee_numbers_are_unique_in_one_scope_only(fixture: &Fixture) {
    let world = World::seed(&fixture.ports).await;
    let other = seed::organization(&fixture.ports, "Elsewhere").await;
    let here = newcomer(fixture, &world, BARBARA, "chief", "1").await;
    let mut there = here.clone();
    there.scope = Scope::Organization(other.id);
    let mut work = fixture.begin().await;
    assert_eq!(work.insert_member(&here).await.expect("an answer"), MemberInserted::Yes);
    assert_eq!(work.insert_member(&there).await.expect("an answer"), MemberInserted::Yes);
    commit(work).await;
}

/// A user is on a roster at most once.
pub async fn a_taken_membership_is_a_result_and_the_unit_of_work_continues(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    let mut work = fixture.begin().await;
    let locked = work.lock_project(&world.as_admin(), world.project.id).await.expect("a lock");
    assert!(locked.is_some());
    let number = work.next_membership_numbers(world.scope, world.project.id, 2).await.expect("numbers");
    let mut second = world.roster_member.clone();
    second.id = MembershipId::from_uuid(ports.ids.next());
    second.number = number;
    second.role = RosterRole::Admin;
    assert_eq!(work.insert_membership(world.scope, &second).await.expect("an answer"), Inserted::KeyTaken);
    let edsger = builders::membership(
        ports,
        world.project.id,
        world.viewer.user,
        DisplayNumber::new(number.get() + 1),
        RosterRole::Member,
    );
    assert_eq!(work.insert_membership(world.scope, &edsger).await.expect("an answer"), Inserted::Yes);
    commit(work).await;

    let mut work = fixture.begin().await;
    let people = [world.viewer.user, world.member.user];
    let found = work.memberships(world.scope, world.project.id, &people).await.expect("a look-up");
    assert_eq!(found, [world.roster_member, edsger], "the first membership is unchanged");
}

/// A position in the outline has at most one task of the project, when tasks are created and when they are moved.
pub async fn a_taken_outline_position_is_a_result_and_the_unit_of_work_continues(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    let first = seed::task(ports, &world.project, "1.10", |_| ()).await;
    let mut moving = seed::task(ports, &world.project, "2", |_| ()).await;
    let elsewhere = seed::project(ports, world.scope, world.admin.user, "Lighthouse", |_| ()).await;
    seed::task(ports, &elsewhere, "1.10", |_| ()).await;

    let mut work = fixture.begin().await;
    let locked = work.lock_project(&world.as_admin(), world.project.id).await.expect("a lock");
    assert!(locked.is_some());
    let mut second = first.clone();
    second.id = TaskId::from_uuid(ports.ids.next());
    second.number = work.next_task_number(world.scope, world.project.id).await.expect("a number");
    assert_eq!(work.insert_task(&second).await.expect("an answer"), Inserted::KeyTaken);
    second.outline = outline("1.1");
    assert_eq!(work.insert_task(&second).await.expect("an answer"), Inserted::Yes, "the work goes on");

    let locked = work.lock_task(&world.as_admin(), moving.id).await.expect("a lock");
    assert_eq!(locked.map(|(task, _)| task).as_ref(), Some(&moving));
    assert_eq!(
        work.update_task(&moving).await.expect("an answer"),
        Inserted::Yes,
        "its own position is not taken"
    );
    moving.outline = first.outline.clone();
    assert_eq!(work.update_task(&moving).await.expect("an answer"), Inserted::KeyTaken);
    moving.outline = outline("1.2");
    assert_eq!(work.update_task(&moving).await.expect("an answer"), Inserted::Yes, "the work goes on");
    commit(work).await;

    let mut work = fixture.begin().await;
    for task in [first, second, moving] {
        let found = work.lock_task(&world.as_admin(), task.id).await.expect("a look-up");
        assert_eq!(found.map(|(task, _)| task), Some(task));
    }
    drop(work);
    seed::task(ports, &world.project, "2", |_| ()).await;
}
