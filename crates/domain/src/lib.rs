//! The domain of Loggia, with no I/O: organizations, spaces, projects, members and tasks, their rules, the policy and the use cases.
//!
//! A host builds one [`service::Loggia`] from its [`port::Ports`]. It [authenticates](service::Loggia::authenticate) callers by API key, or
//! has users whom it authenticated itself [recognised](service::Loggia::recognise). [`service::Loggia::acting_as`] has the use cases as a
//! caller, [`service::Loggia::operator`] those of the operator. `examples/embed.rs` is such a host in one file. The rules need no store:
//! [`policy::decide`], [`project::Project::apply`] and similar functions are pure.
//!
//! - Values are valid once parsed: [`text`], [`id`], [`instant`], [`key::KeySecret`].
//! - Aggregates check the rules about state: [`space`], [`project`], [`roster`], [`task`], [`organization`], [`invitation`].
//! - [`policy`] authorizes, [`revision`] detects lost updates, and [`once`] makes retries safe.
//! - [`port`] specifies what stores, clocks and other adapters must guarantee.
//! - [`service`] combines these into use cases, each in one unit of work.

// The modules form layers: none imports from one of the same line or a lower line, apart from tests.
//   serialization
//   id, literal, range, revision, text, token
//   instant, role, scope
//   event, once
//   key, organization, project, space
//   policy, task, user
//   account, roster
//   invitation, page
//   port
//   error, system
//   service
pub mod account;
pub mod error;
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
pub mod range;
pub mod revision;
pub mod role;
pub mod roster;
#[cfg(test)]
mod samples;
pub mod scope;
mod serialization;
pub mod service;
pub mod space;
#[cfg(feature = "system")]
pub mod system;
pub mod task;
pub mod text;
mod token;
pub mod user;

// The crates whose types are in this crate's signatures.
pub use {async_trait, time, uuid};
