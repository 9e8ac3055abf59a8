//! The execution of a use case: attempts, each with one unit of work, and the events that it appends.

mod attempt;
mod authority;
mod journal;
mod setup;
mod shared_unit;

pub(super) use attempt::{Attempt, TRIES, is_contended, retry};
pub(super) use authority::Authority;
pub(super) use journal::Journal;
pub(super) use setup::{Retries, Setup};
pub(super) use shared_unit::{Returned, SharedUnit};
