use std::sync::Arc;

use loggia_domain::id::{OrganizationId, ProjectId, SpaceId};
use loggia_domain::page::{Offset, PageRequest, SpaceQuery, Start};
use loggia_domain::port::Includes;
use loggia_domain::project::{NewProject, Visibility};
use loggia_domain::role::RosterRole;
use loggia_domain::scope::{Scope, ScopeChoice};
use loggia_domain::service::{Loggia, SpaceError as E};
use loggia_domain::space::{NewSpace, Priority, SpacePatch, SpaceStatus, Strength};
use loggia_domain::text::SpaceDescription;
use loggia_testkit::intercept::{self, Recorder};

use crate::support::{
    HIDDEN, House, NO_SCOPE, NOBODY, READ_ONLY, ROLE, first, only, project_name, reading, space_name,
};

fn quay() -> NewSpace {
    NewSpace::named(space_name("Quay"))
}

fn linked(project: ProjectId) -> NewSpace {
    NewSpace { project: Some(project), ..quay() }
}

#[tokio::test]
async fn a_member_creates_a_space_with_its_event() {
    let house = House::open().await;
    let made = house
        .loggia
        .acting_as(&house.grace)
        .create_space(ScopeChoice::Default, quay())
        .await
        .expect("a space");
    assert_eq!((made.scope, made.created_by, made.revision), (house.scope, house.grace.user, 1));
    assert_eq!((made.created_at, made.updated_at), (house.loggia.now(), house.loggia.now()));
    assert_eq!(house.space_now(made.id).await, made, "what is answered is what is stored");
    house.call(made.id.as_uuid(), "Quay");
    assert_eq!(
        house.news().await,
        ["Grace created space Quay: name - > Quay, status - > Draft, priority - > none, strength - > 0"]
    );
}

#[tokio::test]
async fn the_scope_of_a_space_is_the_one_that_was_chosen() {
    let house = House::open().await;
    let at_home = Scope::Personal(house.ada.user);
    for (choice, scope) in [
        (ScopeChoice::Default, house.scope),
        (ScopeChoice::Personal, at_home),
        (ScopeChoice::Organization(house.organization), house.scope),
    ] {
        let made = house.loggia.acting_as(&house.ada).create_space(choice, quay()).await.expect("a space");
        assert_eq!(made.scope, scope, "{choice:?}");
    }
}

#[tokio::test]
async fn only_callers_who_may_write_in_the_scope_create_spaces() {
    let house = House::open().await;
    let here = ScopeChoice::Organization(house.organization);
    let nowhere = ScopeChoice::Organization(OrganizationId::from_uuid(NOBODY));
    let make = |caller, choice| {
        let loggia = &house.loggia;
        async move { loggia.acting_as(&caller).create_space(choice, quay()).await }
    };
    refused!(make(house.edsger, here).await, E::Denied(ROLE));
    refused!(make(reading(&house.edsger), here).await, E::Denied(ROLE));
    refused!(make(reading(&house.grace), here).await, E::Denied(READ_ONLY));
    refused!(make(house.alan, here).await, E::Denied(NO_SCOPE));
    refused!(make(house.alan, nowhere).await, E::Denied(NO_SCOPE));
    assert_eq!(house.news().await, [""; 0]);
}

#[tokio::test]
async fn a_confined_key_reaches_neither_other_organizations_nor_the_personal_scope() {
    let house = House::open().await;
    let narrow = only(&house.ada, house.organization);
    let made =
        house.loggia.acting_as(&narrow).create_space(ScopeChoice::Default, quay()).await.expect("a space");
    let personal = house.loggia.acting_as(&narrow).create_space(ScopeChoice::Personal, quay()).await;
    refused!(personal, E::Denied(NO_SCOPE));
    // Ada's own space, by a key for another organization.
    let astray = only(&house.ada, house.elsewhere);
    refused!(house.loggia.acting_as(&astray).space(made.id, Includes::default()).await, E::Denied(HIDDEN));
    refused!(house.loggia.acting_as(&astray).delete_space(made.id).await, E::Denied(HIDDEN));
    let (query, none) = (SpaceQuery::default(), Includes::default());
    let list =
        house.loggia.acting_as(&astray).list_spaces(ScopeChoice::Default, &query, none, &first(9)).await;
    refused!(list, E::Denied(NO_SCOPE));
}

