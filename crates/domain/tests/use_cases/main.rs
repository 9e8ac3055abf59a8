//! The use cases, on the testkit's store in memory: what each does, each way it refuses, the order in which it does so,
//! and what it tells the event log.
#![expect(clippy::expect_used, reason = "what a test's helpers need and do not get shall fail the test")]

#[macro_use]
mod support;

mod failures;
mod keys;
mod organizations;
mod projects;
mod rosters;
mod spaces;
mod tasks;
