//! Tests that the cost of a page, in steps of SQLite's virtual machine, does not grow with its depth.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use loggia_domain::page::{
    ProjectOrder, ProjectQuery, SpaceOrder, SpaceQuery, TaskQuery, Window, task_position,
};
use loggia_domain::port::{Includes, Views};
use loggia_domain::task::TaskStatus;

use super::{BOTH_WAYS, ada, after, before, fill, from_offset, project_id, scope, store};
use crate::SqliteStore;
use crate::read::sorted_projects;

const ROWS: u32 = 20_000;
/// The number of rows that a page of 20 reads from the store.
const WINDOW: u32 = 21;
/// The offset of the 500th page of 20.
const DEEP: u32 = 499 * 20;

/// Counts the virtual machine's steps on the one reading connection.
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
    // A position is compared with each row that is read; an offset of 0 takes no comparison.
    assert!(deep <= first + first / 5, "{what}: the first page took {first} steps, the 500th {deep}");
}

#[tokio::test]
async fn the_500th_page_of_spaces_costs_as_much_as_the_first() {
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
            assert_alike(first, next, &format!("{order:?}"));
            assert_alike(first, previous, &format!("{order:?}"));
        }
    }
}

#[tokio::test]
async fn the_500th_page_of_projects_and_of_tasks_costs_as_much_as_the_first() {
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
            assert_alike(first, deep, &format!("{order:?}"));
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
async fn a_deep_offset_takes_more_steps_than_a_shallow_one() {
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

/// Returns the steps of each total of a list without filters, and of one with a filter, in a store with `rows` rows.
async fn steps_of_totals(rows: u32) -> [u64; 4] {
    let (store, _folder) = store().await;
    fill(&store, rows).await;
    let steps = count_steps(&store).await;
    let viewer = ada();
    let mut taken = Vec::new();
    let mut before = 0;
    let mut note = |total: u64| {
        assert_eq!(total, u64::from(rows));
        let now = steps.load(Ordering::Relaxed);
        taken.push(now - before);
        before = now;
    };
    note(store.count_spaces(&viewer, scope(), &SpaceQuery::default()).await.expect("a count"));
    note(store.count_projects(&viewer, scope(), &ProjectQuery::default()).await.expect("a count"));
    note(store.count_tasks(&viewer, project_id(), &TaskQuery::default()).await.expect("a count"));
    let todo = TaskQuery { status: Some(TaskStatus::Todo), ..TaskQuery::default() };
    note(store.count_tasks(&viewer, project_id(), &todo).await.expect("a count"));
    taken.try_into().expect("four")
}

#[tokio::test]
async fn a_total_costs_the_same_at_a_thousand_and_at_twenty_thousand() {
    let ([spaces, projects, tasks, filtered], many) =
        (steps_of_totals(1_000).await, steps_of_totals(20_000).await);
    assert_eq!([spaces, projects, tasks], many[..3]);
    assert!(many[3] > filtered * 10, "what is filtered is counted: {filtered} and {}", many[3]);
}

#[tokio::test]
async fn a_page_of_projects_costs_a_member_the_same_however_many_they_do_not_see() {
    let mut taken = Vec::new();
    for rows in [1_000, ROWS] {
        let (store, _folder) = store().await;
        fill(&store, rows).await;
        // All but the last 30 are private. The one member is no admin, and is on the rosters of two private projects.
        let hidden = format!(
            "UPDATE members SET role = 'member' WHERE role = 'admin';
             UPDATE projects SET visibility = 'private' WHERE number <= {rows} - 30;
             INSERT INTO project_members (scope_id, project_id, user_id, id, number, role, created_at)
             SELECT scope_id, id, created_by, id, 1, 'member', 1 FROM projects WHERE number IN (7, {rows} - 40)"
        );
        store.writer.with(|connection| connection.execute_batch(&hidden)).await.expect("rows");
        assert_eq!(sorted_projects(&store.readers, &ada(), scope()).await.expect("a total"), 2);
        let steps = count_steps(&store).await;
        let window = from_offset(0, WINDOW);
        let page = store.projects(&ada(), scope(), &ProjectQuery::default(), &window).await.expect("a page");
        let numbers: Vec<i64> = page.iter().map(|view| view.record.number.get()).collect();
        assert_eq!((numbers[0], numbers[1], numbers[2]), (7, i64::from(rows) - 40, i64::from(rows) - 29));
        assert_eq!(numbers.len(), 21);
        taken.push(steps.load(Ordering::Relaxed));
        let promoted = "UPDATE members SET role = 'admin'";
        store.writer.with(|connection| connection.execute_batch(promoted)).await.expect("a row");
        assert_eq!(sorted_projects(&store.readers, &ada(), scope()).await.expect("a total"), 0);
    }
    assert_eq!(taken[0], taken[1]);
}
