//! The account of one request.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A stage of a request, whose time is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    /// From the arrival of the request until its caller is known, with the queries for that.
    Authenticate,
    /// Waiting for a permit, for memory, or for a connection of the store.
    Queue,
    /// The statements, and the wait for a commit that is shared with other units of work.
    Store,
    /// Making the JSON of the response.
    Serialize,
}

impl Stage {
    /// Every stage.
    pub const ALL: [Self; 4] = [Self::Authenticate, Self::Queue, Self::Store, Self::Serialize];

    /// Returns the name of the stage in metrics and traces.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Authenticate => "authenticate",
            Self::Queue => "queue",
            Self::Store => "store",
            Self::Serialize => "serialize",
        }
    }

    const fn index(self) -> usize {
        match self {
            Self::Authenticate => 0,
            Self::Queue => 1,
            Self::Store => 2,
            Self::Serialize => 3,
        }
    }
}

/// The kind of a failure of the store that a request received.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StoreFailure {
    /// A concurrent transaction conflicted, and so did each retry.
    Contended,
    /// The store could not be reached, had no room, or was not free in time.
    Unavailable,
    /// It is unknown whether the change was written.
    OutcomeUnknown,
    /// The store holds a row that breaks a rule.
    Corrupt,
    /// The store lacks a capability.
    Unsupported,
    /// Any other failure.
    Failed,
}

impl StoreFailure {
    /// Every kind.
    pub const ALL: [Self; 6] = [
        Self::Contended,
        Self::Unavailable,
        Self::OutcomeUnknown,
        Self::Corrupt,
        Self::Unsupported,
        Self::Failed,
    ];

    /// Returns the name of the kind in metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Contended => "contended",
            Self::Unavailable => "unavailable",
            Self::OutcomeUnknown => "outcome_unknown",
            Self::Corrupt => "corrupt",
            Self::Unsupported => "unsupported",
            Self::Failed => "failed",
        }
    }

    const fn index(self) -> usize {
        match self {
            Self::Contended => 0,
            Self::Unavailable => 1,
            Self::OutcomeUnknown => 2,
            Self::Corrupt => 3,
            Self::Unsupported => 4,
            Self::Failed => 5,
        }
    }
}

/// A part of a request, for its trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The stage that the part belongs to.
    pub stage: Stage,
    /// The time at which it began.
    pub begun: Instant,
    /// Its duration.
    pub took: Duration,
    /// The text of a statement, without the values of its parameters; `None` if the part is no statement, or if its text is not known to
    /// be free of values.
    pub text: Option<String>,
}

/// The greatest number of steps that an account keeps. Further ones are only counted.
const MOST_STEPS: usize = 128;

/// The account of one request. A clone is the same account.
#[derive(Clone, Debug)]
pub struct Account(Arc<Entries>);

#[derive(Debug, Default)]
struct Entries {
    statements: AtomicU32,
    /// The time of each stage in nanoseconds.
    stages: [AtomicU64; Stage::ALL.len()],
    failures: [AtomicU32; StoreFailure::ALL.len()],
    /// The steps of a request that is traced.
    steps: Option<Mutex<Vec<Step>>>,
}

impl Account {
    /// Opens an account of sums.
    #[must_use]
    pub fn of_sums() -> Self {
        Self(Arc::default())
    }

    /// Opens an account that also keeps each step, at most 128.
    #[must_use]
    pub fn of_steps() -> Self {
        Self(Arc::new(Entries { steps: Some(Mutex::default()), ..Entries::default() }))
    }

    /// Returns the number of statements.
    pub fn statements(&self) -> u32 {
        self.0.statements.load(Ordering::Relaxed)
    }

    /// Returns the time that the request has spent in a stage, or `None` if it was not in that stage.
    pub fn spent_in(&self, stage: Stage) -> Option<Duration> {
        let nanoseconds = self.0.stages.get(stage.index())?.load(Ordering::Relaxed);
        (nanoseconds > 0).then(|| Duration::from_nanos(nanoseconds))
    }

    /// Returns how often the store failed in this way.
    pub fn failures(&self, kind: StoreFailure) -> u32 {
        self.0.failures.get(kind.index()).map_or(0, |count| count.load(Ordering::Relaxed))
    }

    /// Takes the steps, in the order in which they ended.
    pub fn take_steps(&self) -> Vec<Step> {
        let Some(steps) = &self.0.steps else { return Vec::new() };
        std::mem::take(&mut *steps.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn add_statement(&self, text: Option<&str>, begun: Instant, took: Duration) {
        self.0.statements.fetch_add(1, Ordering::Relaxed);
        self.add(Stage::Store, text, begun, took);
    }

    pub(crate) fn add_failure(&self, kind: StoreFailure) {
        if let Some(count) = self.0.failures.get(kind.index()) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(crate) fn add(&self, stage: Stage, text: Option<&str>, begun: Instant, took: Duration) {
        if let Some(sum) = self.0.stages.get(stage.index()) {
            // At least one, so that a stage that took less than the clock can measure still counts as passed.
            sum.fetch_add(u64::try_from(took.as_nanos()).unwrap_or(u64::MAX).max(1), Ordering::Relaxed);
        }
        if let Some(steps) = &self.0.steps {
            let mut steps = steps.lock().unwrap_or_else(PoisonError::into_inner);
            if steps.len() < MOST_STEPS {
                steps.push(Step { stage, begun, took, text: text.map(str::to_owned) });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_sums_each_stage_and_kind() {
        let (account, begun) = (Account::of_sums(), Instant::now());
        let ms = Duration::from_millis;
        account.add_statement(Some("SELECT 1"), begun, ms(2));
        account.add_statement(None, begun, ms(3));
        account.add(Stage::Queue, None, begun, Duration::ZERO);
        account.add_failure(StoreFailure::Corrupt);
        assert_eq!(account.statements(), 2);
        assert_eq!(account.spent_in(Stage::Store), Some(ms(5)));
        assert_eq!(account.spent_in(Stage::Serialize), None, "no such stage was passed");
        assert_eq!(account.spent_in(Stage::Queue), Some(Duration::from_nanos(1)), "it was passed quickly");
        assert_eq!(StoreFailure::ALL.map(|kind| account.failures(kind)), [0, 0, 0, 1, 0, 0]);
        assert_eq!(account.take_steps(), [], "only sums are kept");
    }

    #[test]
    fn the_steps_of_a_request_are_bounded() {
        let (account, begun) = (Account::of_steps(), Instant::now());
        (0..MOST_STEPS + 10).for_each(|_| account.add_statement(Some("SELECT 1"), begun, Duration::ZERO));
        let steps = account.take_steps();
        assert_eq!((steps.len(), account.statements()), (MOST_STEPS, 138));
        assert_eq!(steps[0].text.as_deref(), Some("SELECT 1"));
        assert_eq!(account.take_steps(), [], "they are taken once");
    }

    #[test]
    fn every_stage_and_kind_has_its_index() {
        assert_eq!(Stage::ALL.map(Stage::index), [0, 1, 2, 3]);
        assert_eq!(StoreFailure::ALL.map(StoreFailure::index), [0, 1, 2, 3, 4, 5]);
    }
}
