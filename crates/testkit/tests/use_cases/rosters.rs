use loggia_domain::id::{ProjectId, UserId};
use loggia_domain::key::Caller;
use loggia_domain::organization::LastAdmin;
use loggia_domain::port::MembershipView;
use loggia_domain::project::Project;
use loggia_domain::role::RosterRole::{Admin, Member};
use loggia_domain::role::ScopeRole;
use loggia_domain::roster::{MAX_BATCH, RemovalRefused};
use loggia_domain::service::{NewMember, RosterError as E};
use loggia_domain::task::{NewTask, TaskStatus};
use loggia_domain::user::MemberPatch;
use loggia_testkit::builders::{KATHERINE, email};

use crate::support::{HIDDEN, House, NOBODY, READ_ONLY, ROLE, batch, first, only, reading};

const STRANGER: UserId = UserId::from_uuid(NOBODY);
const NO_PROJECT: ProjectId = ProjectId::from_uuid(NOBODY);

/// Returns the users on a roster with their roles and numbers, in the roster's order.
async fn roster(house: &House, project: &Project) -> Vec<(UserId, &'static str, i64)> {
    let page =
        house.loggia.acting_as(&house.ada).list_roster(project.id, &first(100)).await.expect("the roster");
    let row = |view: &MembershipView| {
        (view.membership.user, view.membership.role.as_str(), view.membership.number.get())
    };
    page.items.iter().map(row).collect()
}

#[tokio::test]
async fn the_roster_is_shown_to_its_members_only() {
    let house = House::open().await;
    let (open, vault) = (house.project("Harbour").await, house.private_project("Vault").await);
    house.join(&open, &house.edsger, Member).await;
    let list = |caller, id| {
        let loggia = &house.loggia;
        async move { loggia.acting_as(&caller).list_roster(id, &first(1)).await }
    };
    let page = list(reading(&house.edsger), open.id).await.expect("a page");
    assert_eq!((page.items.len(), page.after, page.total), (1, true, Some(2)));
    assert_eq!(page.items[0].project.id, open.id);
    assert_eq!(page.items[0].member.user, house.ada.user);
    refused!(list(house.barbara, open.id).await, E::Denied(ROLE));
    refused!(list(house.barbara, vault.id).await, E::Denied(ROLE));
    refused!(list(house.grace, open.id).await, E::Denied(ROLE));
    refused!(list(house.grace, vault.id).await, E::Denied(HIDDEN));
    refused!(list(house.alan, open.id).await, E::Denied(HIDDEN));
    refused!(list(house.ada, NO_PROJECT).await, E::Denied(HIDDEN));
}

#[tokio::test]
async fn people_are_added_in_the_order_in_which_they_were_named() {
    let house = House::open().await;
    let project = house.project("Harbour").await;
    let people =
        batch(&[(house.grace.user, Admin), (house.barbara.user, Member), (house.edsger.user, Member)]);
    let added = house
        .loggia
        .acting_as(&house.ada)
        .add_to_roster(project.id, &people)
        .await
        .expect("three memberships");
    let users: Vec<_> = added.iter().map(|view| (view.member.user, view.membership.user)).collect();
    let asked = [house.grace.user, house.barbara.user, house.edsger.user];
    assert_eq!(users, asked.map(|user| (user, user)));
    assert!(added.iter().all(|view| view.project.id == project.id));
    assert!(added.iter().all(|view| view.membership.created_at == house.loggia.now()));
    assert_eq!(
        roster(&house, &project).await,
        [
            (house.ada.user, "admin", 1),
            (house.grace.user, "admin", 2),
            (house.barbara.user, "member", 3),
            (house.edsger.user, "member", 4),
        ]
    );
    for (view, name) in added.iter().zip(["second", "third", "fourth"]) {
        house.call(view.membership.id.as_uuid(), name);
    }
    assert_eq!(
        house.news().await,
        [
            "Ada created membership second: project - > Harbour, user - > Grace, role - > admin",
            "Ada created membership third: project - > Harbour, user - > Barbara, role - > member",
            "Ada created membership fourth: project - > Harbour, user - > Edsger, role - > member",
        ]
    );
}

