//! Several replicas of Loggia on one Postgres database, which work at the same time, also while Postgres fails.
//!
//! - **Two replicas** are two stores on one database, each with its own sessions and its own use cases ([`pair`]). A replica reads what the
//!   other writes ([`reads`]), and access that ends at one has ended at the other ([`revocation`]), also while requests are in flight
//!   ([`in_flight`]).
//! - **Races** ([`race`]): two calls, or twenty, start at the same moment, thousands of times ([`admins`], [`dates`], [`concurrent_adds`],
//!   [`patches`]), and many concurrent calls acquire locks in different orders ([`deadlocks`]). Each race has a negative control without
//!   locks ([`unlocked`]), which must detect that the promise is broken.
//! - **Faults**, on a server that belongs to the test: the server is killed under load ([`restarts`]), clients reset their connections
//!   in the middle of a write ([`load`], [`resets`], with the control [`resets_control`]), a connection is cut during a commit
//!   ([`commits`]), or the network drops everything for a time without closing a connection ([`partition`]). The responses are recorded in
//!   a [`ledger`] and compared with the stored rows.
//! - **Starting**: eight processes of the built binary start on one database ([`start`]).
//!
//! Tests wait by polling until a deadline, and random choices have a seed. A run without the fault would prove nothing, so the faults that
//! a test is about are counted, and no count may be zero (promise B51). `cargo test -p loggia-tests --test replicas -- --nocapture` prints
//! the figures. `RACE_ROUNDS=10000` sets the number of rounds of each race.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test's helpers may fail as loudly as the test"
)]

mod admins;
mod chance;
mod commits;
mod concurrent_adds;
mod dates;
mod deadlocks;
mod fleet;
mod in_flight;
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
mod running_service;
mod start;
mod town;
mod unlocked;
mod waits;
mod wire;
