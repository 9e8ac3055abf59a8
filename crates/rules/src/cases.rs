//! Named cases: all of them are judged, and all that fail are listed.

use std::fmt::Debug;

/// A list of named cases that were judged.
#[derive(Default)]
pub(crate) struct Cases(Vec<(String, Option<String>)>);

impl Cases {
    /// Adds a case, which fails if the outcome is not the expected one.
    pub(crate) fn add<T: PartialEq + Debug>(&mut self, name: impl Into<String>, outcome: T, expected: T) {
        let failure = (outcome != expected).then(|| format!("{outcome:?} instead of {expected:?}"));
        self.0.push((name.into(), failure));
    }

    /// Fails with the names and the outcomes of all cases that fail.
    pub(crate) fn assert(self) {
        assert!(!self.0.is_empty(), "there are cases");
        let failures: Vec<String> = self
            .0
            .into_iter()
            .filter_map(|(name, failure)| failure.map(|failure| format!("{name}: {failure}")))
            .collect();
        assert!(failures.is_empty(), "{} failed:\n{}", failures.len(), failures.join("\n"));
    }

    /// Returns the names of the cases.
    pub(crate) fn into_names(self) -> Vec<String> {
        self.0.into_iter().map(|(name, _)| name).collect()
    }
}

#[test]
fn a_wrong_outcome_is_named() {
    let mut cases = Cases::default();
    cases.add("two and two", 4, 4);
    cases.add("two and three", 6, 5);
    let failure = std::panic::catch_unwind(|| cases.assert()).expect_err("a failure");
    let message = failure.downcast_ref::<String>().expect("a message");
    assert_eq!(message, "1 failed:\ntwo and three: 6 instead of 5");
}