#[tokio::test]
async fn one_person_who_cannot_be_added_fails_the_whole_batch() {
    let house = House::open().await;
    let project = house.project("Harbour").await;
    house.join(&project, &house.grace, Member).await;
    let before = roster(&house, &project).await;
    let (new, there, stranger) = (house.edsger.user, house.grace.user, STRANGER);
    let add = |people: Vec<UserId>| {
        let people = batch(&people.into_iter().map(|user| (user, Member)).collect::<Vec<_>>());
        let (loggia, ada, id) = (&house.loggia, &house.ada, project.id);
        async move { loggia.acting_as(ada).add_to_roster(id, &people).await }
    };
    refused!(add(vec![new, there]).await, E::AlreadyAMember { index: 1 });
    refused!(add(vec![there, new]).await, E::AlreadyAMember { index: 0 });
    refused!(add(vec![new, house.barbara.user, stranger]).await, E::UserNotFound { index: 2 });
    // The error names the first person who cannot be added, whatever is wrong with later ones.
    refused!(add(vec![new, stranger, there]).await, E::UserNotFound { index: 1 });
    refused!(add(vec![new, there, stranger]).await, E::AlreadyAMember { index: 1 });
    // A member of another organization is reported like a user who does not exist.
    refused!(add(vec![house.alan.user]).await, E::UserNotFound { index: 0 });
    assert_eq!(roster(&house, &project).await, before);
    assert_eq!(house.news().await, [""; 0]);
}

#[tokio::test]
async fn a_deactivated_member_can_be_added_only_after_a_readmission() {
    let house = House::open().await;
    let project = house.project("Harbour").await;
    house.deactivate(&house.grace).await;
    let grace = batch(&[(house.grace.user, Member)]);
    let added = house.loggia.acting_as(&house.ada).add_to_roster(project.id, &grace).await;
    refused!(added, E::UserNotFound { index: 0 });
    let back = MemberPatch { active: Some(true), ..MemberPatch::default() };
    let user = house.grace.user;
    house.loggia.operator().update_member(house.organization, user, back).await.expect("access");
    assert!(house.loggia.acting_as(&house.ada).add_to_roster(project.id, &grace).await.is_ok());
}

#[tokio::test]
async fn a_whole_batch_is_taken() {
    let house = House::open().await;
    let project = house.project("Harbour").await;
    let mut people = Vec::new();
    for number in 0..MAX_BATCH {
        let email = email(&format!("worker{number}@example.com"));
        let new = NewMember::person(email, KATHERINE.profile(), ScopeRole::Viewer);
        let added = house.loggia.operator().add_member(house.organization, new).await;
        people.push((added.expect("a member").user, Member));
    }
    let added =
        house.loggia.acting_as(&house.ada).add_to_roster(project.id, &batch(&people)).await.expect("all");
    assert_eq!(added.len(), MAX_BATCH);
    assert_eq!(roster(&house, &project).await.len(), 100, "the first page of 101");
}

