//! The store from outside: on files of its own, through the ports, and against whatever else may touch the file.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "tests may fail loudly, and so may what they have in common"
)]

mod bounds;
mod constraints;
mod contention;
mod contract;
mod corrupt;
mod files;
mod foreign;
mod held;
mod once;
mod support;
mod totals;
mod upgrades;
