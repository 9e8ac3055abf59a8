//! Tests of the use cases on the testkit's store in memory: their effects, each refusal, the order of refusals, and the events.
#![expect(clippy::expect_used, reason = "what a test's helpers need and do not get shall fail the test")]

#[macro_use]
mod support;

mod accepting;
mod account_profile;
mod admissions;
mod deleting_organizations;
mod erasure;
mod expecting;
mod failures;
mod invitations;
mod key_lines;
mod keys;
mod keys_of_members;
mod keys_own;
mod leaving_organizations;
mod leaving_rosters;
mod members;
mod once;
mod once_access;
mod once_failures;
mod organizations;
mod permissions;
mod projects;
mod readmission;
mod recognising;
mod rosters;
mod spaces;
mod tasks;
mod user_limits;
