//! Tests of the store from outside: on temporary databases, through the ports, and beside other programs that use the database.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "tests may fail loudly, and so may what they have in common"
)]

mod broken_connections;
mod callers;
mod constraints;
mod contention;
mod contract;
mod corrupt;
mod deadlock;
mod deletion;
mod folding;
mod idempotency;
mod moving;
mod proxy;
mod roles;
mod stale_plans;
mod support;
mod totals;
mod upgrades;
