//! Tests of connections that break: while committing, and while idle.

use loggia_domain::page::PageRequest;
use loggia_domain::port::{Ports, Store, StoreError};
use loggia_postgres::{PostgresOptions, PostgresStore};
use loggia_testkit::builders;
use loggia_testkit::seed::{self, World};
use sqlx::{Connection, PgConnection};

use crate::proxy::{Cut, Proxy};
use crate::support::{Temporary, options, ports, with_long_timeouts};

/// Opens a store that reaches its server through the proxy.
async fn behind(proxy: &Proxy) -> Ports {
    let options: PostgresOptions = proxy.url().parse().expect("a URL");
    ports(&PostgresStore::open_existing(&with_long_timeouts(options)).await.expect("a store"))
}

async fn assert_outcome_unknown(cut: Cut, written: u64) {
    let temporary = Temporary::new().await;
    let proxy = Proxy::before(&temporary.database, cut).await;
    let ports = behind(&proxy).await;
    let mut work = seed::begin(&ports).await;
    let organization = builders::organization(&ports, "Harbour Works");
    work.insert_organization(&organization).await.expect("an organization");
    proxy.arm(true);
    let refused = work.commit().await.expect_err("the connection broke");
    assert!(matches!(refused, StoreError::OutcomeUnknown(Some(_))), "{cut:?}: {refused:?}");
    assert_eq!(proxy.cuts(), 1);
    // The server may take a moment to notice that the client is gone.
    let mut outsider = temporary.raw().await;
    while sessions_in_transactions(&mut outsider).await > 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(temporary.execute("SELECT FROM organizations").await, Ok(written), "{cut:?}");
    // The next unit of work succeeds on a new session.
    proxy.arm(false);
    seed::organization(&ports, "Quay Works").await;
    assert_eq!(temporary.execute("SELECT FROM organizations").await, Ok(written + 1));
}

async fn sessions_in_transactions(outsider: &mut PgConnection) -> i64 {
    sqlx::query_scalar(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
             AND state IS DISTINCT FROM 'idle'",
    )
    .fetch_one(outsider)
    .await
    .expect("a look at the sessions")
}

#[tokio::test]
async fn a_commit_that_never_reached_the_server_has_an_unknown_outcome() {
    assert_outcome_unknown(Cut::BeforeTheCommit, 0).await;
}

#[tokio::test]
async fn a_commit_whose_response_was_lost_has_an_unknown_outcome() {
    assert_outcome_unknown(Cut::AfterTheCommit, 1).await;
}

/// Ends all sessions of the store, as a restart of the server does. Returns their number.
async fn end_all_sessions(outsider: &mut PgConnection) -> usize {
    let ended: Vec<bool> = sqlx::query_scalar(
        "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
         WHERE datname = current_database() AND application_name = 'loggia'",
    )
    .fetch_all(outsider)
    .await
    .expect("the ends");
    assert!(ended.iter().all(|ended| *ended), "they are gone");
    ended.len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sessions_that_died_while_idle_are_replaced_without_an_error() {
    const SESSIONS: usize = 4;
    let temporary = Temporary::new().await;
    let world = World::seed(&temporary.ports).await;
    temporary.store.close().await;
    let four = options(&temporary.database).readers(4).writers(4);
    let store = PostgresStore::open_existing(&four).await.expect("a store");
    let views = ports(&store).views;
    let mut outsider = temporary.raw().await;
    for _ in 0..3 {
        let mut works = Vec::new();
        let mut reads = tokio::task::JoinSet::new();
        for _ in 0..SESSIONS {
            works.push(store.begin().await.expect("a separate session"));
        }
        for work in works {
            work.commit().await.expect("a commit");
        }
        let gate = std::sync::Arc::new(tokio::sync::Barrier::new(SESSIONS));
        for _ in 0..SESSIONS {
            let (views, viewer, gate) = (views.clone(), world.as_admin(), gate.clone());
            reads.spawn(async move {
                gate.wait().await;
                for _ in 0..20 {
                    views.organizations(&viewer, &PageRequest::FIRST.window()).await.expect("a list");
                }
            });
        }
        reads.join_all().await;
        let ended = end_all_sessions(&mut outsider).await;
        assert!(ended > SESSIONS, "there were several of both kinds: {ended}");
        assert_eq!(
            views.organizations(&world.as_admin(), &PageRequest::FIRST.window()).await.expect("a list").len(),
            1
        );
        let mut work = store.begin().await.expect("a unit of work");
        let locked = work.lock_project(&world.as_admin(), world.project.id).await;
        assert!(locked.expect("a lock").is_some());
        work.commit().await.expect("a commit");
    }
}

#[tokio::test]
async fn a_session_that_dies_within_a_unit_of_work_rolls_it_back_and_is_replaced() {
    let temporary = Temporary::new().await;
    let mut outsider = temporary.raw().await;
    let organization = builders::organization(&temporary.ports, "Harbour Works");
    let mut work = seed::begin(&temporary.ports).await;
    work.insert_organization(&organization).await.expect("an organization");
    assert!(end_all_sessions(&mut outsider).await > 0);
    let lost = work.lock_instance().await;
    assert!(matches!(lost, Err(StoreError::Unavailable(Some(_)))), "{lost:?}");
    assert!(work.commit().await.is_err());
    assert!(!temporary.ports.views.has_organizations().await.expect("a look"), "nothing was written");
    seed::organization(&temporary.ports, "Quay Works").await;
    outsider.close().await.expect("closing");
}
