//! The growth of a store compared with the goals.

use super::result::Growth;
use crate::goals::{DEEP, GET, Goal, LIST, at_most};
use crate::result::Summary;

/// Returns the goals for a store of a million tasks, compared with one of ten thousand.
pub(super) fn of_growth(growth: &Growth) -> Vec<Goal> {
    let mut goals = Vec::new();
    for call in [GET, LIST, DEEP] {
        for backend in &growth.backends {
            let [small, large] = [10, 1_000].map(|thousands| growth.find(backend, call, thousands));
            // A call's duration is the inverse of its rate.
            let found = small.zip(large).and_then(|(small, large)| {
                let pairs = small.rounds.iter().zip(&large.rounds);
                Summary::from_samples(pairs.map(|(small, large)| small.rate / large.rate.max(0.001)))
            });
            let cpu =
                small.zip(large).and_then(|(small, large)| Some(large.cpu()? / small.cpu()?.max(0.001)));
            let what = format!("{call}, 1 000 000 tasks against 10 000, {}, time", backend.name());
            goals.push(Goal { by_cpu: cpu, ..at_most(what, 1.25, found) });
        }
    }
    goals
}