/// Tests each refusal on every use case that changes a roster.
#[tokio::test]
async fn only_an_admin_of_the_project_changes_its_roster() {
    let house = House::open().await;
    let (open, vault) = (house.project("Harbour").await, house.private_project("Vault").await);
    house.join(&open, &house.grace, Member).await;
    let tries = |caller: Caller, id: ProjectId| {
        let (loggia, target) = (&house.loggia, house.edsger.user);
        async move {
            let people = batch(&[(target, Member)]);
            [
                loggia.acting_as(&caller).add_to_roster(id, &people).await.map(|_| ()),
                loggia.acting_as(&caller).remove_from_roster(id, target).await.map(|_| ()),
                loggia.acting_as(&caller).change_roster_role(id, target, Admin).await.map(|_| ()),
                // The caller is checked before the person whom the call is about.
                loggia.acting_as(&caller).remove_from_roster(id, STRANGER).await.map(|_| ()),
                loggia.acting_as(&caller).add_to_roster(id, &batch(&[(STRANGER, Member)])).await.map(|_| ()),
                loggia.acting_as(&caller).remove_from_roster(id, caller.user).await.map(|_| ()),
            ]
        }
    };
    for (caller, id, refusal) in [
        (house.ada, NO_PROJECT, HIDDEN),
        (house.alan, open.id, HIDDEN),
        (house.grace, vault.id, HIDDEN),
        (only(&house.ada, house.elsewhere), open.id, HIDDEN),
        (house.edsger, open.id, ROLE),
        (house.grace, open.id, ROLE),
        (reading(&house.grace), open.id, ROLE),
        (reading(&house.ada), open.id, READ_ONLY),
    ] {
        for outcome in tries(caller, id).await {
            assert!(matches!(&outcome, Err(E::Denied(denied)) if *denied == refusal), "{outcome:?}");
        }
    }
    assert_eq!(house.news().await, [""; 0]);
    // An admin of the scope need not be on the roster.
    let added = house
        .loggia
        .acting_as(&house.barbara)
        .add_to_roster(open.id, &batch(&[(house.edsger.user, Member)]))
        .await;
    assert!(added.is_ok());
}

#[tokio::test]
async fn removal_from_a_roster_keeps_finished_tasks_and_unassigns_the_rest() {
    let house = House::open().await;
    let (project, other) = (house.project("Harbour").await, house.project("Basin").await);
    for project in [&project, &other] {
        house.join(project, &house.grace, Member).await;
    }
    let grace = house.grace.user;
    let mut tasks = Vec::new();
    for status in TaskStatus::ALL {
        let assign = |new: &mut NewTask| {
            (new.status, new.assignee) = (*status, Some(grace));
        };
        tasks.push(house.task(&project, status.as_str(), assign).await);
    }
    let elsewhere = house.task(&other, "Fill", |new| new.assignee = Some(grace)).await;
    let adas = house.task(&project, "Survey", |new| new.assignee = Some(house.ada.user)).await;

    let removed =
        house.loggia.acting_as(&house.ada).remove_from_roster(project.id, grace).await.expect("a removal");
    assert_eq!((removed.member.user, removed.membership.user), (grace, grace));
    assert_eq!((removed.project.id, removed.membership.role), (project.id, Member), "as it was");
    assert_eq!(
        house.news().await,
        [
            "Ada deleted membership on the roster: project Harbour > -, user Grace > -, role member > -",
            "Ada updated task todo: assignee Grace > -",
            "Ada updated task in_progress: assignee Grace > -",
        ]
    );
    for before in &tasks {
        let now = house.task_now(before.id).await;
        if before.status.is_open() {
            assert_eq!((now.assignee, now.revision, now.updated_at), (None, 2, house.loggia.now()));
        } else {
            assert_eq!(&now, before, "what is finished keeps the name");
        }
    }
    for untouched in [elsewhere, adas] {
        assert_eq!(house.task_now(untouched.id).await, untouched);
    }
    assert_eq!(roster(&house, &project).await, [(house.ada.user, "admin", 1)]);
    // A person who is added again gets a new membership; numbers are assigned once.
    house.join(&project, &house.grace, Admin).await;
    assert_eq!(roster(&house, &project).await, [(house.ada.user, "admin", 1), (grace, "admin", 3)]);
}

