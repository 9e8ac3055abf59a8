//! The comparison at the end of a case: everything that any caller of the case can list, and every event.

use std::time::Duration;

use loggia_domain::event::Event;
use loggia_domain::page::PageRequest;
use loggia_domain::port::Views;
use loggia_domain::scope::Scope;

use crate::answer::{Answer, Refusal, outcome};
use crate::audit_lists;
use crate::book::Book;
use crate::race::{Contestant, Race};

/// Compares the final state of the stores.
pub(crate) async fn compare(race: &Race, book: &Book, page: u32) -> Result<(), String> {
    for caller in &book.callers {
        let me = async |store: &Contestant| {
            outcome(store.loggia.acting_as(caller).me(&PageRequest::FIRST).await, |me| {
                Answer::Me(Box::new(me))
            })
        };
        race.agree(|| format!("me, {caller:?}"), me).await?.ok();
        let keys = async |store: &Contestant| {
            outcome(store.loggia.operator().keys(caller.user, &PageRequest::FIRST).await, Answer::Keys)
        };
        race.agree(|| format!("keys, {caller:?}"), keys).await?.ok();
        let own = async |store: &Contestant| {
            outcome(store.loggia.acting_as(caller).own_keys(&PageRequest::FIRST).await, Answer::Keys)
        };
        race.agree(|| format!("own keys, {caller:?}"), own).await?.ok();
        audit_lists::glance(race, caller).await?;
    }
    for id in book.organizations.iter().copied() {
        let invitations = async |store: &Contestant| {
            let listed = store.loggia.operator().invitations(id, &PageRequest::FIRST).await;
            outcome(listed, Answer::Invitations)
        };
        race.agree(|| format!("invitations, {id:?}"), invitations).await?.ok();
    }
    for scope in book.scopes() {
        audit_lists::page_through_scope(race, book, scope, page).await?;
        // A scope has many times more events than other records.
        events(race, scope, 5 * page).await?;
    }
    Ok(())
}

/// Compares the events of a scope and their order. Event positions may differ between stores.
async fn events(race: &Race, scope: Scope, page: u32) -> Result<(), String> {
    let (model, others) = race.contestants.split_first().expect("at least one store");
    let expected = log(&*model.views, scope, page, 0).await?;
    for store in others {
        let found = log(&*store.views, scope, page, expected.len()).await?;
        if let Some(index) =
            (0..expected.len().max(found.len())).find(|at| expected.get(*at) != found.get(*at))
        {
            return Err(format!(
                "event {index} of {} in {scope:?}\n{} says {:?}\n{} says {:?}",
                expected.len(),
                model.name,
                expected.get(index),
                store.name,
                found.get(index),
            ));
        }
    }
    Ok(())
}

/// The number of reads that wait for events to become visible, and the pause between two reads.
const TIMEOUT: (u32, Duration) = (1_000, Duration::from_millis(5));

/// Returns the events of a scope, oldest first, read at once and in pages.
///
/// A store may show an event only after every unit of work that began before the event's has ended, in any database of the server. This
/// function therefore waits a limited time until the store shows as many events as the model.
async fn log(views: &dyn Views, scope: Scope, page: u32, expected: usize) -> Result<Vec<Event>, String> {
    let failed = |error| format!("events of {scope:?}: {:?}", Refusal::from(error));
    let (tries, pause) = TIMEOUT;
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
    // There is one more round than pages, since the last page is empty.
    for _ in 0..=whole.len() {
        let rows = views.events(scope, after, page).await.map_err(failed)?;
        let Some((last, _)) = rows.last() else { break };
        after = Some(*last);
        read.extend(rows);
    }
    // The pages must add up to the events that were read at once; the comparison of the stores shows where they do not.
    if read.iter().map(|(position, _)| position).ne(whole.iter().map(|(position, _)| position)) {
        return Err(format!("the events of {scope:?} are others when they are read in pages of {page}"));
    }
    Ok(read.into_iter().map(|(_, event)| event).collect())
}
