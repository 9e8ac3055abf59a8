//! Tests of the store from outside: on temporary files, through the ports, and beside other programs that use the file.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "tests may fail loudly, and so may what they have in common"
)]

mod backups;
mod bounds;
mod constraints;
mod contention;
mod contract;
mod corrupt;
mod deletion;
mod files;
mod foreign;
mod held;
mod histories;
mod idempotency;
mod support;
mod totals;
mod upgrades;
