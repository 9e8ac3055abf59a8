//! The promises that every store keeps, each a function named as a sentence. [`store_contract!`](crate::store_contract) generates tests
//! from them; `contract/list.rs` is their only list.
//!
//! A promise gets an empty store, and panics if it is broken. It uses the ports alone, opens one unit of work at a time (except for
//! promises about contention), and takes locks as the use cases do, so that a store may rely on the documentation of the ports.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a panic reports a broken promise, and tests are generated from here"
)]

mod extremes;
mod fixture;
#[cfg(test)]
mod forgotten;
mod generate;
mod keep;
mod list;
mod pagination;

pub mod accounts;
pub mod addresses;
pub mod callers;
pub mod cascades;
pub mod contention;
pub mod contention_accounts;
pub mod contention_admins;
pub mod contention_invitations;
pub mod contention_keys;
pub mod contention_reservations;
pub mod contention_rows;
pub mod contention_totals;
pub mod counters;
pub mod deletion;
pub mod earlier_text;
pub mod erasure;
pub mod events;
pub mod filters;
pub mod instance;
pub mod invitations;
pub mod key_lines;
pub mod keys;
pub mod members;
pub mod opened;
pub mod order;
pub mod order_own;
pub mod round_trips_people;
pub mod round_trips_work;
pub mod stored_responses;
pub mod taken_keys;
pub mod totals;
pub mod undo;
pub mod updates;
pub mod visibility;
pub mod visibility_personal;
pub mod visibility_projects;

pub use fixture::Fixture;
pub use keep::keep;
