//! The events of each scope are in one order, without gaps.

use std::time::{Duration, Instant};

use loggia_domain::event::{Actor, Change, Event, EventPosition, SubjectKind, Value, Verb};
use loggia_domain::id::KeyId;
use loggia_domain::scope::Scope;

use super::Fixture;
use super::contention::linger;
use super::extremes::{STRANGE, before_the_epoch, earliest, exact, latest};
use crate::builders;
use crate::seed::{self, World, begin, commit};

/// Returns every event of a scope, reading up to `limit` at a time.
pub(super) async fn all(fixture: &Fixture, scope: Scope, limit: u32) -> Vec<(EventPosition, Event)> {
    let mut found: Vec<(EventPosition, Event)> = Vec::new();
    loop {
        let after = found.last().map(|(position, _)| *position);
        let part = fixture.views().events(scope, after, limit).await.expect("events");
        assert!(part.len() <= usize::try_from(limit).expect("a limit"), "no more than was asked for");
        if part.is_empty() {
            return found;
        }
        // Checked on each read, since a store that repeats events would be read for ever.
        assert!(
            after.is_none_or(|after| part.iter().all(|(position, _)| *position > after)),
            "only later ones"
        );
        found.extend(part);
        assert!(found.is_sorted_by(|one, next| one.0 < next.0), "positions rise");
    }
}

/// Returns every event of a scope like [`all`], once there are `count`: an event may appear a moment after the change that it reports.
pub(super) async fn all_of(
    fixture: &Fixture,
    scope: Scope,
    limit: u32,
    count: usize,
) -> Vec<(EventPosition, Event)> {
    let timeout = Instant::now() + Duration::from_secs(10);
    loop {
        let found = all(fixture, scope, limit).await;
        if found.len() >= count || Instant::now() >= timeout {
            return found;
        }
        linger().await;
    }
}

/// Builds an event of the scope with a subject of its own.
fn sample_event(fixture: &Fixture, scope: Scope) -> Event {
    let subject = fixture.ports.ids.next();
    builders::event(&fixture.ports, scope, SubjectKind::Space, subject, Verb::Updated)
}

/// Events are stored unchanged, for every actor, subject kind and verb, with changes from and to every kind of value.
pub async fn events_are_stored_unchanged(fixture: &Fixture) {
    let world = World::seed(&fixture.ports).await;
    let values = [
        Value::Empty,
        Value::Text(String::new()),
        Value::Text(STRANGE.to_owned()),
        Value::Number(i64::MIN),
        Value::Number(i64::MAX),
        Value::Flag(true),
        Value::Flag(false),
        Value::Time(earliest()),
        Value::Time(latest()),
        Value::Time(before_the_epoch()),
        Value::Id(world.project.id.as_uuid()),
    ];
    let fields = ["name", "description", "project", "status", "priority", "strength", "role", "active"];
    let changes: Vec<Change> = values
        .iter()
        .zip(values.iter().rev())
        .enumerate()
        .map(|(index, (from, to))| Change {
            field: fields[index % fields.len()].into(),
            from: from.clone(),
            to: to.clone(),
        })
        .collect();
    let key = KeyId::from_uuid(fixture.ports.ids.next());
    let actors = [
        Actor::Operator,
        Actor::User { user: world.member.user, key: None },
        Actor::User { user: world.admin.user, key: Some(key) },
    ];
    let mut expected = Vec::new();
    for (index, kind) in SubjectKind::ALL.iter().enumerate() {
        for verb in Verb::ALL {
            let mut event =
                builders::event(&fixture.ports, world.scope, *kind, fixture.ports.ids.next(), *verb);
            event.actor = actors[index % actors.len()];
            event.at = exact();
            event.changes = if index % 2 == 0 { changes.clone() } else { Vec::new() };
            expected.push(event);
        }
    }
    seed::events(&fixture.ports, &expected).await;
    let found = all_of(fixture, world.scope, 100, expected.len()).await;
    let found: Vec<Event> = found.into_iter().map(|(_, event)| event).collect();
    assert_eq!(found, expected, "and in the order in which they were appended");
}

