//! The comparison detects small faults, and reports none if there is none.

use std::sync::Arc;

use loggia_testkit::contract::Fixture;
use loggia_testkit::intercept;
use proptest::test_runner::{Config, TestError};

use crate::agreement::{CASES, compare, config};
use crate::faulty::Fault;
use crate::stores::memory;

fn spoiled(fault: Fault) -> Fixture {
    Fixture::new(intercept::views(loggia_testkit::memory(), Arc::new(fault)))
}

#[test]
fn every_injected_fault_is_detected() {
    for fault in Fault::ALL.iter().copied() {
        // The test needs no minimal case, so nothing is shrunk.
        let config = Config { max_shrink_iters: 0, ..config(CASES) };
        let (outcome, _) = compare(config, async || vec![("sound", memory()), ("faulty", spoiled(fault))]);
        let Err(TestError::Fail(reason, _)) = outcome else {
            panic!("{fault:?} was not noticed: {outcome:?}");
        };
        assert!(reason.message().contains("faulty says"), "{fault:?} was noticed, but only so: {reason}");
    }
}

#[test]
fn a_store_agrees_with_itself() {
    let (outcome, _) = compare(config(CASES), async || vec![("memory", memory()), ("again", memory())]);
    assert!(outcome.is_ok(), "{outcome:?}");
}