#[tokio::test]
async fn a_space_points_only_at_a_project_of_its_scope_that_the_caller_sees() {
    let house = House::open().await;
    let (open, closed) = (house.project("Harbour").await, house.private_project("Vault").await);
    let foreign = house.open_project(&house.alan, "Abroad", Visibility::Organization).await;
    let garden = NewProject::named(project_name("Garden"));
    let at_home = house.loggia.acting_as(&house.grace).create_project(ScopeChoice::Personal, garden).await;
    let at_home = at_home.expect("a project of her own").record;
    let made_up = ProjectId::from_uuid(NOBODY);
    let standing = house.space("Pier", None).await;
    for project in [made_up, foreign.id, closed.id, at_home.id] {
        let made =
            house.loggia.acting_as(&house.grace).create_space(ScopeChoice::Default, linked(project)).await;
        refused!(made, E::UnknownProject);
        let patch = SpacePatch { project: Some(Some(project)), ..SpacePatch::default() };
        refused!(
            house.loggia.acting_as(&house.grace).update_space(standing.id, patch).await,
            E::UnknownProject
        );
    }
    assert_eq!(house.news().await, [""; 0]);

    let point = async |caller, project| {
        house.loggia.acting_as(caller).create_space(ScopeChoice::Default, linked(project)).await
    };
    assert_eq!(point(&house.grace, open.id).await.expect("a link").project, Some(open.id));
    assert!(point(&house.ada, closed.id).await.is_ok(), "an admin sees it");
    house.join(&closed, &house.grace, RosterRole::Member).await;
    assert!(point(&house.grace, closed.id).await.is_ok(), "its roster sees it");
    let personal =
        house.loggia.acting_as(&house.grace).create_space(ScopeChoice::Personal, linked(at_home.id)).await;
    assert!(personal.is_ok(), "her own project in her own space");
}

#[tokio::test]
async fn the_caller_is_checked_before_the_references_of_the_body() {
    let house = House::open().await;
    let standing = house.space("Pier", None).await;
    let made_up = ProjectId::from_uuid(NOBODY);
    let patch = || SpacePatch { project: Some(Some(made_up)), ..SpacePatch::default() };
    let here = ScopeChoice::Organization(house.organization);
    refused!(
        house.loggia.acting_as(&house.alan).create_space(here, linked(made_up)).await,
        E::Denied(NO_SCOPE)
    );
    refused!(
        house.loggia.acting_as(&house.edsger).create_space(here, linked(made_up)).await,
        E::Denied(ROLE)
    );
    refused!(house.loggia.acting_as(&house.alan).update_space(standing.id, patch()).await, E::Denied(HIDDEN));
    refused!(house.loggia.acting_as(&house.edsger).update_space(standing.id, patch()).await, E::Denied(ROLE));
    let key = reading(&house.grace);
    refused!(house.loggia.acting_as(&key).update_space(standing.id, patch()).await, E::Denied(READ_ONLY));
}

#[tokio::test]
async fn a_change_is_written_once_with_an_event_for_its_fields() {
    let house = House::open().await;
    let project = house.project("Harbour").await;
    let before = house.space("Quay", None).await;
    let patch = SpacePatch {
        name: Some(space_name("Pier")),
        description: Some(SpaceDescription::parse("*Long*").ok()),
        project: Some(Some(project.id)),
        status: Some(SpaceStatus::Active),
        priority: Some(Priority::High),
        strength: Strength::new(10).ok(),
    };
    let after =
        house.loggia.acting_as(&house.grace).update_space(before.id, patch.clone()).await.expect("a change");
    assert_eq!(house.space_now(before.id).await, after);
    assert_eq!((after.revision, after.updated_at, after.created_by), (2, house.loggia.now(), house.ada.user));
    assert_eq!(
        house.news().await,
        ["Grace updated space Quay: name Quay > Pier, description - > *Long*, project - > Harbour, \
          status Draft > Active, priority none > high, strength 0 > 10"]
    );
    house.wait();
    for nothing_new in [patch, SpacePatch::default()] {
        let same = house
            .loggia
            .acting_as(&house.grace)
            .update_space(before.id, nothing_new)
            .await
            .expect("no change");
        assert_eq!(same, after);
        assert_eq!(house.space_now(before.id).await, after, "not even the time of change");
    }
    assert_eq!(house.news().await, [""; 0]);
}

