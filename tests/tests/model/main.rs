//! Every store gives the same answers: random sequences of use cases run on all of them at once (promise B19).
//!
//! A [`case::Case`] is a list of steps, each a use case with a caller, its texts and times drawn from what stores are
//! known to get wrong ([`texts`], [`times`]). The [`race`] runs a case on every store of [`stores`] with one clock, and
//! with ids and secrets that repeat, and compares after each step what was answered: to the byte, and refusals by
//! their kind. At the end the [`audit`] compares all lists, walked by cursors in every order, and the events.
//!
//! - **Steps refer to what was made before** by a number, see [`reference`], so most of them hit something; some hit what is
//!   another scope's, was deleted, or never was. What was made is kept in the [`book`].
//! - **A run must have seen everything**: each use case answered and each kind of refusal, see [`tally`].
//! - **The test can fail**: [`controls`] races a store in memory against itself with one small fault.
//!
//! Strategies and futures are boxed where they meet: what a debug build makes of many in one is too large for the stack of
//! a test's thread.
//!
//! # A longer run
//! `PROPTEST_CASES=10000 cargo test -p loggia-tests --test model` runs so many cases instead of [`agreement::CASES`];
//! `PROPTEST_RNG_SEED=7` takes other ones (with as few as usual, what is rare may then not happen). Both are proptest's own. What fails is shrunk, and told as a list of steps.
//!
//! # Another store
//! It is one more line in [`stores::stores`].

#![expect(clippy::expect_used, reason = "a test's helpers may fail as loudly as the test")]

mod agreement;
mod answer;
mod audit;
mod audit_lists;
mod book;
mod case;
mod controls;
mod faulty;
mod paging;
mod race;
mod reference;
mod steps;
mod stores;
mod tally;
mod texts;
mod times;
mod values;
