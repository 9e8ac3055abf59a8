//! What a page costs in steps of SQLite's virtual machine: the same, however deep it lies.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use loggia_domain::page::{
    ProjectOrder, ProjectQuery, SpaceOrder, SpaceQuery, TaskQuery, Window, task_position,
};
use loggia_domain::port::{Includes, Views};

use super::{BOTH_WAYS, ada, after, before, fill, from_offset, project_id, scope, store};
use crate::SqliteStore;

const ROWS: u32 = 20_000;
/// What a page of 20 asks the store for.
const WINDOW: u32 = 21;
/// Where the 500th page of 20 begins.
const DEEP: u32 = 499 * 20;

/// Counts the steps of the one reading connection.
pub(super) async fn count_steps(store: &SqliteStore) -> Arc<AtomicU64> {
    let steps = Arc::new(AtomicU64::new(0));
    let counter = steps.clone();
    let reader = store.readers.take().await.expect("the reader");
    let count = move || {
        counter.fetch_add(1, Ordering::Relaxed);
        false
    };
    reader.progress_handler(1, Some(count)).expect("a handler");
    steps
}

pub(super) fn assert_alike(first: u64, deep: u64, what: &str) {
    assert!(first > 0, "steps are counted");
    // A position is compared with each row that is read, which an offset of 0 need not be.
    assert!(deep <= first + first / 5, "{what}: the first page took {first} steps, the 500th {deep}");
}

#[tokio::test]
async fn the_500th_page_of_spaces_costs_what_the_first_does() {
    let (store, _folder) = store().await;
    fill(&store, ROWS).await;
    let steps = count_steps(&store).await;
    let all = Includes { project: true, organization: true, creator: true };
    for order in SpaceOrder::ALL.iter().copied() {
        for direction in BOTH_WAYS {
            let query = SpaceQuery { order, direction, ..SpaceQuery::default() };
            let page = async |window: Window, rows: usize| {
                let before = steps.load(Ordering::Relaxed);
                let page = store.spaces(&ada(), scope(), &query, all, &window).await.expect("a page");
                assert_eq!(page.len(), rows);
                (page, steps.load(Ordering::Relaxed) - before)
            };
            let (_, first) = page(from_offset(0, WINDOW), 21).await;
            let (last_of_499, _) = page(from_offset(DEEP - 1, 1), 1).await;
            let position = order.position(&last_of_499[0].space);
            let (_, next) = page(after(position.clone(), WINDOW), 21).await;
            let (_, previous) = page(before(position, WINDOW), 21).await;
            assert_alike(first, next, order.as_str());
            assert_alike(first, previous, order.as_str());
        }
    }
}

#[tokio::test]
async fn the_500th_page_of_projects_and_of_tasks_costs_what_the_first_does() {
    let (store, _folder) = store().await;
    fill(&store, ROWS).await;
    let steps = count_steps(&store).await;
    for order in ProjectOrder::ALL.iter().copied() {
        for direction in BOTH_WAYS {
            let query = ProjectQuery { search: None, order, direction };
            let page = async |window: Window| {
                let before = steps.load(Ordering::Relaxed);
                let page = store.projects(&ada(), scope(), &query, &window).await.expect("a page");
                (page, steps.load(Ordering::Relaxed) - before)
            };
            let (_, first) = page(from_offset(0, WINDOW)).await;
            let (last_of_499, _) = page(from_offset(DEEP - 1, 1)).await;
            let (deep_page, deep) = page(after(order.position(&last_of_499[0].record), WINDOW)).await;
            assert_eq!(deep_page.len(), 21);
            assert_alike(first, deep, order.as_str());
        }
    }
    let page = async |window: Window| {
        let before = steps.load(Ordering::Relaxed);
        let page = store.tasks(&ada(), project_id(), &TaskQuery::default(), &window).await.expect("a page");
        (page, steps.load(Ordering::Relaxed) - before)
    };
    let (_, first) = page(from_offset(0, WINDOW)).await;
    let (last_of_499, _) = page(from_offset(DEEP - 1, 1)).await;
    let (deep_page, deep) = page(after(task_position(&last_of_499[0].task), WINDOW)).await;
    assert_eq!(deep_page.len(), 21);
    assert_alike(first, deep, "tasks");
}

#[tokio::test]
async fn the_steps_do_tell_a_deep_offset_from_a_shallow_one() {
    let (store, _folder) = store().await;
    fill(&store, ROWS).await;
    let steps = count_steps(&store).await;
    let query = SpaceQuery::default();
    let mut costs = Vec::new();
    for offset in [0, DEEP] {
        let before = steps.load(Ordering::Relaxed);
        let window = from_offset(offset, WINDOW);
        store.spaces(&ada(), scope(), &query, Includes::default(), &window).await.expect("a page");
        costs.push(steps.load(Ordering::Relaxed) - before);
    }
    assert!(costs[1] > costs[0] * 10, "without a cursor, skipping costs what is skipped: {costs:?}");
}