/// A reader that continues after the last position it received gets each event once, in the order of the commits.
pub async fn events_after_a_position_are_neither_missed_nor_repeated(fixture: &Fixture) {
    let world = World::seed(&fixture.ports).await;
    let personal = Scope::Personal(world.admin.user);
    let mut expected = Vec::new();
    for size in [3_usize, 1, 2, 5] {
        let batch: Vec<Event> = (0..size).map(|_| sample_event(fixture, world.scope)).collect();
        seed::events(&fixture.ports, &batch).await;
        expected.extend(batch);
        // Events of other scopes lie in between and are not returned.
        seed::events(&fixture.ports, &[sample_event(fixture, personal)]).await;
    }
    for limit in [1, 2, 100] {
        let found: Vec<Event> = all_of(fixture, world.scope, limit, expected.len())
            .await
            .into_iter()
            .map(|(_, event)| event)
            .collect();
        assert_eq!(found, expected, "{limit} at a time");
    }
    assert_eq!(all_of(fixture, personal, 3, 4).await.len(), 4);
}

/// A unit of work that is rolled back, or not yet committed, shows no event.
pub async fn events_of_uncommitted_work_are_not_visible(fixture: &Fixture) {
    let world = World::seed(&fixture.ports).await;
    let mut work = begin(&fixture.ports).await;
    work.append(&sample_event(fixture, world.scope)).await.expect("an event");
    assert_eq!(all(fixture, world.scope, 10).await, [], "not committed yet");
    drop(work);
    let kept = sample_event(fixture, world.scope);
    let mut work = begin(&fixture.ports).await;
    work.append(&kept).await.expect("an event");
    commit(work).await;
    // The event appears once the dropped unit of work has ended, which may take the store a moment.
    let found: Vec<Event> =
        all_of(fixture, world.scope, 10, 1).await.into_iter().map(|(_, event)| event).collect();
    assert_eq!(found, [kept]);
}

/// A reader beside several writers gets every event once and in order.
pub async fn a_reader_concurrent_with_writers_misses_no_event(fixture: &Fixture) {
    const WRITERS: usize = 4;
    const EACH: usize = 8;
    let world = World::seed(&fixture.ports).await;
    let mut writers = Vec::new();
    for _ in 0..WRITERS {
        let ports = fixture.ports.clone();
        let scope = world.scope;
        writers.push(tokio::spawn(async move {
            for _ in 0..EACH {
                super::contention::insist(|| async {
                    let subject = ports.ids.next();
                    let event = builders::event(&ports, scope, SubjectKind::Task, subject, Verb::Created);
                    let mut work = ports.store.begin().await?;
                    work.append(&event).await?;
                    linger().await;
                    work.commit().await
                })
                .await;
            }
        }));
    }
    let mut seen: Vec<(EventPosition, Event)> = Vec::new();
    while writers.iter().any(|writer| !writer.is_finished()) {
        let after = seen.last().map(|(position, _)| *position);
        seen.extend(fixture.views().events(world.scope, after, 3).await.expect("events"));
        assert!(seen.len() <= WRITERS * EACH, "no event comes twice");
        tokio::task::yield_now().await;
    }
    for writer in writers {
        writer.await.expect("a writer that is done");
    }
    loop {
        let after = seen.last().map(|(position, _)| *position);
        let rest = fixture.views().events(world.scope, after, 100).await.expect("events");
        if rest.is_empty() {
            break;
        }
        seen.extend(rest);
        assert!(seen.len() <= WRITERS * EACH, "no event comes twice");
    }
    assert_eq!(seen.len(), WRITERS * EACH, "each was seen once while it came");
    assert_eq!(seen, all(fixture, world.scope, 100).await, "and in the order that holds afterwards");
}
