//! The property itself.

use std::cell::{Cell, RefCell};

use proptest::test_runner::{Config, RngSeed, TestCaseError, TestError, TestRunner, contextualize_config};

use crate::case::{Case, case};
use crate::race::Race;
use crate::stores::{Named, stores};
use crate::tally::Tally;

/// How many cases an ordinary run has: about as few as show every use case and every refusal, for each case waits for the
/// disk some sixty times. Another seed than [`config`]'s may need some more to show the rarest.
///
/// `PROPTEST_CASES` makes it more (promise B19 speaks of 10 000), never fewer.
pub(crate) const CASES: u32 = 80;

/// How many cases share a store, each with organizations and people of its own: a new database for each would cost more
/// than the cases do, and one for all would hide what only a young one shows.
const CASES_OF_A_STORE: u64 = 16;

/// Settings by which a run is the same each time, unless the environment says otherwise.
pub(crate) fn config(cases: u32) -> Config {
    let fixed = Config {
        cases,
        rng_seed: RngSeed::Fixed(19),
        failure_persistence: None,
        // Each attempt to shrink what failed runs on new stores.
        max_shrink_iters: 400,
        ..Config::default()
    };
    let told = contextualize_config(fixed);
    Config { cases: told.cases.max(cases), ..told }
}

/// Runs random cases on stores of these kinds until they differ, and tells what happened.
pub(crate) fn compare(
    config: Config,
    fresh: impl AsyncFn() -> Vec<Named>,
) -> (Result<(), TestError<Case>>, Tally) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let running: Cell<Option<Race>> = Cell::new(None);
    let tally = RefCell::new(Tally::default());
    let outcome = TestRunner::new(config).run(&case(), |case| {
        // Stores that differed are not used again: what differs once goes on to differ.
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
    // What a store lives in may want a runtime to go in.
    runtime.block_on(async { drop(running.take()) });
    (outcome, tally.into_inner())
}

#[test]
fn every_store_gives_the_same_answers() {
    let (outcome, tally) = compare(config(CASES), stores);
    match outcome {
        Ok(()) => {}
        Err(TestError::Fail(reason, case)) => panic!("{reason}\nafter the prelude and {case:#?}"),
        Err(other) => panic!("{other}"),
    }
    assert_eq!(tally.missing(), [""; 0], "never happened in the whole run");
}
