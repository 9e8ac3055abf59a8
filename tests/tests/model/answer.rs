//! The result of a use case, in a form in which stores can be compared.

use loggia_domain::id::UserId;
use loggia_domain::invitation::Invitation;
use loggia_domain::key::ApiKey;
use loggia_domain::organization::Organization;
use loggia_domain::page::Page;
use loggia_domain::port::{MembershipView, MyTasksView, ProjectView, SpaceView, StoreError, TaskView};
use loggia_domain::project::Project;
use loggia_domain::role::ScopeRole;
use loggia_domain::service::{
    Authenticated, AuthenticationError, Bootstrapped, InvitationError, IssuedInvitation, IssuedKey, KeyError,
    Me, OrganizationError, Permission, PermissionError, ProjectError, RevokedKey, RosterError, SpaceError,
    TaskError,
};
use loggia_domain::space::Space;
use loggia_domain::task::Task;
use loggia_domain::user::{Member, User};

/// The value that a use case returned.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Answer {
    Done,
    Flag(bool),
    Count(u64),
    /// The stored response of an earlier call; `None` if the response was withheld.
    Kept(Option<String>),
    /// The reason why a call with an idempotency key did not run and has no stored response.
    NotOnce(String),
    Organizations(Page<(Organization, ScopeRole)>),
    Seen(Organization, ScopeRole),
    /// The user is the founder.
    Founded(Organization, ScopeRole, UserId),
    Organization(Organization),
    Bootstrapped(Option<(Organization, Box<Member>, Issued)>),
    Member(Box<Member>),
    Members(Page<Member>),
    Added(Vec<Member>),
    Invitations(Page<Invitation>),
    Invited(Vec<Invited>),
    /// The user is the account that accepted an invitation.
    Joined(Organization, ScopeRole, UserId),
    Authenticated(Authenticated),
    Permissions(Vec<Permission>),
    Me(Box<Me>),
    User(Option<User>),
    Keys(Page<ApiKey>),
    Revoked(RevokedKey),
    Issued(Issued),
    Spaces(Page<SpaceView>),
    SpaceView(Box<SpaceView>),
    Space(Box<Space>),
    Projects(Page<ProjectView>),
    ProjectView(Box<ProjectView>),
    Project(Box<Project>),
    Roster(Page<MembershipView>),
    Memberships(Vec<MembershipView>),
    Membership(Box<MembershipView>),
    Tasks(Page<TaskView>),
    OwnTasks(Page<MyTasksView>),
    TaskView(Box<TaskView>),
    Task(Box<Task>),
}

/// A key and its secret in plain text: the type that hides the secret in logs would hide a difference, too.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Issued {
    pub(crate) key: ApiKey,
    pub(crate) secret: String,
}

impl From<IssuedKey> for Issued {
    fn from(issued: IssuedKey) -> Self {
        Self { key: issued.key, secret: issued.secret.expose().to_owned() }
    }
}

/// An invitation and its token in plain text, for the reason given at [`Issued`].
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Invited {
    pub(crate) invitation: Invitation,
    pub(crate) token: String,
}

impl From<IssuedInvitation> for Invited {
    fn from(issued: IssuedInvitation) -> Self {
        Self { invitation: issued.invitation, token: issued.token.expose().to_owned() }
    }
}

impl From<Option<Bootstrapped>> for Answer {
    fn from(made: Option<Bootstrapped>) -> Self {
        Self::Bootstrapped(
            made.map(|made| (made.organization, Box::new(made.member), Issued::from(made.issued))),
        )
    }
}

/// The error of a use case: its type and variant, without the details that differ between stores.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Refusal(pub(crate) String);

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        let variant = match error {
            StoreError::Contended(_) => "Contended",
            StoreError::Unavailable(_) => "Unavailable",
            StoreError::UnknownCaller => "UnknownCaller",
            StoreError::OutcomeUnknown(_) => "OutcomeUnknown",
            StoreError::Unsupported(_) => "Unsupported",
            StoreError::Corrupt(_) => "Corrupt",
            StoreError::Failed(_) => "Failed",
        };
        Self(format!("StoreError::{variant}"))
    }
}

macro_rules! refusals {
    ($($family:ident),+) => {$(
        impl From<$family> for Refusal {
            fn from(error: $family) -> Self {
                match error {
                    $family::Store(error) => error.into(),
                    other => Self(format!(concat!(stringify!($family), "::{:?}"), other)),
                }
            }
        }
    )+};
}
refusals!(
    SpaceError,
    ProjectError,
    RosterError,
    TaskError,
    OrganizationError,
    InvitationError,
    KeyError,
    PermissionError,
    AuthenticationError
);

impl Refusal {
    /// Returns the variant without its details, such as a cursor position or a time.
    pub(crate) fn kind(&self) -> &str {
        let kind = self.0.split(" {").next().unwrap_or_default();
        kind.split("(Timestamp").next().unwrap_or_default()
    }
}

/// The result of a use case.
pub(crate) type Outcome = Result<Answer, Refusal>;

/// Converts the result of a use case to an [`Outcome`].
pub(crate) fn outcome<T, E: Into<Refusal>>(
    result: Result<T, E>,
    answer: impl FnOnce(T) -> Answer,
) -> Outcome {
    result.map(answer).map_err(Into::into)
}
