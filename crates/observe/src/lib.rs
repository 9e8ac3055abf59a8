//! The cost of one request in the layers below it, for metrics and traces.
//!
//! A host that observes a request opens an [`Account`] for it, and runs its future as [`Observed`]. Whatever runs inside it writes to the
//! account: [`statement`] adds a statement, [`Timer`] adds the time of a stage, [`store_failed`] adds a failure of the store. Work that goes
//! to another task or thread takes the account along ([`Observed::current`], [`carried`]).
//!
//! Without an account nothing is written: each of these functions reads one thread-local variable and returns.
//!
//! # Modules
//! [`mod@usage`] has what a scrape reads of a pool and of commit groups. It is not tied to a request.

mod account;
mod current;
pub mod usage;

pub use account::{Account, Stage, Step, StoreFailure};
pub use current::{Observed, Timer, carried, statement, store_failed, when_observed};
