//! The domain of Loggia: organizations with members, and their spaces, projects, rosters and tasks. Values, rules, one policy and the use
//! cases, without a web framework, a database or an async runtime.
//!
//! # Start
//!
//! A host builds one [`Loggia`](service::Loggia) on a store, and acts on it as its callers:
//!
//! ```
//! use std::sync::Arc;
//!
//! use loggia_domain::error::{DomainError, ErrorKind};
//! use loggia_domain::project::NewProject;
//! use loggia_domain::role::{RosterRole, ScopeRole};
//! use loggia_domain::roster::{NewMembership, NewMemberships};
//! use loggia_domain::scope::ScopeChoice;
//! use loggia_domain::service::{Bootstrap, Loggia, NewMember};
//! use loggia_domain::text::{EmailAddress, KeyName, OrganizationName, PersonName, ProjectName};
//! use loggia_domain::user::Profile;
//! use loggia_testkit::memory::MemoryStore;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // Another store is another first line. `with_system` takes time, ids and randomness from the machine.
//! let loggia = Loggia::on(Arc::new(MemoryStore::new())).with_system().build();
//!
//! // The operator, whom no policy restrains, creates the first organization. Text is parsed before it is used.
//! let plan = Bootstrap {
//!     organization: OrganizationName::parse("Harbour Works")?,
//!     email: EmailAddress::parse("ada@example.com")?,
//!     profile: Profile::named(PersonName::parse("Ada")?, PersonName::parse("Byron")?),
//!     key: KeyName::parse("laptop")?,
//!     key_ends_unless_used: false,
//! };
//! let made = loggia.operator().bootstrap(&plan, true).await?.ok_or("there is an organization already")?;
//!
//! // The host has authenticated Ada by its own means. `acting_as` returns what she may do.
//! let ada = loggia.acting_as(&loggia.recognise(made.member.user, made.member.scope).await?);
//!
//! // Ada adds Grace, and creates a project with Grace on its roster.
//! let grace = Profile::named(PersonName::parse("Grace")?, PersonName::parse("Hopper")?);
//! let grace = NewMember::person(EmailAddress::parse("grace@example.com")?, grace, ScopeRole::Member);
//! let grace = ada.add_member(made.organization.id, grace).await?;
//! let harbour = NewProject::named(ProjectName::parse("Harbour")?);
//! let harbour = ada.create_project(ScopeChoice::Default, harbour).await?.record;
//! let people = NewMemberships::new(vec![NewMembership { user: grace.user, role: RosterRole::Member }])?;
//! ada.add_to_roster(harbour.id, &people).await?;
//!
//! // Grace works on the project and does not manage its roster. Each error has a kind.
//! let as_grace = loggia.acting_as(&loggia.recognise(grace.user, grace.scope).await?);
//! let refusal = as_grace.remove_from_roster(harbour.id, made.member.user).await.expect_err("the policy");
//! assert_eq!(refusal.kind(), ErrorKind::Denied);
//! # Ok(())
//! # }
//! ```
//!
//! ```toml
//! [dependencies]
//! loggia-domain = { version = "0.1", features = ["system"] }
//! loggia-sqlite = "0.1"
//!
//! [dev-dependencies]
//! loggia-testkit = "0.1"
//! ```
//!
//! # Continue
//!
//! The [guide] has one page for each question: who calls, and how to bring [users of your own](guide::users); how to
//! [store](guide::stores); what a [call](guide::calls) does, with units of work, retries, tasks and cancelling; what can go wrong, and what to
//! do on each [error](guide::errors); how to [test](guide::testing). A [glossary](guide::glossary) tells scope from space, and viewer from
//! member. [Compatibility](guide::compatibility) says what a new version may change.
//!
//! # The modules
//!
//! - Values are valid once parsed: [`text`], [`id`], [`instant`], [`key::KeySecret`].
//! - Aggregates check the rules about state: [`space`], [`project`], [`roster`], [`task`], [`organization`], [`user`], [`account`],
//!   [`invitation`].
//! - [`policy`] authorizes, [`revision`] detects lost updates, and [`once`] makes retries safe. All of these are pure.
//! - [`port`] specifies what stores, clocks and other adapters must guarantee; the module `system` has the machine's clock, ids and randomness.
//! - [`service`] combines these into use cases, each in one unit of work, and [`error`] sorts their errors.

#![warn(missing_debug_implementations)]

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
//   guide
pub mod account;
pub mod error;
pub mod event;
pub mod guide;
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
