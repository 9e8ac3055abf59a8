//! Tests of a database that was restored from a dump of another server, where transactions are counted from elsewhere.

use loggia_domain::event::{EventPosition, SubjectKind, Verb};
use loggia_domain::id::EventId;
use loggia_domain::port::{Ports, Store, Views};
use loggia_domain::scope::Scope;
use loggia_testkit::builders;
use loggia_testkit::seed::{self, World};

use super::*;
use crate::{OpenError, PostgresStore, migrate};

async fn note(ports: &Ports, scope: Scope) -> EventId {
    let subject = scope.id().as_uuid();
    let event = builders::event(ports, scope, SubjectKind::Organization, subject, Verb::Updated);
    let id = event.id;
    seed::events(ports, &[event]).await;
    id
}

async fn ids(
    store: &PostgresStore,
    scope: Scope,
    after: Option<EventPosition>,
) -> (Vec<EventId>, Option<EventPosition>) {
    let events = store.events(scope, after, 100).await.expect("events");
    let last = events.last().map(|(position, _)| *position);
    (events.into_iter().map(|(_, event)| event.id).collect(), last)
}

#[tokio::test]
async fn events_after_a_restore_are_ordered_after_earlier_events() {
    let database = database().await;
    let store = open(&options(&database)).await;
    let first_ports = ports(&store);
    let world = World::seed(&first_ports).await;
    let mut expected = vec![note(&first_ports, world.scope).await, note(&first_ports, world.scope).await];
    store.close().await;

    let mut outsider = superuser(&database).await;
    // The dump's server had counted many more transactions.
    run(&mut outsider, "UPDATE events SET transaction = transaction + 1000000000000").await;
    run(&mut outsider, "UPDATE instance SET system_identifier = 1").await;
    let refused = PostgresStore::open_existing(&options(&database)).await;
    assert!(matches!(refused, Err(OpenError::Restored)), "{refused:?}");
    assert!(OpenError::Restored.to_string().contains("`loggia migrate`"));
    migrate(&options(&database)).await.expect("it settles");
    let settled = "SELECT count(*) FROM instance, pg_control_system() c
        WHERE instance.system_identifier = c.system_identifier AND transaction_offset > 999999999999 - 1000000000";
    assert_eq!(number(&mut outsider, settled).await, 1);
    let forced = "SELECT count(*) FROM pg_class WHERE oid = 'events'::regclass AND relforcerowsecurity";
    assert_eq!(number(&mut outsider, forced).await, 1, "row-level security is forced again");

    let store = open(&options(&database).writers(2)).await;
    let ports = Ports { ids: first_ports.ids.clone(), ..ports(&store) };
    let (before, last) = ids(&store, world.scope, None).await;
    assert_eq!(before, expected, "what was there is there, in its order");
    // A reader continues from its position beside two writers, of which the first one commits last.
    let subject = world.organization.id.as_uuid();
    let slow = builders::event(&ports, world.scope, SubjectKind::Organization, subject, Verb::Updated);
    let mut work = store.begin().await.expect("a unit of work");
    work.append(&slow).await.expect("an event");
    let quick = note(&ports, world.scope).await;
    assert_eq!(ids(&store, world.scope, last).await.0, [], "the quick one comes after the slow one");
    work.commit().await.expect("a commit");
    assert_eq!(ids(&store, world.scope, last).await.0, [slow.id, quick]);
    expected.extend([slow.id, quick]);
    assert_eq!(ids(&store, world.scope, None).await.0, expected);

    // Another migration changes nothing.
    let offset = "SELECT transaction_offset FROM instance";
    let before = number(&mut outsider, offset).await;
    migrate(&options(&database)).await.expect("nothing is to be done");
    assert_eq!(number(&mut outsider, offset).await, before);
}

/// A login that may migrate does so when the store is opened.
#[tokio::test]
async fn opening_a_restored_store_migrates_it_if_the_login_may() {
    let database = database().await;
    let mut outsider = superuser(&database).await;
    run(&mut outsider, "UPDATE instance SET system_identifier = 1").await;
    PostgresStore::open(&options(&database)).await.expect("a store").close().await;
    open(&options(&database)).await.close().await;
}
