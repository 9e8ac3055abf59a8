//! Made-up tasks: an outline of phases, with dates, assignees and states as of the current day in the demo's data.

use loggia_domain::instant::{DateRange, Timestamp};
use loggia_domain::task::{NewTask, OutlineNumber, TaskStatus};
use loggia_domain::text::{TaskDescription, TaskName};

use crate::projects::{DAY, ProjectPlan, today};
use crate::random::Random;
use crate::words::{PHASES, REMARKS, SPOTS};

/// A planned task. People are positions in the plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskPlan {
    /// The task, without its assignee.
    pub new: NewTask,
    /// The creator.
    pub creator: usize,
    /// The assignee.
    pub assignee: Option<usize>,
}

/// Returns the number of tasks of each project: many projects have some, a few have very many.
pub(crate) fn shares(tasks: usize, projects: usize, random: &mut Random) -> Vec<usize> {
    let mut shares = vec![0; projects];
    for _ in 0..tasks {
        let anywhere = random.below(projects);
        // A random position within a random part: early projects are chosen far more often than late ones.
        let project = if random.chance(50) { anywhere } else { random.below(anywhere + 1) };
        shares[project] += 1;
    }
    shares
}

/// Plans that many tasks for a project.
pub(crate) fn tasks(
    count: usize,
    project: &ProjectPlan,
    random: &mut Random,
) -> anyhow::Result<Vec<TaskPlan>> {
    let roster = project.roster();
    let phases = (count / 5).clamp(1, PHASES.len());
    let mut plans = Vec::with_capacity(count);
    for (phase, (title, works)) in PHASES.iter().enumerate().take(phases) {
        // The remainder goes to the first phases.
        let size = count / phases + usize::from(phase < count % phases);
        let window = window(project.new.dates, phase, phases);
        let (mut item, mut part) = (0, 0);
        for nth in 0..size {
            let outline = match nth {
                0 => format!("{}", phase + 1),
                _ if item > 0 && random.chance(25) => {
                    part += 1;
                    format!("{}.{item}.{part}", phase + 1)
                }
                _ => {
                    (item, part) = (item + 1, 0);
                    format!("{}.{item}", phase + 1)
                }
            };
            let name = match nth {
                0 => (*title).to_owned(),
                nth if nth <= works.len() => works[nth - 1].to_owned(),
                nth => format!("{}, {}", works[nth % works.len()], random.pick(SPOTS)),
            };
            plans.push(task(&outline, &name, window, &roster, random)?);
        }
    }
    Ok(plans)
}

/// Returns the time of a phase: its part of the project's time.
fn window(dates: DateRange, phase: usize, phases: usize) -> Option<(Timestamp, Timestamp)> {
    const OPEN_ENDED: i64 = 150 * DAY;
    let start = dates.start()?;
    let length = dates.end().map_or(OPEN_ENDED, |end| (end.micros() - start.micros()) / 1_000_000);
    let part = |phase: usize| {
        let share =
            length.saturating_mul(i64::try_from(phase).unwrap_or(0)) / i64::try_from(phases).unwrap_or(1);
        start.plus_seconds(share / DAY * DAY)
    };
    Some((part(phase), part(phase + 1)))
}

fn task(
    outline: &str,
    name: &str,
    window: Option<(Timestamp, Timestamp)>,
    roster: &[usize],
    random: &mut Random,
) -> anyhow::Result<TaskPlan> {
    let dates = match window {
        Some((opens, closes)) if random.chance(88) => {
            let days = (closes.micros() - opens.micros()) / 1_000_000 / DAY;
            let begins = random.between(0, days);
            let lasts = random.between(0, (days - begins).min(21));
            let start = opens.plus_seconds(begins * DAY);
            DateRange::new(Some(start), Some(start.plus_seconds(lasts * DAY)))?
        }
        _ => DateRange::default(),
    };
    let status = status(dates, random)?;
    let description = random.chance(35).then(|| TaskDescription::parse(random.pick(REMARKS))).transpose()?;
    let new = NewTask {
        outline: Some(OutlineNumber::parse(outline)?),
        name: TaskName::parse(name)?,
        description,
        status,
        dates,
        assignee: None,
    };
    let assigned = random.chance(if status == TaskStatus::Todo { 65 } else { 95 });
    let assignee = assigned.then(|| random.pick(roster));
    Ok(TaskPlan { new, creator: random.pick(roster), assignee })
}

/// Returns the state of a task with these dates on the current day in the demo's data.
fn status(dates: DateRange, random: &mut Random) -> anyhow::Result<TaskStatus> {
    use TaskStatus as S;
    let today = today()?;
    Ok(match (dates.start(), dates.end()) {
        (_, Some(end)) if end < today => {
            random.weighted(&[(S::Done, 90), (S::Cancelled, 5), (S::InProgress, 5)])
        }
        (Some(start), _) if start > today => random.weighted(&[(S::Todo, 97), (S::Cancelled, 3)]),
        (Some(_), _) => random.weighted(&[(S::InProgress, 65), (S::Todo, 25), (S::Done, 10)]),
        (None, _) => random.weighted(&[(S::Todo, 60), (S::InProgress, 25), (S::Done, 15)]),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::projects::project;

    #[test]
    fn every_task_has_a_unique_outline_number() {
        for count in [0, 1, 4, 5, 23, 400] {
            let mut random = Random::new(3);
            let project = project(2, &[0], &[0, 1, 2], &mut random).expect("a project");
            let plans = tasks(count, &project, &mut random).expect("tasks");
            let outlines: std::collections::HashSet<_> =
                plans.iter().map(|plan| plan.new.outline.clone()).collect();
            assert_eq!((plans.len(), outlines.len()), (count, count));
        }
    }

    #[test]
    fn all_tasks_are_distributed_and_some_projects_have_many() {
        let shares = shares(20_000, 1_000, &mut Random::new(1));
        assert_eq!(shares.iter().sum::<usize>(), 20_000);
        assert!(shares.iter().max() > Some(&60), "{:?}", shares.iter().max());
    }
}
