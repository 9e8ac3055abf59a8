//! Tests of key lookups, and of the sessions that are held for the reads of one call.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use loggia_domain::key::{ApiKey, KeyHash};
use loggia_domain::page::PageRequest;
use loggia_domain::port::{Includes, KeyViews, Ports, ReadAhead, StoreError, Views};
use loggia_domain::role::ScopeRole;
use loggia_domain::scope::{Reach, Scope, ScopeChoice};
use loggia_testkit::builders;
use loggia_testkit::seed::{self, World};
use sqlx::{PgConnection, Row, raw_sql};

use super::{database, open, options, ports, run, superuser};
use crate::PostgresStore;
use crate::columns::Columns;
use crate::read::first_read;
use crate::tenancy::context::{Record, TenantContext};
use crate::tenancy::key_lookup::{self, KeyLookup};

/// Seeds a key of the admin's and returns it with its digest.
async fn key(ports: &Ports, world: &World, reach: Reach, secret: &str) -> (ApiKey, KeyHash) {
    let key = ApiKey { reach, ..builders::key(ports, world.admin.user, world.scope) };
    let hash = seed::key(ports, &key, secret).await;
    (key, hash)
}

/// Returns the settings of the session: user, identity, record, and scopes.
async fn granted(session: &mut PgConnection) -> [String; 4] {
    let settings = "SELECT current_setting('loggia.person'), current_setting('loggia.identity'),
        coalesce(current_setting('loggia.sought', true), ''), trim(current_setting('loggia.scopes'), '{}')";
    let row = raw_sql(settings).fetch_one(session).await.expect("the settings");
    [0, 1, 2, 3].map(|column| row.get(column))
}

/// Returns the number of the store's sessions.
async fn sessions_of_the_store(outsider: &mut PgConnection) -> i64 {
    sqlx::query_scalar(
        "SELECT count(*) FROM pg_stat_activity
         WHERE datname = current_database() AND application_name = 'loggia' AND pid <> pg_backend_pid()",
    )
    .fetch_one(outsider)
    .await
    .expect("a count")
}

#[tokio::test]
async fn a_key_grants_the_scope_that_the_call_is_about_and_no_other() {
    let database = database().await;
    let store = open(&options(&database)).await;
    let ports = ports(&store);
    let world = World::seed(&ports).await;
    let user = world.admin.user;
    let foreign = Scope::Organization(seed::organization(&ports, "Foreign Works").await.id);
    let founder =
        seed::member(&ports, foreign.organization().expect("one"), builders::GRACE, ScopeRole::Admin).await;
    let secret = builders::space(&ports, foreign, founder.user, "Vault");
    seed::spaces(&ports, std::slice::from_ref(&secret)).await;
    let own = Scope::Personal(user);
    let role = ReadAhead::RoleInScope;
    let organization = |scope: Scope| role(ScopeChoice::Organization(scope.organization().expect("one")));
    let mut session = options(&database).connect_as_service().await.expect("a session");
    for (reach, name) in [(Reach::Everywhere, "wide"), (Reach::Only(world.organization.id), "narrow")] {
        let (key, hash) = key(&ports, &world, reach, name).await;
        let (mine, personal) = (Some(world.scope), (reach == Reach::Everywhere).then_some(own));
        for (first, expected) in [
            (None, None),
            (Some(role(ScopeChoice::Default)), mine),
            (Some(role(ScopeChoice::Personal)), personal),
            (Some(organization(world.scope)), mine),
            (Some(organization(foreign)), None),
            (Some(ReadAhead::Project(world.project.id)), mine),
            (Some(ReadAhead::Space(secret.id, Includes::default())), None),
        ] {
            // The lookup replaces everything that was granted before.
            for before in [
                TenantContext::none(),
                TenantContext::scope(Scope::Personal(world.member.user)),
                TenantContext::person(world.member.user),
            ] {
                before.enter(&mut session, false).await.expect("a context");
                let found = lookup(&mut session, &hash, first).await.expect(name);
                assert_eq!(found.key.decode().expect("a key"), key);
                let scopes = expected.map(|scope| scope.id().to_string()).unwrap_or_default();
                let all = [user.to_string(), String::new(), String::new(), scopes];
                assert_eq!(granted(&mut session).await, all, "{reach:?}, {first:?} after {before:?}");
            }
        }
    }
    // A key that does not exist grants nothing, whatever was granted before.
    let made_up = KeyHash::from_bytes([7; 32]);
    for first in [None, Some(role(ScopeChoice::Default)), Some(ReadAhead::Project(world.project.id))] {
        let before = TenantContext::viewer_in(&world.as_admin(), world.scope);
        before.enter(&mut session, false).await.expect("a context");
        assert!(lookup(&mut session, &made_up, first).await.is_none());
        assert_eq!(granted(&mut session).await, [const { String::new() }; 4], "{first:?}");
    }
}

