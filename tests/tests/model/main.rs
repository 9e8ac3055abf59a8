//! Every store returns equal results: random sequences of use cases run on all stores at once (promise B19).
//!
//! A [`case::Case`] is a list of steps. Each step is a use case with a caller; texts and times are drawn from those that stores are known
//! to get wrong ([`texts`], [`times`]). The [`race`] runs a case on every store of [`stores`] with one clock and with repeatable ids and
//! secrets, and compares the results after each step: values to the byte, errors by their variant. At the end the [`audit`] compares all
//! lists, paged by cursors in every order, and the events.
//!
//! - **Steps refer to earlier records** by a number, see [`reference`]. Most references name an existing record; some name a record of
//!   another scope, a deleted record, or none. The [`book`] keeps the records.
//! - **A run must cover everything**: each use case has succeeded, and each kind of error has occurred, see [`tally`].
//! - **The test can fail**: [`controls`] races a store in memory against the same store with one small fault.
//!
//! Strategies and futures are boxed where they meet, since the combined type of a debug build is too large for the stack of a test's
//! thread.
//!
//! # A longer run
//! `PROPTEST_CASES=10000 cargo test -p loggia-tests --test model` runs that many cases instead of [`agreement::CASES`].
//! `PROPTEST_RNG_SEED=7` chooses other cases; with the default number of cases, rare results may then not occur. Both variables are
//! proptest's own. A failing case is shrunk and printed as a list of steps.
//!
//! # Another store
//! A new store is one more line in [`stores::stores`].

#![expect(clippy::expect_used, reason = "a test's helpers may fail as loudly as the test")]

mod agreement;
mod answer;
mod audit;
mod audit_lists;
mod book;
mod case;
mod controls;
mod faulty;
mod invited;
mod paging;
mod race;
mod reference;
mod steps;
mod stores;
mod tally;
mod texts;
mod times;
mod values;