#[tokio::test]
async fn a_space_keeps_pointing_at_a_project_that_the_caller_does_not_see() {
    let house = House::open().await;
    let vault = house.private_project("Vault").await;
    let space = house.space("Quay", Some(vault.id)).await;
    let repeated =
        SpacePatch { project: Some(Some(vault.id)), priority: Some(Priority::Low), ..SpacePatch::default() };
    let kept = house.loggia.acting_as(&house.grace).update_space(space.id, repeated).await.expect("a change");
    assert_eq!(kept.project, Some(vault.id));
    let cleared = SpacePatch { project: Some(None), ..SpacePatch::default() };
    let freed = house.loggia.acting_as(&house.grace).update_space(space.id, cleared).await.expect("a change");
    assert_eq!(freed.project, None);
    let again = SpacePatch { project: Some(Some(vault.id)), ..SpacePatch::default() };
    refused!(house.loggia.acting_as(&house.grace).update_space(space.id, again).await, E::UnknownProject);
}

#[tokio::test]
async fn reading_a_space_is_for_the_scope_alone() {
    let house = House::open().await;
    let space = house.space("Quay", None).await;
    for caller in [house.ada, house.barbara, house.grace, house.edsger, reading(&house.edsger)] {
        let seen =
            house.loggia.acting_as(&caller).space(space.id, Includes::default()).await.expect("the space");
        assert_eq!((seen.space, seen.project, seen.organization), (space.clone(), None, None));
    }
    let made_up = SpaceId::from_uuid(NOBODY);
    for (caller, id) in [(house.alan, space.id), (house.ada, made_up)] {
        refused!(house.loggia.acting_as(&caller).space(id, Includes::default()).await, E::Denied(HIDDEN));
        let patch = SpacePatch { status: Some(SpaceStatus::Active), ..SpacePatch::default() };
        refused!(house.loggia.acting_as(&caller).update_space(id, patch).await, E::Denied(HIDDEN));
        refused!(house.loggia.acting_as(&caller).delete_space(id).await, E::Denied(HIDDEN));
    }
}

#[tokio::test]
async fn relations_are_returned_on_request_to_callers_who_may_see_them() {
    let house = House::open().await;
    let vault = house.private_project("Vault").await;
    let space = house.space("Quay", Some(vault.id)).await;
    let all = Includes { project: true, organization: true, creator: true };
    let for_ada = house.loggia.acting_as(&house.ada).space(space.id, all).await.expect("the space");
    assert_eq!(for_ada.project.map(|project| project.id), Some(vault.id));
    assert_eq!(for_ada.organization.map(|organization| organization.id), Some(house.organization));
    assert_eq!(for_ada.creator.map(|member| member.user), Some(house.ada.user));
    let for_grace = house.loggia.acting_as(&house.grace).space(space.id, all).await.expect("the space");
    assert_eq!(for_grace.project, None, "a private project shows through no link");
    assert_eq!(for_grace.space.project, Some(vault.id));
}

#[tokio::test]
async fn a_list_is_limited_to_its_scope_and_counted_only_on_request() {
    let house = House::open().await;
    for name in ["Quay", "Pier", "Mole"] {
        house.space(name, None).await;
    }
    let list = |caller, choice, page| {
        let loggia = &house.loggia;
        async move {
            loggia
                .acting_as(&caller)
                .list_spaces(choice, &SpaceQuery::default(), Includes::default(), &page)
                .await
        }
    };
    let page = list(house.edsger, ScopeChoice::Default, first(2)).await.expect("a page");
    let names: Vec<_> = page.items.iter().map(|view| view.space.name.as_str()).collect();
    assert_eq!(names, ["Mole", "Pier"], "newest first");
    assert_eq!((page.before, page.after, page.total), (false, true, Some(3)));
    let uncounted = PageRequest { count: false, ..first(3) };
    let page = list(house.edsger, ScopeChoice::Default, uncounted).await.expect("a page");
    assert_eq!((page.items.len(), page.after, page.total), (3, false, None));
    for (skipped, shown) in [(1, 2), (2, 1), (3, 0), (9, 0)] {
        let start = Start::Offset(Offset::new(skipped).expect("an offset"));
        let page = list(house.edsger, ScopeChoice::Default, PageRequest { start, ..first(2) }).await;
        let page = page.expect("a page");
        assert_eq!((page.items.len(), page.total), (shown, Some(3)), "behind {skipped}");
    }
    let page = list(house.ada, ScopeChoice::Personal, first(9)).await.expect("a page");
    assert_eq!((page.items.len(), page.total), (0, Some(0)));
    let here = ScopeChoice::Organization(house.organization);
    refused!(list(house.alan, here, first(9)).await, E::Denied(NO_SCOPE));
}

