//! Several replicas of Loggia on one Postgres, at work at the same time and while it fails.
//!
//! - **Two replicas** are two stores with sessions of their own, each with its own use cases ([`pair`]), on one database. What
//!   one writes the other reads ([`reads`]), and what one takes away is gone at the other ([`revocation`]), also while it is at
//!   work ([`under_way`]).
//! - **Races** ([`race`]): two calls, or twenty, are let go at the same moment, thousands of times ([`admins`], [`dates`],
//!   [`crowds`], [`patches`]); and many calls at once that lock in each other's way ([`deadlocks`]). Each race has a control in
//!   which the locks keep nobody out ([`careless`]), and which must see the promise broken.
//! - **Faults**, on a server of the test's own: it is killed among writers ([`restarts`]), clients go away in the middle of a write
//!   ([`load`], [`resets`], with its control in [`resets_control`]), a connection is cut while committing ([`commits`]),
//!   or nothing passes for a time and nobody says so ([`partition`]). What was
//!   answered is kept in a [`ledger`] and compared with what is there.
//! - **Starting**: eight processes of the built binary on one database ([`start`]).
//!
//! A test that waits for others does so by looking again until a deadline; what is random has a seed. A fault that a run never
//! met would prove nothing, so those that a test is about are counted, and none may stay at zero (promise B51). What was seen is
//! printed: `cargo test -p loggia-tests --test replicas -- --nocapture`. `RACE_ROUNDS=10000` asks for so many rounds of each race.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test's helpers may fail as loudly as the test"
)]

mod admins;
mod careless;
mod chance;
mod commits;
mod crowds;
mod dates;
mod deadlocks;
mod fleet;
mod harbour;
mod ledger;
mod load;
mod pair;
mod partition;
mod patches;
mod processes;
mod proxy;
mod race;
mod reads;
mod resets;
mod resets_control;
mod restarts;
mod revocation;
mod start;
mod town;
mod under_way;
mod waits;
mod wire;
