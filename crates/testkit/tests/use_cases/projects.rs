use loggia_domain::id::{OrganizationId, ProjectId};
use loggia_domain::instant::{DateRange, StartAfterEnd};
use loggia_domain::page::{Page, ProjectQuery, TaskQuery};
use loggia_domain::port::ProjectView;
use loggia_domain::project::{NewProject, ProjectPatch, Visibility};
use loggia_domain::role::RosterRole;
use loggia_domain::scope::{Scope, ScopeChoice};
use loggia_domain::service::{ProjectError as E, RosterError, TaskError};
use loggia_domain::text::ProjectDescription;
use loggia_testkit::builders::time;

use crate::support::{
    HIDDEN, House, NO_SCOPE, NOBODY, READ_ONLY, ROLE, batch, first, only, project_name, reading,
};

fn harbour() -> NewProject {
    NewProject::named(project_name("Harbour"))
}

fn private() -> ProjectPatch {
    ProjectPatch { visibility: Some(Visibility::Private), ..ProjectPatch::default() }
}

#[tokio::test]
async fn the_creator_of_a_project_joins_its_roster_as_admin() {
    let house = House::open().await;
    let opened = house
        .loggia
        .acting_as(&house.ada)
        .create_project(ScopeChoice::Default, harbour())
        .await
        .expect("a project");
    let project = opened.record;
    assert_eq!(opened.creator.user, house.ada.user);
    assert_eq!((project.scope, project.created_by), (house.scope, house.ada.user));
    assert_eq!((project.number.get(), project.revision), (1, 1));
    assert_eq!((project.created_at, project.updated_at), (house.loggia.now(), house.loggia.now()));

    let roster = house
        .loggia
        .acting_as(&house.ada)
        .list_roster(project.id, &first(9))
        .await
        .expect("the roster")
        .items;
    let [membership] = roster.as_slice() else { panic!("one membership, not {roster:?}") };
    assert_eq!((membership.membership.user, membership.membership.role), (house.ada.user, RosterRole::Admin));
    assert_eq!(membership.membership.number.get(), 1);

    house.call(project.id.as_uuid(), "Harbour");
    house.call(membership.membership.id.as_uuid(), "first");
    assert_eq!(
        house.news().await,
        [
            "Ada created project Harbour: name - > Harbour, visibility - > organization",
            "Ada created membership first: project - > Harbour, user - > Ada, role - > admin",
        ]
    );
}

#[tokio::test]
async fn projects_are_numbered_in_their_scope() {
    let house = House::open().await;
    house.project("Harbour").await;
    house.open_project(&house.alan, "Abroad", Visibility::Organization).await;
    assert_eq!(house.project("Basin").await.number.get(), 2);
}

#[tokio::test]
async fn only_an_admin_of_the_scope_creates_projects() {
    let house = House::open().await;
    let here = ScopeChoice::Organization(house.organization);
    let nowhere = ScopeChoice::Organization(OrganizationId::from_uuid(NOBODY));
    let open = |caller, choice| {
        let loggia = &house.loggia;
        async move { loggia.acting_as(&caller).create_project(choice, harbour()).await }
    };
    refused!(open(house.grace, here).await, E::Denied(ROLE));
    refused!(open(house.edsger, here).await, E::Denied(ROLE));
    refused!(open(reading(&house.ada), here).await, E::Denied(READ_ONLY));
    refused!(open(house.alan, here).await, E::Denied(NO_SCOPE));
    refused!(open(house.alan, nowhere).await, E::Denied(NO_SCOPE));
    refused!(open(only(&house.ada, house.organization), ScopeChoice::Personal).await, E::Denied(NO_SCOPE));
    assert_eq!(house.news().await, [""; 0]);
    let own = open(house.edsger, ScopeChoice::Personal).await.expect("everyone runs their own scope");
    assert_eq!(own.record.scope, Scope::Personal(house.edsger.user));
}

#[tokio::test]
async fn a_private_project_is_visible_to_its_roster_and_the_admins_of_the_scope() {
    let house = House::open().await;
    let (open, vault) = (house.project("Harbour").await, house.private_project("Vault").await);
    house.join(&vault, &house.grace, RosterRole::Member).await;
    let sees = |caller, id| {
        let loggia = &house.loggia;
        async move { loggia.acting_as(&caller).project(id).await }
    };
    for caller in [house.ada, house.barbara, house.grace, reading(&house.grace)] {
        let seen = sees(caller, vault.id).await.expect("the project");
        assert_eq!((seen.record, seen.creator.user), (vault.clone(), house.ada.user));
    }
    assert!(sees(house.edsger, open.id).await.is_ok());
    refused!(sees(house.edsger, vault.id).await, E::Denied(HIDDEN));
    refused!(sees(house.alan, vault.id).await, E::Denied(HIDDEN));
    refused!(sees(house.alan, open.id).await, E::Denied(HIDDEN));
    refused!(sees(only(&house.ada, house.elsewhere), open.id).await, E::Denied(HIDDEN));
    refused!(sees(house.ada, ProjectId::from_uuid(NOBODY)).await, E::Denied(HIDDEN));
}

