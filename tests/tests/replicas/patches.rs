//! Two callers who change different fields of one record at once: both changes are stored (issue: "lose nothing").

use std::ops::RangeInclusive;

use loggia_domain::project::ProjectPatch;
use loggia_domain::service::Loggia;
use loggia_domain::space::{Priority, SpacePatch, Strength};
use loggia_domain::task::{TaskPatch, TaskStatus};
use loggia_domain::text::{ProjectDescription, ProjectName, TaskName};

use crate::pair::Pair;
use crate::race::{Call, ROUNDS, Verdict, breaks, call, done, holds, race};
use crate::town::{Town, count};
use crate::unlocked::Keys;

const LANES: usize = 8;

fn of_space(loggia: &Loggia, town: Town, patch: SpacePatch) -> Call {
    let (loggia, caller) = (loggia.clone(), town.caller(town.grace()));
    call(async move { loggia.acting_as(&caller).update_space(town.space(), patch).await })
}

fn of_project(loggia: &Loggia, town: Town, patch: ProjectPatch) -> Call {
    let (loggia, caller) = (loggia.clone(), town.caller(town.ada()));
    call(async move { loggia.acting_as(&caller).update_project(town.project(), patch).await })
}

fn of_task(loggia: &Loggia, town: Town, patch: TaskPatch) -> Call {
    let (loggia, caller) = (loggia.clone(), town.caller(town.barbara()));
    call(async move { loggia.acting_as(&caller).update_task(town.task(), patch).await })
}

/// Returns the two changes of a round, one for each replica.
fn changes([one, other]: &[Loggia; 2], town: Town) -> Vec<Call> {
    match town.0 % 3 {
        0 => {
            let strength = Some(Strength::new(7).expect("a strength"));
            vec![
                of_space(one, town, SpacePatch { strength, ..SpacePatch::default() }),
                of_space(other, town, SpacePatch { priority: Some(Priority::High), ..SpacePatch::default() }),
            ]
        }
        1 => {
            let name = Some(ProjectName::parse("Quay").expect("a name"));
            let description = Some(Some(ProjectDescription::parse("Where ships lie").expect("a text")));
            vec![
                of_project(one, town, ProjectPatch { name, ..ProjectPatch::default() }),
                of_project(other, town, ProjectPatch { description, ..ProjectPatch::default() }),
            ]
        }
        _ => {
            let name = Some(TaskName::parse("Survey").expect("a name"));
            let status = Some(TaskStatus::InProgress);
            vec![
                of_task(one, town, TaskPatch { name, ..TaskPatch::default() }),
                of_task(other, town, TaskPatch { status, ..TaskPatch::default() }),
            ]
        }
    }
}

async fn patches(pair: &Pair, towns: RangeInclusive<u64>) -> Verdict {
    let last = *towns.end();
    let replicas = pair.replicas.clone();
    let rounds = race(towns, LANES, move |town| changes(&replicas, town)).await;
    // In each town one record has both changes.
    let both = "SELECT (SELECT count(*) FROM spaces WHERE strength = 7 AND priority = 3 AND revision = 3)
                    + (SELECT count(*) FROM projects
                       WHERE name = 'Quay' AND description = 'Where ships lie' AND revision = 3)
                    + (SELECT count(*) FROM tasks WHERE name = 'Survey' AND status = 'in_progress' AND revision = 3)";
    let lost = last.abs_diff(count(&pair.database, both).await);
    Verdict::on(&rounds, lost, |round| done(round) == 2)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_of_different_fields_at_once_are_all_kept() {
    println!("patches: {}", holds(ROUNDS, patches).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_locks_one_change_overwrites_the_other() {
    println!("patches: {}", breaks(Keys::Reported, patches).await);
}
