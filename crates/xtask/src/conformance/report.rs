//! Reports of Schemathesis: a run without findings proves nothing about operations that it never reached.

use std::collections::BTreeMap;

use serde::Deserialize;

/// The parts of a report that are used here.
#[derive(Deserialize)]
pub(super) struct Report {
    complete: bool,
    phases: BTreeMap<String, Phase>,
    test_cases: TestCases,
}

#[derive(Deserialize)]
struct TestCases {
    generated: u64,
    errored: u64,
}

#[derive(Deserialize)]
struct Phase {
    status: String,
}

/// For each operation, the number of responses with each status, as `hooks.py` counts them.
pub(super) type Answered = BTreeMap<String, BTreeMap<u16, u64>>;

impl Report {
    /// Returns what the run has left out: its end, some of these phases, or cases that failed to run.
    pub(super) fn gaps(&self, phases: &str) -> Vec<String> {
        let unfinished = (!self.complete).then(|| "it did not come to its end".to_owned());
        let ran = |name: &str| self.phases.get(name).is_some_and(|phase| phase.status == "success");
        let missing =
            phases.split(',').filter(|name| !ran(name)).map(|name| format!("the phase {name} did not run"));
        let errored = self.test_cases.errored;
        let errored = (errored > 0).then(|| format!("{errored} cases could not be tried"));
        unfinished.into_iter().chain(missing).chain(errored).collect()
    }

    /// Returns the number of generated cases.
    pub(super) fn cases(&self) -> u64 {
        self.test_cases.generated
    }
}

/// Adds the counts of another part of the run.
pub(super) fn add(answered: &mut Answered, more: Answered) {
    for (operation, statuses) in more {
        let all = answered.entry(operation).or_default();
        for (status, times) in statuses {
            *all.entry(status).or_default() += times;
        }
    }
}

/// Returns the operations that never responded with a success.
pub(super) fn never_granted(answered: &Answered) -> Vec<&str> {
    let granted = |statuses: &BTreeMap<u16, u64>| statuses.keys().any(|status| (200..300).contains(status));
    answered
        .iter()
        .filter(|(_, statuses)| !granted(statuses))
        .map(|(operation, _)| operation.as_str())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phases_that_did_not_run_are_reported() {
        let report: Report = serde_json::from_str(
            r#"{"complete": false, "seed": 1,
                "phases": {"fuzzing": {"status": "success"}, "stateful": {"status": "skip"}},
                "test_cases": {"generated": 7, "errored": 2}}"#,
        )
        .unwrap();
        let gaps = [
            "it did not come to its end",
            "the phase coverage did not run",
            "the phase stateful did not run",
            "2 cases could not be tried",
        ];
        assert_eq!(report.gaps("fuzzing,coverage,stateful"), gaps);
        assert_eq!(report.gaps("fuzzing"), [gaps[0], gaps[3]]);
        assert_eq!(report.cases(), 7);
    }

    #[test]
    fn operations_that_never_succeeded_are_reported() {
        let answered = |text| serde_json::from_str::<Answered>(text).unwrap();
        let mut all = answered(r#"{"GET /a": {"404": 3}, "GET /b": {"404": 3}}"#);
        add(
            &mut all,
            answered(r#"{"GET /a": {"404": 1, "200": 1}, "GET /b": {"304": 1}, "GET /c": {"204": 1}}"#),
        );
        assert_eq!(all["GET /a"][&404], 4);
        assert_eq!(never_granted(&all), ["GET /b"]);
    }
}
