//! The use cases. Each one loads the caller's standing, asks the policy, lets the aggregate check its rules, writes, and appends events,
//! all in one unit of work. If a concurrent transaction conflicted with it, the whole use case runs again, up to four attempts in all.
//!
//! A host builds one [`Loggia`]. [`Acting`] has the use cases of callers, and [`Operator`] those of the operator.

// The modules form layers: each imports only from those above it in this list, apart from this module, which imports from all.
mod error;
mod error_kind;
mod precondition;
mod user_limits;

mod execution;

mod acting;
mod operator;

mod loggia;

mod builder;

mod authentication;
mod once;
mod steps;

mod new_invitations;
mod new_members;

mod acceptance;
mod account_profile;
mod accounts;
mod admission;
mod bootstrap;
mod deletion;
mod erasure;
mod invitations;
mod keys;
mod me;
mod member_keys;
mod members;
mod organizations;
mod own_keys;
mod permissions;
mod projects;
mod rosters;
mod spaces;
mod tasks;
mod users;

pub use acting::Acting;
pub use authentication::Authenticated;
pub use bootstrap::{Bootstrap, Bootstrapped};
pub use builder::{LoggiaBuilder, NoClock, NoIds, NoSecrets};
pub use deletion::{DELETION_ROWS, DeletionError, DeletionProgress};
pub use error::{
    AuthenticationError, InvitationError, KeyError, OrganizationError, PermissionError, ProjectError,
    RecognitionError, RosterError, SpaceError, TaskError,
};
pub use loggia::Loggia;
pub use me::Me;
pub use member_keys::NewMemberKey;
pub use new_invitations::{IssuedInvitation, NewInvitation, NewInvitations};
pub use new_members::{NewIdentity, NewMember, NewMembers};
pub use operator::Operator;
pub use permissions::{Permission, PermissionTarget};
pub use precondition::{Precondition, Unconditional};
pub use steps::{IssuedKey, NewAccount, NewKey, RevokedKey};
pub use user_limits::UserLimits;