#[tokio::test]
async fn a_record_grants_its_scope_and_is_forgotten() {
    let database = database().await;
    let store = open(&options(&database)).await;
    let ports = ports(&store);
    let world = World::seed(&ports).await;
    let record = Record::Project(world.project.id);
    let mut session = options(&database).connect_as_service().await.expect("a session");
    for is_local in [false, true] {
        run(&mut session, "BEGIN").await;
        let context = TenantContext::viewer_at(&world.as_admin(), record);
        let found = context.enter(&mut session, is_local).await.expect("a context");
        assert_eq!(found.role_of(&world.as_admin(), world.scope), Some("admin"));
        let scope = world.scope.id().to_string();
        let all = [world.admin.user.to_string(), String::new(), String::new(), scope];
        assert_eq!(granted(&mut session).await, all);
        run(&mut session, "COMMIT").await;
    }
}

#[tokio::test]
async fn a_key_lookup_returns_the_same_result_with_every_query_plan() {
    let database = database().await;
    let store = open(&options(&database)).await;
    let ports = ports(&store);
    let world = World::seed(&ports).await;
    let (key, hash) = key(&ports, &world, Reach::Everywhere, "wide").await;
    let foreign = seed::organization(&ports, "Foreign Works").await;
    let founder = seed::member(&ports, foreign.id, builders::GRACE, ScopeRole::Admin).await;
    let space = builders::space(&ports, world.scope, world.admin.user, "Pier");
    let secret = builders::space(&ports, Scope::Organization(foreign.id), founder.user, "Vault");
    seed::spaces(&ports, &[space.clone(), secret.clone()]).await;
    let task = seed::task(&ports, &world.project, "1", |_| ()).await;
    let all = Includes { project: true, organization: true, creator: true };
    let firsts = [
        ReadAhead::Space(space.id, all),
        ReadAhead::Project(world.project.id),
        ReadAhead::ProjectStanding(world.project.id),
        ReadAhead::Task(task.id),
        ReadAhead::Space(secret.id, Includes::default()),
    ];
    run(&mut superuser(&database).await, "ANALYZE").await;
    for settings in [
        "SET enable_nestloop = off",
        "SET enable_hashjoin = off; SET enable_mergejoin = off",
        "SET enable_indexscan = off; SET enable_bitmapscan = off; SET enable_nestloop = off",
        "SET enable_indexscan = off; SET enable_bitmapscan = off; SET enable_hashjoin = off",
    ] {
        let mut session = options(&database).connect_as_service().await.expect("a session");
        run(&mut session, settings).await;
        for first in firsts.map(Some).into_iter().chain([None]) {
            let lookup = lookup(&mut session, &hash, first).await.expect(settings);
            assert_eq!(lookup.key.decode().expect("a key"), key, "{settings}");
            assert_eq!(lookup.first.is_some(), first.is_some());
            if let Some((what, row)) = lookup.first {
                let role = lookup.granted.role_of(&world.as_admin(), world.scope);
                assert_eq!(role.is_some(), what != firsts[4], "{settings}: {what:?}");
                let found = !Columns::after(&row, key_lookup::COLUMNS).next_is_null().expect("a column");
                assert_eq!(found, what != firsts[4], "{settings}: {what:?}");
            }
        }
    }
}

