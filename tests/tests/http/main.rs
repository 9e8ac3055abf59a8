//! Tests of the HTTP side in process: the whole application of `loggia-http` on every store.
//!
//! These tests are one program; `harness` describes how to write one. Most tests call the application without sockets; `sockets` tests what
//! only a socket shows.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test's helpers may fail as loudly as the test"
)]

mod bad_bodies;
mod bad_input;
mod bad_input_table;
mod bad_input_values;
mod bad_queries;
mod body_room;
mod browsers;
mod bursts;
mod capture;
mod connections;
mod contract_acceptances;
mod contract_addresses;
mod contract_dates;
mod contract_erasure;
mod contract_etags;
mod contract_idempotency;
mod contract_invitations;
mod contract_key_lines;
mod contract_keys;
mod contract_leaving;
mod contract_member_keys;
mod contract_member_lists;
mod contract_members;
mod contract_organizations;
mod contract_own_lists;
mod contract_permissions;
mod contract_profile;
mod contract_project_lists;
mod contract_projects;
mod contract_readmission;
mod contract_rosters;
mod contract_space_lists;
mod contract_spaces;
mod contract_task_lists;
mod contract_tasks;
mod costs;
mod documented;
mod failures;
mod faults;
mod framing;
mod guessing;
mod guest;
mod harness;
mod hidden;
mod hidden_references;
mod isolation;
mod keys;
mod largest;
mod links;
mod log_lines;
mod long_reads;
mod methods;
mod observation;
mod openapi;
mod order_of_checks;
mod overload;
mod permissions;
mod queues;
mod races;
mod rates;
mod readiness;
mod response_room;
mod retries;
mod revoked_meanwhile;
mod slow_clients;
mod sockets;
mod statements;
mod statements_about_foreign;
mod stopping;
mod text;
mod try_calls;
mod wire;
mod world;