#[tokio::test]
async fn removal_is_refused_in_the_order_of_the_contract() {
    let house = House::open().await;
    let project = house.project("Harbour").await;
    house.join(&project, &house.grace, Admin).await;
    let remove = |caller, user| {
        let (loggia, id) = (&house.loggia, project.id);
        async move { loggia.acting_as(&caller).remove_from_roster(id, user).await }
    };
    refused!(remove(house.ada, STRANGER).await, E::UserNotFound { index: 0 });
    refused!(remove(house.ada, house.alan.user).await, E::UserNotFound { index: 0 });
    // Callers who name themselves: one is an admin on the roster, the other is not on it.
    refused!(remove(house.ada, house.ada.user).await, E::Removal(RemovalRefused::Oneself));
    refused!(remove(house.barbara, house.barbara.user).await, E::Removal(RemovalRefused::Oneself));
    refused!(remove(house.ada, house.edsger.user).await, E::Removal(RemovalRefused::NotAMember));
    refused!(remove(house.ada, house.grace.user).await, E::Removal(RemovalRefused::RosterAdmin));
    // A deactivated member was removed from the roster, and is still known.
    house.deactivate(&house.grace).await;
    refused!(remove(house.ada, house.grace.user).await, E::Removal(RemovalRefused::NotAMember));
    assert_eq!(house.news().await, [""; 0]);
}

/// An admin of the scope is an admin of each of its projects, whatever their role on the roster.
#[tokio::test]
async fn an_admin_of_the_scope_is_not_removed_from_a_roster_until_they_are_demoted() {
    let house = House::open().await;
    let project = house.project("Harbour").await;
    house.join(&project, &house.grace, Admin).await;
    house.join(&project, &house.barbara, Member).await;
    for caller in [house.ada, house.grace] {
        let removed =
            house.loggia.acting_as(&caller).remove_from_roster(project.id, house.barbara.user).await;
        refused!(removed, E::Removal(RemovalRefused::ScopeAdmin));
    }
    assert_eq!(house.news().await, [""; 0]);
    assert_eq!(roster(&house, &project).await.len(), 3);
    let demoted = MemberPatch { role: Some(ScopeRole::Member), ..MemberPatch::default() };
    let (organization, user) = (house.organization, house.barbara.user);
    house.loggia.operator().update_member(organization, user, demoted).await.expect("a change");
    assert!(house.loggia.acting_as(&house.grace).remove_from_roster(project.id, user).await.is_ok());
}

#[tokio::test]
async fn a_role_is_changed_once_with_its_event() {
    let house = House::open().await;
    let project = house.project("Harbour").await;
    house.join(&project, &house.grace, Member).await;
    let change = async |role| {
        house.loggia.acting_as(&house.ada).change_roster_role(project.id, house.grace.user, role).await
    };
    let changed = change(Admin).await.expect("a change");
    assert_eq!((changed.membership.role, changed.member.user), (Admin, house.grace.user));
    assert_eq!(roster(&house, &project).await[1], (house.grace.user, "admin", 2));
    assert_eq!(house.news().await, ["Ada updated membership on the roster: role member > admin"]);
    assert_eq!(change(Admin).await.expect("no change"), changed);
    assert_eq!(house.news().await, [""; 0]);
}

#[tokio::test]
async fn a_roster_keeps_an_admin() {
    let house = House::open().await;
    let project = house.project("Harbour").await;
    house.join(&project, &house.grace, Member).await;
    let change = |caller, user, role| {
        let (loggia, id) = (&house.loggia, project.id);
        async move { loggia.acting_as(&caller).change_roster_role(id, user, role).await }
    };
    let (ada, grace) = (house.ada.user, house.grace.user);
    refused!(change(house.ada, ada, Member).await, E::LastAdmin(LastAdmin));
    // An admin of the scope, who is not on the roster, is refused as well.
    refused!(change(house.barbara, ada, Member).await, E::LastAdmin(LastAdmin));
    assert!(change(house.ada, ada, Admin).await.is_ok(), "nothing changes");
    refused!(change(house.ada, house.edsger.user, Admin).await, E::NotOnRoster);
    refused!(change(house.ada, STRANGER, Admin).await, E::NotOnRoster);
    assert_eq!(house.news().await, [""; 0]);

    change(house.ada, grace, Admin).await.expect("a second admin");
    change(house.ada, ada, Member).await.expect("now the first may step down");
    // Ada is an admin of the scope, so she may still change roles; Grace is the last admin on the roster now.
    refused!(change(house.ada, grace, Member).await, E::LastAdmin(LastAdmin));
}
