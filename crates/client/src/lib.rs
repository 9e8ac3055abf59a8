//! A typed client for Loggia's HTTP API: organizations with members and invitations, API keys, spaces, projects, rosters and tasks.
//!
//! ```no_run
//! use futures_util::TryStreamExt;
//! use loggia_client::{Client, Error, NewSpace, SpaceFilter, SpacePatch, SpaceStatus};
//!
//! # async fn guide() -> Result<(), Error> {
//! let client = Client::new("https://loggia.example.com", "lga_…")?;
//! let space = client.spaces().create(&NewSpace::new("Quay").description("Everything about the *quay*.")).await?;
//!
//! // The version that was read goes along: another program's change is not overwritten.
//! let patch = SpacePatch::new().status(SpaceStatus::Active).clear_description();
//! match client.spaces().update(&space, &patch).await {
//!     Ok(changed) => println!("{} is {}", changed.name, changed.status),
//!     Err(Error::Stale { .. }) => println!("somebody was faster: read it again"),
//!     Err(error) => return Err(error),
//! }
//!
//! let spaces = client.spaces().list(&SpaceFilter::new().search("quay")).page_size(100).stream();
//! let mut spaces = std::pin::pin!(spaces);
//! while let Some(space) = spaces.try_next().await? {
//!     println!("{} {}", space.id, space.name);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! It runs on [tokio](https://docs.rs/tokio). A [`Client`] is cheap to clone, and its clones share their connections. Each of its methods
//! without `async` returns one resource, whose methods are the calls: `client.tasks().get(id)`.
//!
//! # Versions
//!
//! Organizations, members, spaces, projects and tasks are read as [`Versioned`]. `update`, `delete` and `deactivate` take a reference to
//! such a record, and fail with [`Error::Stale`] if it has changed since it was read. To change a record whatever has happened to it, write
//! so: `update(id.unconditionally(), …)`. `refresh` reads a record again only if it has changed.
//!
//! # Patches
//!
//! A patch changes the fields that were named and leaves all others. A field that may be empty has two methods: `description("…")` sets it,
//! `clear_description()` empties it. There is no value of a field that empties it by accident.
//!
//! # Retries
//!
//! A call is tried several times if the connection fails, if no response arrives in time, or if the server says that it is busy
//! ([`Retries`] has the rules and the limits). That is safe: a POST or PATCH carries an `Idempotency-Key` that the client generates, the
//! same in each attempt, so the service makes the change once. If no attempt gets a clear response, the error is
//! [`Error::OutcomeUnknown`] with the key, by which the program can send the same change again:
//!
//! ```no_run
//! # use loggia_client::{Client, Error, NewProject};
//! # async fn again(client: Client, project: NewProject) -> Result<(), Error> {
//! match client.projects().create(&project).await {
//!     Err(Error::OutcomeUnknown { idempotency_key: Some(key), .. }) => {
//!         client.with_idempotency_key(key).projects().create(&project).await?;
//!     }
//!     other => drop(other?),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! A call that is dropped before it has ended has an unknown outcome too. Deletions have no key: a second attempt that finds nothing does
//! not tell who deleted the record, so its outcome is unknown as well.
//!
//! # Lists
//!
//! A [`List`] sends nothing until it is read: [`List::stream`] reads all pages, [`List::page`] and [`List::page_after`] single ones.
//!
//! # Errors
//!
//! The service's refusals are [`Problem`]s with a [`ProblemCode`], and with every invalid field of the request. The table at [`Error`] says
//! what to do about each error.
//!
//! # Later versions of the service
//!
//! Fields that this crate does not know are ignored. Names that it does not know, such as a new role or code, become the variant `Other` of
//! their enum with the name, and can be sent back. Records, enums and errors are `#[non_exhaustive]`.
//!
//! # Security
//!
//! - The API key is sent to the origin of the base URL alone. No redirect is followed, and no link to another origin.
//! - `http` is allowed for the machine itself only, unless [`ClientBuilder::plain_http`] allows it.
//! - No `Debug` output shows a key or a token, and no error shows the body of a successful response.
//! - A response is read up to 8 MiB, an error up to 64 KiB.
//! - TLS is rustls with Mozilla's root certificates; [`ClientBuilder::root_certificates`] adds others.

mod body;
mod call;
mod client;
mod error;
mod list;
mod macros;
mod problem;
mod random;
mod retry;
mod service;
mod transport;
mod v1;
mod v2;
mod value;

pub use client::{Client, ClientBuilder};
pub use error::{Cause, Error};
pub use list::{List, Page};
pub use problem::{FieldCode, FieldError, Problem, ProblemCode};
pub use retry::Retries;
pub use service::Service;
pub use v1::api_keys::{
    ApiKey, ApiKeys, IssuedApiKey, MemberApiKeys, NewApiKey, NewMemberApiKey, RevokedApiKey, Rotation,
};
pub use v1::included::{
    Author, IncludedMember, IncludedOrganization, IncludedProject, Related, SpaceInclude, SpaceIncludes,
};
pub use v1::invitations::{
    Invitation, Invitations, InvitedProject, IssuedInvitation, NewInvitation, NewInvitedProject,
};
pub use v1::me::{CurrentUser, Me, Oneself, OneselfPatch, OwnKey};
pub use v1::members::{Member, MemberFilter, MemberOrder, MemberPatch, Members, NewMember};
pub use v1::organizations::{NewOrganization, Organization, OrganizationPatch, Organizations};
pub use v1::permissions::{Action, DenialReason, Permission, PermissionQuery, Permissions};
pub use v1::spaces::{NewSpace, Space, SpaceFilter, SpaceOrder, SpacePatch, Spaces};
pub use v2::people::{Person, ProjectReference, RosterPerson};
pub use v2::projects::{Direction, NewProject, Project, ProjectFilter, ProjectOrder, ProjectPatch, Projects};
pub use v2::rosters::{Membership, NewMembership, Roster, RosterFilter};
pub use v2::tasks::{
    Assignee, NewTask, OwnTaskFilter, Task, TaskFilter, TaskGroup, TaskPatch, TaskReference, Tasks,
};
pub use value::*;