#[tokio::test]
async fn a_list_that_its_page_shows_to_the_end_is_not_counted_by_the_store() {
    let house = House::open().await;
    house.space("Quay", None).await;
    house.space("Pier", None).await;
    let calls = Arc::new(Recorder::new().changing(|call, _, answer| {
        if call == "count_spaces"
            && let Some(total) = answer.downcast_mut::<u64>()
        {
            *total = 7;
        }
    }));
    let loggia = Loggia::on_ports(intercept::views(house.ports.clone(), calls.clone())).build();
    for (size, total, counted) in [(2, 2, 0), (1, 7, 1)] {
        let (query, page) = (SpaceQuery::default(), first(size));
        let page = loggia
            .acting_as(&house.ada)
            .list_spaces(ScopeChoice::Default, &query, Includes::default(), &page)
            .await;
        assert_eq!(page.expect("a page").total, Some(total), "{size} rows of a page");
        let asked = ["role_in_scope", "spaces", "count_spaces"].map(|call| calls.count(call));
        assert_eq!(asked, [1, 1, counted]);
        assert_eq!(calls.take().len(), 2 + counted);
    }
}

#[tokio::test]
async fn deleting_a_space_writes_its_event_and_removes_it() {
    let house = House::open().await;
    let space = house.space("Quay", None).await;
    refused!(house.loggia.acting_as(&house.edsger).delete_space(space.id).await, E::Denied(ROLE));
    refused!(
        house.loggia.acting_as(&reading(&house.grace)).delete_space(space.id).await,
        E::Denied(READ_ONLY)
    );
    house.loggia.acting_as(&house.grace).delete_space(space.id).await.expect("a deletion");
    assert_eq!(
        house.news().await,
        ["Grace deleted space Quay: name Quay > -, status Draft > -, priority none > -, strength 0 > -"]
    );
    refused!(
        house.loggia.acting_as(&house.ada).space(space.id, Includes::default()).await,
        E::Denied(HIDDEN)
    );
    refused!(house.loggia.acting_as(&house.grace).delete_space(space.id).await, E::Denied(HIDDEN));
}

#[tokio::test]
async fn a_personal_space_is_visible_to_its_user_only() {
    let house = House::open().await;
    let own =
        house.loggia.acting_as(&house.grace).create_space(ScopeChoice::Personal, quay()).await.expect("hers");
    for caller in [house.ada, house.alan] {
        refused!(house.loggia.acting_as(&caller).space(own.id, Includes::default()).await, E::Denied(HIDDEN));
        refused!(house.loggia.acting_as(&caller).delete_space(own.id).await, E::Denied(HIDDEN));
    }
    assert_eq!(house.news().await, [""; 0], "the organization hears nothing of it");
    assert!(house.loggia.acting_as(&house.grace).delete_space(own.id).await.is_ok());
}

#[tokio::test]
async fn a_deactivated_member_immediately_sees_and_writes_nothing() {
    let house = House::open().await;
    let space = house.space("Quay", None).await;
    house.deactivate(&house.grace).await;
    refused!(
        house.loggia.acting_as(&house.grace).space(space.id, Includes::default()).await,
        E::Denied(HIDDEN)
    );
    refused!(house.loggia.acting_as(&house.grace).delete_space(space.id).await, E::Denied(HIDDEN));
    let made = house.loggia.acting_as(&house.grace).create_space(ScopeChoice::Default, quay()).await;
    refused!(made, E::Denied(NO_SCOPE));
    let own = house.loggia.acting_as(&house.grace).create_space(ScopeChoice::Personal, quay()).await;
    assert!(own.is_ok(), "her own scope is no business of the organization's");
}