/// Looks up a key.
async fn lookup(session: &mut PgConnection, hash: &KeyHash, first: Option<ReadAhead>) -> Option<KeyLookup> {
    let row = key_lookup::enter(session, hash, first.map(first_read::with_key)).await.expect("a row");
    KeyLookup::read(row, first).expect("a lookup")
}

async fn opened(store: &PostgresStore, hash: &KeyHash) -> Arc<dyn Views> {
    store.open_with_key(hash, None).await.expect("a lookup").expect("the key").views.expect("a session")
}

#[tokio::test]
async fn a_call_holds_at_most_one_session_and_returns_it() {
    let database = database().await;
    let store = open(&options(&database)).await;
    let ports = ports(&store);
    let world = World::seed(&ports).await;
    let (_, hash) = key(&ports, &world, Reach::Everywhere, "wide").await;
    // There is a single reading session: a call that took a second one would wait for it until the timeout.
    for _ in 0..3 {
        let views = opened(&store, &hash).await;
        let (one, other) = (world.as_admin(), builders::viewer(world.member.user));
        for viewer in [one, other, one] {
            assert_eq!(
                views.organizations(&viewer, &PageRequest::FIRST.window()).await.expect("a list").len(),
                1
            );
            views.events(world.scope, None, 5).await.expect("a list");
        }
        let window = PageRequest::FIRST.window();
        let both = tokio::join!(views.organizations(&one, &window), views.organizations(&other, &window));
        assert_eq!((both.0.expect("a list").len(), both.1.expect("a list").len()), (1, 1));
        drop(views);
        assert_eq!(
            store.organizations(&other, &PageRequest::FIRST.window()).await.expect("a list").len(),
            1,
            "the session is free again"
        );
    }
}

#[tokio::test]
async fn a_session_that_dies_while_it_is_held_is_replaced() {
    let database = database().await;
    let store = open(&options(&database)).await;
    let ports = ports(&store);
    let world = World::seed(&ports).await;
    let (_, hash) = key(&ports, &world, Reach::Everywhere, "wide").await;
    let mut outsider = superuser(&database).await;
    for _ in 0..2 {
        let views = opened(&store, &hash).await;
        run(
            &mut outsider,
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
             WHERE datname = current_database() AND application_name = 'loggia'",
        )
        .await;
        for _ in 0..2 {
            assert_eq!(
                views
                    .organizations(&world.as_admin(), &PageRequest::FIRST.window())
                    .await
                    .expect("a list")
                    .len(),
                1
            );
        }
        drop(views);
        assert_eq!(
            store.organizations(&world.as_admin(), &PageRequest::FIRST.window()).await.expect("a list").len(),
            1
        );
        assert_eq!(sessions_of_the_store(&mut outsider).await, 1, "none is left over");
    }
}

#[tokio::test]
async fn the_response_to_a_dropped_statement_never_reaches_another_call() {
    let database = database().await;
    let store = open(&options(&database)).await;
    let ports = ports(&store);
    let world = World::seed(&ports).await;
    let mut session = store.readers.enter(&TenantContext::none()).await.expect("a session");
    let asking = raw_sql("SELECT 1 / length(pg_sleep(0.1)::text)").execute(session.connection().connection);
    assert!(poll_once(asking).await.is_none(), "it is in flight when it is dropped");
    drop(session);
    for _ in 0..3 {
        let found = store.organizations(&world.as_admin(), &PageRequest::FIRST.window()).await;
        assert_eq!(found.expect("its own response, and not another call's failure").len(), 1);
    }
    store.close().await;
    let refused = store.organizations(&world.as_admin(), &PageRequest::FIRST.window()).await;
    assert!(matches!(refused, Err(StoreError::Unavailable(Some(_)))), "{refused:?}");
}

/// Polls a future once, and then drops it.
async fn poll_once<F: Future>(future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending => Poll::Ready(None),
    })
    .await
}
