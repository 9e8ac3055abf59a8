//! Rounds in which several calls start at the same moment, and the verdict on all rounds.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::RangeInclusive;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use loggia_domain::port::StoreError;
use loggia_domain::service::{OrganizationError, ProjectError, RosterError, SpaceError, TaskError};
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use crate::pair::Pair;
use crate::town::Town;
use crate::unlocked::Keys;
use crate::waits::Waits;

/// The number of rounds of a race.
pub(crate) const ROUNDS: u64 = 2_000;

/// The environment variable that sets another number of rounds for every race.
const ROUNDS_VARIABLE: &str = "RACE_ROUNDS";

/// The number of rounds of a control run, and the maximum number of such runs until the promise is seen broken.
const CONTROL_ROUNDS: u64 = 48;
const CONTROLS: u64 = 10;

/// The outcome of a call.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Said {
    Done,
    /// The domain's error, by name.
    Refused(String),
    /// The store failed, which no race may lead to.
    Broken(String),
}

macro_rules! refusals {
    ($($error:ident),+) => {$(
        impl<T> From<Result<T, $error>> for Said {
            fn from(outcome: Result<T, $error>) -> Self {
                match outcome {
                    Ok(_) => Self::Done,
                    Err($error::Store(error)) => Self::broken(&error),
                    Err(error) => Self::Refused(format!("{error:?}")),
                }
            }
        }
    )+};
}
refusals!(OrganizationError, ProjectError, RosterError, SpaceError, TaskError);

impl Said {
    fn broken(error: &StoreError) -> Self {
        Self::Broken(format!("{error:?}"))
    }
}

/// A call that has not started.
pub(crate) type Call = Pin<Box<dyn Future<Output = Said> + Send>>;

/// Returns a call for a future with any error type.
pub(crate) fn call<T>(future: impl Future<Output = T> + Send + 'static) -> Call
where
    Said: From<T>,
{
    Box::pin(async move { Said::from(future.await) })
}

/// The outcomes of a round, in the order of the calls.
pub(crate) type Round = Vec<Said>;

/// Runs a round in each town, `lanes` of them concurrently; the calls of a round start at the same moment.
pub(crate) async fn race(
    towns: RangeInclusive<u64>,
    lanes: usize,
    calls: impl Fn(Town) -> Vec<Call> + Send + Sync + 'static,
) -> Vec<Round> {
    let (next, last, calls) = (Arc::new(AtomicU64::new(*towns.start())), *towns.end(), Arc::new(calls));
    let mut running = JoinSet::new();
    for _ in 0..lanes {
        let (next, calls) = (next.clone(), calls.clone());
        running.spawn(async move {
            let mut rounds = Vec::new();
            loop {
                let town = next.fetch_add(1, Ordering::Relaxed);
                if town > last {
                    return rounds;
                }
                rounds.push(round(calls(Town(town))).await);
            }
        });
    }
    running.join_all().await.into_iter().flatten().collect()
}

async fn round(calls: Vec<Call>) -> Round {
    let gate = Arc::new(Barrier::new(calls.len()));
    let tasks = calls.into_iter().map(|call| {
        let gate = gate.clone();
        tokio::spawn(async move {
            gate.wait().await;
            call.await
        })
    });
    let tasks: Vec<_> = tasks.collect();
    let mut said = Vec::new();
    for task in tasks {
        said.push(task.await.expect("a call"));
    }
    said
}

/// The verdict on a race.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    /// The number of times that the stored rows break the promise.
    pub(crate) wrong_rows: u64,
    /// The number of rounds with outcomes that break the promise.
    pub(crate) wrong_rounds: u64,
    /// The number of calls with each outcome.
    pub(crate) said: BTreeMap<Said, u64>,
}

impl Verdict {
    /// Counts the outcomes, and the rounds that are not `sound`.
    pub(crate) fn on(rounds: &[Round], wrong_rows: u64, sound: impl Fn(&Round) -> bool) -> Self {
        let mut said = BTreeMap::new();
        for one in rounds.iter().flatten() {
            *said.entry(one.clone()).or_default() += 1;
        }
        let wrong_rounds = rounds.iter().filter(|round| !sound(round)).count();
        Self { wrong_rows, wrong_rounds: wrong_rounds.try_into().expect("a count"), said }
    }

    fn is_sound(&self) -> bool {
        let broken = self.said.keys().any(|said| matches!(said, Said::Broken(_)));
        self.wrong_rows == 0 && self.wrong_rounds == 0 && !broken
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { wrong_rows, wrong_rounds, said } = self;
        write!(f, "{wrong_rows} wrong rows, {wrong_rounds} wrong rounds, said {said:?}")
    }
}

/// Returns the number of calls of a round that succeeded.
pub(crate) fn done(round: &Round) -> usize {
    round.iter().filter(|said| **said == Said::Done).count()
}

#[expect(clippy::disallowed_methods, reason = "a setting of the tests; the service has nothing of it")]
fn rounds_from_env() -> Option<u64> {
    std::env::var(ROUNDS_VARIABLE).ok().map(|text| text.parse().expect("RACE_ROUNDS is a number"))
}

/// Runs the race on the real store, asserts that the promise holds in each round and that a session waited for a lock, and returns the
/// figures.
pub(crate) async fn holds(rounds: u64, run: impl AsyncFn(&Pair, RangeInclusive<u64>) -> Verdict) -> String {
    let rounds = rounds_from_env().unwrap_or(rounds);
    let pair = Pair::new(rounds).await;
    let waits = Waits::watch(&pair.database).await;
    let started = Instant::now();
    let verdict = run(&pair, 1..=rounds).await;
    let (took, waited) = (started.elapsed().as_secs_f64(), waits.seen().await);
    let figures =
        format!("{rounds} rounds in {took:.1} s, {waited} times seen waiting for a lock, {verdict}");
    assert!(verdict.is_sound(), "{figures}");
    assert!(waited > 0, "no call waited for another: {figures}");
    figures
}

/// Runs the race on the store without locks, asserts that the promise is seen broken, and returns the figures. The race need not occur in
/// each run, so there are more runs if the first does not show it.
pub(crate) async fn breaks(keys: Keys, run: impl AsyncFn(&Pair, RangeInclusive<u64>) -> Verdict) -> String {
    let pair = Pair::unlocked(CONTROL_ROUNDS * CONTROLS, keys).await;
    for control in 1..=CONTROLS {
        let rounds = control * CONTROL_ROUNDS;
        let verdict = run(&pair, rounds - CONTROL_ROUNDS + 1..=rounds).await;
        if !verdict.is_sound() {
            return format!("control, after {rounds} rounds: {verdict}");
        }
    }
    panic!("without locks no broken promise was detected in {} rounds", CONTROLS * CONTROL_ROUNDS);
}
