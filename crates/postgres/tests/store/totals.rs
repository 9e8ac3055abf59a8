//! Tests of the stored totals: the contract's tests notice a wrong one, and locks that are taken in another order.

use loggia_domain::id::DisplayNumber;
use loggia_domain::port::{Inserted, StoreError};
use loggia_domain::project::{Project, Visibility};
use loggia_domain::role::RosterRole;
use loggia_testkit::builders;
use loggia_testkit::seed::{self, World};
use loggia_testkit::totals::{LISTS, seeded, wrong};

use crate::support::Temporary;

/// The contract's tests of totals compare them with the lists, and so notice a wrong total.
#[tokio::test]
async fn a_total_that_is_wrong_by_one_is_detected() {
    let temporary = Temporary::new().await;
    let (world, projects) = seeded(&temporary.ports).await;
    assert_eq!(wrong(&temporary.store, &world, &projects).await.expect("totals"), Vec::<String>::new());
    for list in LISTS {
        let change = async |by: &str| {
            let sql = format!("UPDATE list_totals SET total = total {by} WHERE list = '{list}'");
            assert!(temporary.execute(sql).await.expect("a change") > 0, "{list} has a total");
        };
        change("+ 1").await;
        assert_ne!(
            wrong(&temporary.store, &world, &projects).await.expect("totals"),
            Vec::<String>::new(),
            "{list}"
        );
        change("- 1").await;
        assert_eq!(
            wrong(&temporary.store, &world, &projects).await.expect("totals"),
            Vec::<String>::new(),
            "{list}"
        );
    }
}

#[tokio::test]
async fn only_a_partial_total_may_be_negative() {
    let temporary = Temporary::new().await;
    seeded(&temporary.ports).await;
    for list in LISTS {
        let sql = format!("UPDATE list_totals SET total = -1 WHERE list = '{list}'");
        assert_eq!(temporary.execute(sql).await.is_ok(), list == "spaces", "{list}");
    }
}

/// Control: two units of work that do not add memberships by ascending user id do conflict, so the contract's test would notice that.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memberships_added_in_opposite_orders_conflict() {
    let temporary = Temporary::new().await;
    let world = World::seed(&temporary.ports).await;
    let people = [world.member.user, world.viewer.user];
    let mut works = Vec::new();
    for (name, user) in [("One", people[0]), ("Other", people[1])] {
        let hide = |project: &mut Project| project.visibility = Visibility::Private;
        let project = seed::project(&temporary.ports, world.scope, world.admin.user, name, hide).await;
        let mut work = seed::begin(&temporary.ports).await;
        assert!(work.lock_project(&world.as_admin(), project.id).await.expect("a lock").is_some());
        let first = work.next_membership_numbers(world.scope, project.id, 2).await.expect("numbers");
        let membership = builders::membership(&temporary.ports, project.id, user, first, RosterRole::Member);
        assert_eq!(
            work.insert_membership(world.scope, &membership).await.expect("a membership"),
            Inserted::Yes
        );
        works.push((work, project.id, first.get() + 1));
    }
    let mut outcomes = Vec::new();
    for ((mut work, project, number), user) in works.into_iter().zip(people.into_iter().rev()) {
        let number = DisplayNumber::new(number);
        let membership = builders::membership(&temporary.ports, project, user, number, RosterRole::Member);
        let scope = world.scope;
        outcomes.push(tokio::spawn(async move {
            match work.insert_membership(scope, &membership).await {
                Ok(_) => work.commit().await,
                Err(error) => Err(error),
            }
        }));
    }
    let mut hindered = 0;
    for outcome in outcomes {
        match outcome.await.expect("a task") {
            Ok(()) => {}
            Err(StoreError::Contended(_)) => hindered += 1,
            Err(other) => panic!("{other:?}"),
        }
    }
    assert_eq!(hindered, 1);
}