#[tokio::test]
async fn a_list_has_only_projects_that_the_caller_sees() {
    let house = House::open().await;
    house.project("Harbour").await;
    house.private_project("Vault").await;
    let list = |caller, choice| {
        let loggia = &house.loggia;
        async move { loggia.acting_as(&caller).list_projects(choice, &ProjectQuery::default(), &first(9)).await }
    };
    let names = |page: Page<ProjectView>| {
        let names: Vec<String> = page.items.iter().map(|view| view.record.name.to_string()).collect();
        (names.join(" "), page.total)
    };
    let of = |caller| list(caller, ScopeChoice::Default);
    assert_eq!(names(of(house.barbara).await.expect("a page")), ("Harbour Vault".to_owned(), Some(2)));
    assert_eq!(names(of(house.grace).await.expect("a page")), ("Harbour".to_owned(), Some(1)));
    let personal = list(house.ada, ScopeChoice::Personal).await.expect("a page");
    assert_eq!(names(personal), (String::new(), Some(0)));
    let here = ScopeChoice::Organization(house.organization);
    refused!(list(house.alan, here).await, E::Denied(NO_SCOPE));
}

#[tokio::test]
async fn an_admin_on_the_roster_changes_the_project() {
    let house = House::open().await;
    let before = house.project("Harbour").await;
    house.join(&before, &house.grace, RosterRole::Admin).await;
    let patch = ProjectPatch {
        name: Some(project_name("Port")),
        description: Some(ProjectDescription::parse("Quays").ok()),
        start: Some(Some(time("2026-02-01"))),
        end: Some(Some(time("2026-02-01"))),
        visibility: Some(Visibility::Private),
    };
    let changed = house
        .loggia
        .acting_as(&house.grace)
        .update_project(before.id, patch.clone())
        .await
        .expect("a change");
    assert_eq!((changed.record.revision, changed.record.updated_at), (2, house.loggia.now()));
    assert_eq!(changed.creator.user, house.ada.user);
    assert_eq!(house.loggia.acting_as(&house.ada).project(before.id).await.expect("the project"), changed);
    assert_eq!(
        house.news().await,
        ["Grace updated project Harbour: name Harbour > Port, description - > Quays, \
          start_date - > 2026-02-01T00:00:00.000Z, end_date - > 2026-02-01T00:00:00.000Z, \
          visibility organization > private"]
    );
    house.wait();
    for nothing_new in [patch, ProjectPatch::default()] {
        let same = house.loggia.acting_as(&house.grace).update_project(before.id, nothing_new).await;
        assert_eq!(same.expect("no change"), changed);
        assert_eq!(
            house.loggia.acting_as(&house.ada).project(before.id).await.expect("the project"),
            changed
        );
    }
    assert_eq!(house.news().await, [""; 0]);
}

#[tokio::test]
async fn dates_are_checked_as_they_are_after_the_patch() {
    let house = House::open().await;
    let dates = DateRange::new(Some(time("2026-02-01")), Some(time("2026-02-28"))).expect("in order");
    let new = NewProject { dates, ..harbour() };
    let opened = house
        .loggia
        .acting_as(&house.ada)
        .create_project(ScopeChoice::Default, new)
        .await
        .expect("a project");
    house.forget_news().await;
    let patch = |start, end| {
        let (loggia, ada, id) = (&house.loggia, &house.ada, opened.record.id);
        async move { loggia.acting_as(ada).update_project(id, ProjectPatch { start, end, ..private() }).await }
    };
    refused!(patch(Some(Some(time("2026-03-01"))), None).await, E::Dates(StartAfterEnd));
    refused!(patch(None, Some(Some(time("2026-01-31")))).await, E::Dates(StartAfterEnd));
    assert_eq!(
        house.loggia.acting_as(&house.ada).project(opened.record.id).await.expect("the project"),
        opened
    );
    assert_eq!(house.news().await, [""; 0]);
    let moved = patch(Some(Some(time("2026-03-01"))), Some(None)).await.expect("no end, no clash");
    assert_eq!((moved.record.dates.start(), moved.record.dates.end()), (Some(time("2026-03-01")), None));
}

