//! The property: every store returns equal results.

use std::cell::{Cell, RefCell};

use proptest::test_runner::{Config, RngSeed, TestCaseError, TestError, TestRunner, contextualize_config};

use crate::case::{Case, case};
use crate::race::Race;
use crate::stores::{Named, stores};
use crate::tally::Tally;

/// The number of cases of an ordinary run: about as few as cover every use case and every error, since each case waits for some sixty disk
/// flushes. A seed other than that of [`config`] may need more cases to cover the rarest ones.
///
/// `PROPTEST_CASES` raises the number (promise B19 names 10 000) and never lowers it.
pub(crate) const CASES: u32 = 112;

/// The number of cases that share a store, each with organizations and people of its own. A new database for each case would cost more than
/// the cases do, and one database for all cases would hide defects that only a nearly empty database shows.
const CASES_OF_A_STORE: u64 = 16;

/// Returns settings that make every run repeat, unless the environment overrides them.
pub(crate) fn config(cases: u32) -> Config {
    let fixed = Config {
        cases,
        rng_seed: RngSeed::Fixed(19),
        failure_persistence: None,
        // Each attempt to shrink a failure runs on new stores.
        max_shrink_iters: 400,
        ..Config::default()
    };
    let configured = contextualize_config(fixed);
    Config { cases: configured.cases.max(cases), ..configured }
}

/// Runs random cases on the stores of `fresh` until two stores differ, and returns the outcome and the tally.
pub(crate) fn compare(
    config: Config,
    fresh: impl AsyncFn() -> Vec<Named>,
) -> (Result<(), TestError<Case>>, Tally) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let running: Cell<Option<Race>> = Cell::new(None);
    let tally = RefCell::new(Tally::default());
    let outcome = TestRunner::new(config).run(&case(), |case| {
        // Stores that have differed are not used again, since they go on to differ.
        let kept = running.take().filter(|race| race.cases < CASES_OF_A_STORE);
        let mut counted = tally.take();
        let (race, result) = runtime.block_on(async {
            let mut race = match kept {
                Some(race) => race,
                None => Race::new(fresh().await),
            };
            let result = race.run(&case, &mut counted).await;
            (race, result)
        });
        tally.replace(counted);
        result.map_err(TestCaseError::fail)?;
        running.set(Some(race));
        Ok(())
    });
    // Dropping a store's fixture may need a runtime.
    runtime.block_on(async { drop(running.take()) });
    (outcome, tally.into_inner())
}

#[test]
fn every_store_returns_the_same_results() {
    let (outcome, tally) = compare(config(CASES), stores);
    match outcome {
        Ok(()) => {}
        Err(TestError::Fail(reason, case)) => panic!("{reason}\nafter the prelude and {case:#?}"),
        Err(other) => panic!("{other}"),
    }
    assert_eq!(tally.missing(), [""; 0], "never happened in the whole run");
}
