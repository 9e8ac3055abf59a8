//! Organizations, spaces, projects, members and tasks: the values, the rules, the policy and the use cases, with no I/O.
//!
//! A host builds [`service::Loggia`] from its [`port::Ports`] and calls its methods; `examples/embed.rs` is such a host
//! in one file. Rules can be tried without any store: [`policy::decide`], [`project::Project::apply`] and their like
//! are plain functions.
//!
//! - Values parse: [`text`], [`id`], [`instant`], [`key::KeySecret`]. What has one of these types is sound.
//! - Aggregates keep the rules about state: [`space`], [`project`], [`roster`], [`task`], [`organization`].
//! - [`policy`] is about who, [`revision`] about since when, [`once`] about how often.
//! - [`port`] says what stores, clocks and the like must promise.
//! - [`service`] joins them into use cases, each one unit of work.

pub mod event;
pub mod id;
pub mod instant;
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
pub mod user;
