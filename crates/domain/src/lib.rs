//! The domain of Loggia, with no I/O: organizations, spaces, projects, members and tasks, their rules, the policy and the use cases.
//!
//! A host builds [`service::Loggia`] from its [`port::Ports`] and calls its methods; `examples/embed.rs` is such a host in one file. The
//! rules need no store: [`policy::decide`], [`project::Project::apply`] and similar functions are pure.
//!
//! - Values are valid once parsed: [`text`], [`id`], [`instant`], [`key::KeySecret`].
//! - Aggregates check the rules about state: [`space`], [`project`], [`roster`], [`task`], [`organization`], [`invitation`].
//! - [`policy`] authorizes, [`revision`] detects lost updates, and [`once`] makes retries safe.
//! - [`port`] specifies what stores, clocks and other adapters must guarantee.
//! - [`service`] combines these into use cases, each in one unit of work.

pub mod account;
pub mod event;
pub mod id;
pub mod instant;
pub mod invitation;
pub mod key;
pub mod literal;
pub mod once;
pub mod organization;
pub mod page;
pub mod policy;
pub mod port;
pub mod project;
pub mod revision;
pub mod role;
pub mod roster;
#[cfg(test)]
mod samples;
pub mod scope;
pub mod service;
pub mod space;
pub mod task;
pub mod text;
mod token;
pub mod user;
