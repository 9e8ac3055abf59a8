//! Tests of one request that is sent many times at once, and of what it waits for.

use std::time::Duration;

use loggia_domain::key::Caller;
use loggia_domain::once::{Claim, Once, StoredResponse};
use loggia_domain::page::{Offset, SpaceQuery, Start, Window};
use loggia_domain::port::{Claimed, Includes, StoreError};
use loggia_domain::scope::ScopeChoice;
use loggia_domain::service::Loggia;
use loggia_domain::space::NewSpace;
use loggia_domain::text::SpaceName;
use loggia_postgres::PostgresStore;
use loggia_testkit::builders;
use loggia_testkit::seed::{self, World};
use tokio::task::JoinSet;

use crate::support::{Temporary, options, ports};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_requests_with_one_idempotency_key_run_once() {
    const AT_ONCE: usize = 8;
    let temporary = Temporary::new().await;
    let world = World::seed(&temporary.ports).await;
    let (loggia, caller) =
        (Loggia::on_ports(temporary.ports.clone()).build(), Caller::unchecked(world.admin.user, world.scope));
    for round in 0..4 {
        let claim = builders::claim("POST /v1/spaces", &format!("round-{round}"));
        let mut tasks = JoinSet::new();
        for _ in 0..AT_ONCE {
            let (loggia, claim) = (loggia.clone(), claim.clone());
            tasks.spawn(async move {
                let outcome = loggia.once(&caller, &claim, |acting| async move {
                    let new = NewSpace::named(SpaceName::parse("Quay").expect("a name"));
                    let made = acting.create_space(ScopeChoice::Default, new).await;
                    let made = made.expect("a space").id.as_uuid().as_bytes().to_vec();
                    (made.clone(), Some(StoredResponse::Shown(made)))
                });
                outcome.await.expect("a result")
            });
        }
        let outcomes = tasks.join_all().await;
        let done: Vec<_> = outcomes
            .iter()
            .filter_map(|outcome| if let Once::Done(made) = outcome { Some(made.clone()) } else { None })
            .collect();
        let [made] = done.as_slice() else { panic!("done {} times in round {round}", done.len()) };
        for outcome in outcomes {
            let same = StoredResponse::Shown(made.clone());
            assert!(
                matches!(&outcome, Once::Done(_) | Once::InFlight) || outcome == Once::Kept(same),
                "in round {round}: {outcome:?}"
            );
        }
    }
    let window = Window { start: Start::Offset(Offset::default()), rows: 100 };
    let (viewer, query) = (world.as_admin(), SpaceQuery::default());
    let spaces =
        temporary.ports.views.spaces(&viewer, world.scope, &query, Includes::default(), &window).await;
    assert_eq!(spaces.expect("a list").len(), 4, "one for each request");
}

#[tokio::test]
async fn a_timeout_waiting_for_a_reservation_reports_the_request_as_in_flight() {
    let temporary = Temporary::new().await;
    let world = World::seed(&temporary.ports).await;
    let short_timeout = options(&temporary.database).lock_timeout(Duration::from_millis(300));
    let short_timeout = ports(&PostgresStore::open_existing(&short_timeout).await.expect("a store"));
    let (owner, now) = (world.as_admin(), temporary.ports.clock.now());
    let claim = builders::claim("POST /v1/spaces", "once");

    let mut holder = seed::begin(&temporary.ports).await;
    assert_eq!(holder.claim(&owner, &claim, now).await.expect("a claim"), Claimed::New);
    let mut waiter = seed::begin(&short_timeout).await;
    assert_eq!(waiter.claim(&owner, &claim, now).await.expect("a result"), Claimed::InFlight);
    // Postgres would respond to this COMMIT with a rollback, and with no error.
    assert!(matches!(waiter.commit().await, Err(StoreError::Failed(_))), "it can only be dropped");
    // A request with another key does not wait.
    let other = builders::claim("POST /v1/spaces", "twice");
    let mut passer = seed::begin(&short_timeout).await;
    assert_eq!(passer.claim(&owner, &other, now).await.expect("a claim"), Claimed::New);
    drop(passer);

    holder.keep(&owner, &claim, Some(world.scope), &StoredResponse::Withheld).await.expect("keeping");
    seed::commit(holder).await;
    let mut late = seed::begin(&short_timeout).await;
    let kept = late.claim(&owner, &claim, now).await.expect("a result");
    assert!(matches!(&kept, Claimed::Kept(kept) if kept.scope == Some(world.scope)), "{kept:?}");
}

/// The deletion of expired responses skips a row that a concurrent request is reserving, and that request does not lose it.
#[tokio::test]
async fn the_cleanup_skips_an_expired_key_that_is_being_reserved_again() {
    let temporary = Temporary::new().await;
    let world = World::seed(&temporary.ports).await;
    let short_timeout = options(&temporary.database).lock_timeout(Duration::from_millis(300));
    let short_timeout = ports(&PostgresStore::open_existing(&short_timeout).await.expect("a store"));
    let owner = world.as_admin();
    for key in ["once", "twice"] {
        seed::claim(&temporary.ports, owner.user, key, None).await;
    }
    let claim = builders::claim("POST /v1/spaces", "once");
    let late = Claim::end(temporary.ports.clock.now());

    let mut holder = seed::begin(&temporary.ports).await;
    assert_eq!(holder.claim(&owner, &claim, late).await.expect("a claim"), Claimed::New);
    let mut clearing = seed::begin(&short_timeout).await;
    assert_eq!(clearing.delete_expired_answers(late, 10).await.expect("deleting"), 1, "the other one");
    seed::commit(clearing).await;
    holder.keep(&owner, &claim, None, &StoredResponse::Withheld).await.expect("keeping");
    seed::commit(holder).await;
    let mut look = seed::begin(&short_timeout).await;
    assert!(matches!(look.claim(&owner, &claim, late).await, Ok(Claimed::Kept(_))), "it is still there");
}
