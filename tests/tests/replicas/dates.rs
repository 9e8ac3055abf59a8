//! A start that is moved past the end while the end is moved before the start: one of the two changes is rejected (promise B11).

use std::ops::RangeInclusive;

use loggia_domain::instant::Timestamp;
use loggia_domain::project::ProjectPatch;
use loggia_domain::service::Loggia;
use loggia_domain::task::TaskPatch;
use loggia_testkit::builders::time;

use crate::pair::Pair;
use crate::race::{Call, ROUNDS, Verdict, breaks, call, done, holds, race};
use crate::town::{Town, count};
use crate::unlocked::Keys;

const LANES: usize = 8;

type Dates = (Option<Option<Timestamp>>, Option<Option<Timestamp>>);

fn of_project(loggia: &Loggia, town: Town, (start, end): Dates) -> Call {
    let (loggia, caller) = (loggia.clone(), town.caller(town.ada()));
    let patch = ProjectPatch { start, end, ..ProjectPatch::default() };
    call(async move { loggia.acting_as(&caller).update_project(town.project(), patch).await })
}

fn of_task(loggia: &Loggia, town: Town, (start, end): Dates) -> Call {
    let (loggia, caller) = (loggia.clone(), town.caller(town.barbara()));
    let patch = TaskPatch { start, end, ..TaskPatch::default() };
    call(async move { loggia.acting_as(&caller).update_task(town.task(), patch).await })
}

/// Runs rounds that change the dates of a project or of a task, in turn.
async fn dates(pair: &Pair, towns: RangeInclusive<u64>) -> Verdict {
    let replicas = pair.replicas.clone();
    let later: Dates = (Some(Some(time("2026-01-20"))), None);
    let earlier: Dates = (None, Some(Some(time("2026-01-10"))));
    let rounds = race(towns, LANES, move |town| {
        let change = if town.0 % 2 == 0 { of_project } else { of_task };
        vec![change(&replicas[0], town, later), change(&replicas[1], town, earlier)]
    })
    .await;
    // Counts records whose dates are out of order, and those of which not exactly one date was moved.
    let wrong = "SELECT count(*)
                 FROM (SELECT start_date, end_date, revision FROM projects
                       UNION ALL SELECT start_date, end_date, revision FROM tasks) AS dated
                 WHERE start_date > end_date OR revision > 2
                     OR revision = 2 AND (start_date = 1768867200000000) = (end_date = 1768003200000000)";
    Verdict::on(&rounds, count(&pair.database, wrong).await, |round| done(round) == 1)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dates_moved_from_both_ends_stay_in_order() {
    println!("dates: {}", holds(ROUNDS, dates).await);
}

/// Whole rows are written, so the second write overwrites the acknowledged first one; a CHECK constraint still guards the order itself.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_locks_dates_are_moved_from_both_ends() {
    println!("dates: {}", breaks(Keys::Reported, dates).await);
}
