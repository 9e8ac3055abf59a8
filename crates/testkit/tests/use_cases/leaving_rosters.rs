//! Members who leave a roster of their own accord: what becomes of their work, and who must stay.

use loggia_domain::id::ProjectId;
use loggia_domain::key::Caller;
use loggia_domain::organization::LastAdmin;
use loggia_domain::project::{Project, Visibility};
use loggia_domain::role::RosterRole::{Admin, Member};
use loggia_domain::roster::RemovalRefused;
use loggia_domain::scope::Scope;
use loggia_domain::service::RosterError as E;
use loggia_domain::task::TaskStatus;

use crate::support::{HIDDEN, House, NOBODY, READ_ONLY, first, only, reading};

impl House {
    /// Returns the number of people on a roster, as one of them sees it.
    async fn on_roster(&self, who: &Caller, project: &Project) -> usize {
        self.loggia.acting_as(who).list_roster(project.id, &first(100)).await.expect("the roster").items.len()
    }
}

#[tokio::test]
async fn leaving_a_roster_keeps_finished_tasks_and_unassigns_the_rest() {
    let house = House::open().await;
    let (project, other) = (house.project("Harbour").await, house.project("Basin").await);
    for project in [&project, &other] {
        house.join(project, &house.grace, Member).await;
    }
    let grace = Some(house.grace.user);
    let open = house.task(&project, "Dredge", |new| new.assignee = grace).await;
    let done =
        house.task(&project, "Drain", |new| (new.assignee, new.status) = (grace, TaskStatus::Done)).await;
    let elsewhere = house.task(&other, "Fill", |new| new.assignee = grace).await;

    let left = house.loggia.acting_as(&house.grace).leave_roster(project.id).await.expect("she leaves");
    assert_eq!((left.member.user, left.membership.user), (house.grace.user, house.grace.user));
    assert_eq!((left.project.id, left.membership.role), (project.id, Member), "as it was");
    assert_eq!(
        house.news().await,
        [
            "Grace deleted membership on the roster: project Harbour > -, user Grace > -, role member > -",
            "Grace updated task Dredge: assignee Grace > -",
        ]
    );
    let now = house.task_now(open.id).await;
    assert_eq!((now.assignee, now.revision, now.updated_at), (None, 2, house.loggia.now()));
    assert_eq!(house.task_now(done.id).await, done);
    assert_eq!(house.task_now(elsewhere.id).await, elsewhere, "another project's");
    assert_eq!(house.on_roster(&house.ada, &project).await, 1);
    assert_eq!(house.on_roster(&house.grace, &other).await, 2);
    refused!(house.loggia.acting_as(&house.grace).leave_roster(project.id).await, E::NotOnRoster);
    assert_eq!(house.news().await, [""; 0]);
}

#[tokio::test]
async fn the_last_admin_does_not_leave_a_roster() {
    let house = House::open().await;
    let project = house.project("Harbour").await;
    house.join(&project, &house.grace, Member).await;
    // Ada runs the organization, and is the roster's one admin all the same.
    refused!(house.loggia.acting_as(&house.ada).leave_roster(project.id).await, E::LastAdmin(LastAdmin));
    assert_eq!(house.news().await, [""; 0]);
    assert_eq!(house.on_roster(&house.ada, &project).await, 2);
    let grace = house.grace.user;
    house
        .loggia
        .acting_as(&house.ada)
        .change_roster_role(project.id, grace, Admin)
        .await
        .expect("a second admin");
    house.loggia.acting_as(&house.ada).leave_roster(project.id).await.expect("Grace is left");
    refused!(house.loggia.acting_as(&house.grace).leave_roster(project.id).await, E::LastAdmin(LastAdmin));
    // In a personal scope its user is on every roster alone.
    let at_home = Caller::unchecked(house.grace.user, Scope::Personal(house.grace.user));
    let garden = house.open_project(&at_home, "Garden", Visibility::Organization).await;
    refused!(house.loggia.acting_as(&at_home).leave_roster(garden.id).await, E::LastAdmin(LastAdmin));
}

/// Admins are protected from others, and not from themselves.
#[tokio::test]
async fn an_admin_who_cannot_be_removed_can_leave() {
    let house = House::open().await;
    let project = house.project("Harbour").await;
    house.join(&project, &house.barbara, Member).await;
    house.join(&project, &house.grace, Admin).await;
    for (admin, refusal) in
        [(house.barbara, RemovalRefused::ScopeAdmin), (house.grace, RemovalRefused::RosterAdmin)]
    {
        let removed = house.loggia.acting_as(&house.ada).remove_from_roster(project.id, admin.user).await;
        assert!(matches!(&removed, Err(E::Removal(why)) if *why == refusal), "{removed:?}");
        let itself = house.loggia.acting_as(&admin).remove_from_roster(project.id, admin.user).await;
        refused!(itself, E::Removal(RemovalRefused::Oneself));
        house.loggia.acting_as(&admin).leave_roster(project.id).await.expect("a membership to leave");
    }
    assert_eq!(house.on_roster(&house.ada, &project).await, 1);
}

#[tokio::test]
async fn a_user_who_is_not_on_the_roster_cannot_leave_it() {
    let house = House::open().await;
    let (open, vault) = (house.project("Harbour").await, house.private_project("Vault").await);
    house.join(&vault, &house.edsger, Member).await;
    let leave = |who: Caller, id: ProjectId| {
        let loggia = &house.loggia;
        async move { loggia.acting_as(&who).leave_roster(id).await }
    };
    // A caller who sees the project gets the error that they are not on its roster, whatever the key may do.
    for who in [house.grace, house.barbara, reading(&house.grace)] {
        refused!(leave(who, open.id).await, E::NotOnRoster);
    }
    refused!(leave(house.barbara, vault.id).await, E::NotOnRoster);
    let nowhere = ProjectId::from_uuid(NOBODY);
    for (who, id) in [
        (house.grace, vault.id),
        (house.alan, open.id),
        (house.ada, nowhere),
        (only(&house.ada, house.elsewhere), open.id),
        (reading(&house.alan), open.id),
    ] {
        refused!(leave(who, id).await, E::Denied(HIDDEN));
    }
    for who in [reading(&house.ada), reading(&house.edsger)] {
        refused!(leave(who, vault.id).await, E::Denied(READ_ONLY));
    }
    assert_eq!(house.news().await, [""; 0]);
    // A private project is gone with the membership of its roster.
    leave(house.edsger, vault.id).await.expect("a membership to leave");
    refused!(leave(house.edsger, vault.id).await, E::Denied(HIDDEN));
}