#[tokio::test]
async fn changing_a_project_is_refused_in_the_order_of_the_contract() {
    let house = House::open().await;
    let (open, vault) = (house.project("Harbour").await, house.private_project("Vault").await);
    house.join(&open, &house.edsger, RosterRole::Member).await;
    let change = |caller, id| {
        let loggia = &house.loggia;
        async move { loggia.acting_as(&caller).update_project(id, private()).await }
    };
    refused!(change(house.alan, open.id).await, E::Denied(HIDDEN));
    refused!(change(house.grace, vault.id).await, E::Denied(HIDDEN));
    refused!(change(reading(&house.grace), vault.id).await, E::Denied(HIDDEN));
    refused!(change(house.ada, ProjectId::from_uuid(NOBODY)).await, E::Denied(HIDDEN));
    refused!(change(house.grace, open.id).await, E::Denied(ROLE));
    refused!(change(house.edsger, open.id).await, E::Denied(ROLE));
    refused!(change(reading(&house.edsger), open.id).await, E::Denied(ROLE));
    refused!(change(reading(&house.ada), open.id).await, E::Denied(READ_ONLY));
    assert_eq!(house.news().await, [""; 0]);
    assert!(
        change(house.barbara, open.id).await.is_ok(),
        "an admin of the scope needs no membership of the roster"
    );
}

#[tokio::test]
async fn deleting_a_project_deletes_roster_and_tasks_and_unlinks_its_spaces() {
    let house = House::open().await;
    let (harbour, basin) = (house.project("Harbour").await, house.project("Basin").await);
    house.join(&harbour, &house.grace, RosterRole::Admin).await;
    let task = house.task(&harbour, "Dredge", |_| ()).await;
    let kept_task = house.task(&basin, "Fill", |_| ()).await;
    let freed = house.space("Quay", Some(harbour.id)).await;
    let kept = house.space("Pier", Some(basin.id)).await;

    refused!(house.loggia.acting_as(&house.grace).delete_project(harbour.id).await, E::Denied(ROLE));
    refused!(
        house.loggia.acting_as(&reading(&house.ada)).delete_project(harbour.id).await,
        E::Denied(READ_ONLY)
    );
    refused!(house.loggia.acting_as(&house.alan).delete_project(harbour.id).await, E::Denied(HIDDEN));
    assert_eq!(house.news().await, [""; 0]);

    let gone = house.loggia.acting_as(&house.barbara).delete_project(harbour.id).await.expect("a deletion");
    assert_eq!(gone, harbour, "what it was");
    assert_eq!(
        house.news().await,
        [
            "Barbara updated space Quay: project Harbour > -",
            "Barbara deleted project Harbour: name Harbour > -, visibility organization > -",
        ]
    );
    let space = house.space_now(freed.id).await;
    assert_eq!((space.project, space.revision, space.updated_at), (None, 2, house.loggia.now()));
    assert_eq!(house.space_now(kept.id).await, kept);
    assert_eq!(house.task_now(kept_task.id).await, kept_task);

    let (ada, page) = (&house.ada, first(9));
    refused!(house.loggia.acting_as(ada).project(harbour.id).await, E::Denied(HIDDEN));
    refused!(house.loggia.acting_as(ada).delete_project(harbour.id).await, E::Denied(HIDDEN));
    refused!(house.loggia.acting_as(ada).task(task.id).await, TaskError::Denied(HIDDEN));
    refused!(house.loggia.acting_as(ada).list_roster(harbour.id, &page).await, RosterError::Denied(HIDDEN));
    let tasks = house.loggia.acting_as(ada).list_tasks(harbour.id, &TaskQuery::default(), &page).await;
    refused!(tasks, TaskError::Denied(HIDDEN));
}

#[tokio::test]
async fn a_personal_project_is_visible_to_its_user_only() {
    let house = House::open().await;
    let garden = NewProject::named(project_name("Garden"));
    let own = house
        .loggia
        .acting_as(&house.grace)
        .create_project(ScopeChoice::Personal, garden)
        .await
        .expect("hers");
    let id = own.record.id;
    refused!(house.loggia.acting_as(&house.ada).project(id).await, E::Denied(HIDDEN));
    refused!(
        house.loggia.acting_as(&only(&house.grace, house.organization)).project(id).await,
        E::Denied(HIDDEN)
    );
    let ada = batch(&[(house.ada.user, RosterRole::Member)]);
    let added = house.loggia.acting_as(&house.grace).add_to_roster(id, &ada).await;
    refused!(added, RosterError::UserNotFound { index: 0 });
    assert!(house.loggia.acting_as(&house.grace).delete_project(id).await.is_ok());
    assert_eq!(house.news().await, [""; 0], "the organization hears nothing of it");
}
