//! Tests of the built program from outside. The tests are one program, since each further program would be linked separately.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test's helpers may fail as loudly as the test")]

mod arrows;
mod backup;
mod binary;
mod browser;
mod client;
mod clocks;
mod commands;
mod crashes;
mod deleting_organizations;
mod deployment;
mod descriptors;
mod disks;
mod doctor;
mod documents;
mod durability;
mod harness;
mod kills;
mod layers;
mod limits;
mod monitoring;
mod moving;
mod operations;
mod packages;
mod people;
mod ports;
mod proxies;
mod retries;
mod schema;
mod service;
mod settings;
mod stopping;
mod tour;
