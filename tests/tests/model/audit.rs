//! What is compared at the end of a case: everything that anybody of it can list, and everything that happened.

use std::time::Duration;

use loggia_domain::event::Event;
use loggia_domain::page::PageRequest;
use loggia_domain::port::Views;
use loggia_domain::scope::Scope;

use crate::answer::{Answer, Refusal, told};
use crate::audit_lists;
use crate::book::Book;
use crate::race::{Contestant, Race};

/// Compares what the stores have in the end.
pub(crate) async fn compare(race: &Race, book: &Book, page: u32) -> Result<(), String> {
    for caller in &book.callers {
        let me = async |store: &Contestant| {
            told(store.loggia.me(caller, &PageRequest::FIRST).await, |me| Answer::Me(Box::new(me)))
        };
        race.agree(|| format!("me, {caller:?}"), me).await?.ok();
        let keys = async |store: &Contestant| {
            told(store.loggia.keys(caller.user, &PageRequest::FIRST).await, Answer::Keys)
        };
        race.agree(|| format!("keys, {caller:?}"), keys).await?.ok();
        let own = async |store: &Contestant| {
            told(store.loggia.own_keys(caller, &PageRequest::FIRST).await, Answer::Keys)
        };
        race.agree(|| format!("own keys, {caller:?}"), own).await?.ok();
        audit_lists::glance(race, caller).await?;
    }
    for scope in book.scopes() {
        audit_lists::walk_scope(race, book, scope, page).await?;
        // A scope has many times more events than anything else.
        events(race, scope, 5 * page).await?;
    }
    Ok(())
}

/// Compares what happened in a scope: the events and their order. Positions are each store's own.
async fn events(race: &Race, scope: Scope, page: u32) -> Result<(), String> {
    let (model, others) = race.contestants.split_first().expect("at least one store");
    let expected = log(&*model.views, scope, page, 0).await?;
    for store in others {
        let found = log(&*store.views, scope, page, expected.len()).await?;
        if let Some(place) =
            (0..expected.len().max(found.len())).find(|at| expected.get(*at) != found.get(*at))
        {
            return Err(format!(
                "event {place} of {} in {scope:?}\n{} says {:?}\n{} says {:?}",
                expected.len(),
                model.name,
                expected.get(place),
                store.name,
                found.get(place),
            ));
        }
    }
    Ok(())
}

/// How often, and how long apart, a log is asked for events that are still to come.
const PATIENCE: (u32, Duration) = (1_000, Duration::from_millis(5));

/// The events of a scope, oldest first, read at once and in pages.
///
/// A store may show an event only once every unit of work that began before it has ended, of whichever database: so this
/// waits, for a while, until there are as many as the model has.
async fn log(views: &dyn Views, scope: Scope, page: u32, expected: usize) -> Result<Vec<Event>, String> {
    let failed = |error| format!("events of {scope:?}: {:?}", Refusal::from(error));
    let (tries, pause) = PATIENCE;
    let mut whole = Vec::new();
    for _ in 0..tries {
        whole = views.events(scope, None, u32::MAX).await.map_err(failed)?;
        if whole.len() >= expected {
            break;
        }
        tokio::time::sleep(pause).await;
    }
    if !whole.is_sorted_by(|(one, _), (other, _)| one < other) {
        return Err(format!("the positions of the events of {scope:?} do not ascend"));
    }
    let mut after = None;
    let mut read = Vec::new();
    // One round more than there can be pages: the last one is empty.
    for _ in 0..=whole.len() {
        let rows = views.events(scope, after, page).await.map_err(failed)?;
        let Some((last, _)) = rows.last() else { break };
        after = Some(*last);
        read.extend(rows);
    }
    // What is read in pages must be what is there; the comparison tells where it is not.
    if read.iter().map(|(position, _)| position).ne(whole.iter().map(|(position, _)| position)) {
        return Err(format!("the events of {scope:?} are others when they are read in pages of {page}"));
    }
    Ok(read.into_iter().map(|(_, event)| event).collect())
}
