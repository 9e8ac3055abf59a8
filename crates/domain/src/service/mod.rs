//! The use cases. Each one loads the caller's standing, asks the policy, lets the aggregate check its rules, writes, and appends events,
//! all in one unit of work. If a concurrent transaction conflicted with it, the whole use case runs again, up to four attempts in all.

mod acceptance;
mod account_profile;
mod accounts;
mod admission;
mod attempt;
mod claims;
mod deletion;
mod erasure;
mod error;
mod invitations;
mod key_lines;
mod keys;
mod member_keys;
mod members;
mod once;
mod organizations;
mod own_keys;
mod permissions;
mod projects;
mod rosters;
mod spaces;
mod tasks;
mod user_limits;
mod users;

use std::sync::Arc;

use uuid::Uuid;

use attempt::Unsettled;
use once::Held;

pub use accounts::NewAccount;
pub use admission::{NewIdentity, NewMember, NewMembers};
pub use deletion::{DELETION_ROWS, DeletionError, DeletionProgress};
pub use error::{
    AuthenticationError, InvitationError, KeyError, OrganizationError, PermissionError, ProjectError,
    RosterError, SpaceError, TaskError,
};
pub use invitations::{IssuedInvitation, NewInvitation, NewInvitations};
pub use key_lines::RevokedKey;
pub use keys::{Authenticated, IssuedKey, Me, NewKey};
pub use member_keys::NewMemberKey;
pub use organizations::{Authority, Bootstrap, Bootstrapped};
pub use permissions::{Permission, Place};
pub use user_limits::UserLimits;

use crate::event::{Actor, Change, Event, SubjectKind, Verb};
use crate::id::{EventId, ProjectId, UserId};
use crate::instant::Timestamp;
use crate::key::{Ability, Caller};
use crate::page::PageRequest;
use crate::policy::{Action, OrganizationCreation, Standing, decide};
use crate::port::{Ports, StoreError, UnitOfWork};
use crate::project::Project;
use crate::revision::{Expected, Stale};
use crate::scope::Scope;
use crate::user::Member;

/// The maximum number of attempts at a use case under contention.
const TRIES: u32 = 4;

/// Runs a use case. Runs it again if the store is contended, or if rows that the attempt has read were rolled back.
macro_rules! retry {
    ($loggia:tt.$attempt:ident($($argument:expr),* $(,)?)) => {{
        let mut tries = 1;
        loop {
            let attempt = $loggia.attempt();
            let outcome = attempt.$attempt($($argument),*).await;
            let outcome = match attempt.settled().await {
                Ok(()) => outcome,
                Err(undone) => Err(undone.into()),
            };
            match outcome {
                Err(error) if tries < $crate::service::TRIES && error.is_contended() => tries += 1,
                outcome => break outcome,
            }
        }
    }};
}
use retry;

/// The use cases on organizations, invitations, spaces, projects, members, tasks and API keys, one method for each.
///
/// Cloning is cheap; a host shares one instance. Reads go to [`crate::port::Views`]. Each write runs in one [`UnitOfWork`], and may run
/// concurrently with any other call on the store, of this instance or another.
///
/// **Cancellation.** If the future of a writing method is dropped before it completes, either nothing *or* everything was written, and
/// the caller cannot know which. Hosts whose clients may disconnect run it in a task of its own.
#[derive(Clone)]
pub struct Loggia {
    ports: Ports,
    organization_creation: OrganizationCreation,
    user_limits: UserLimits,
    expected: Expected,
    /// The unit of work that is shared with a use case that is executed once, see [`Self::once`].
    held: Option<Arc<Held>>,
    /// The commit dependency of this attempt's unit of work, awaited if it is not committed.
    settlement: Arc<Unsettled>,
}

impl Loggia {
    /// Creates the use cases on the host's ports, with the default rules and limits: everyone may create organizations, see
    /// [`UserLimits`].
    pub fn new(ports: Ports) -> Self {
        Self {
            ports,
            organization_creation: OrganizationCreation::Everyone,
            user_limits: UserLimits::default(),
            expected: Expected::Any,
            held: None,
            settlement: Arc::default(),
        }
    }

    /// Returns these use cases with the instance's rule on who may create organizations. The default is
    /// [`OrganizationCreation::Everyone`].
    #[must_use]
    pub fn with_organization_creation(self, rule: OrganizationCreation) -> Self {
        Self { organization_creation: rule, ..self }
    }

    /// Returns these use cases with other limits on the records of one user.
    #[must_use]
    pub fn with_user_limits(self, limits: UserLimits) -> Self {
        Self { user_limits: limits, ..self }
    }

    /// Returns these use cases for one call that writes a record only if its revision is an expected one.
    ///
    /// The call updates, renames or deletes an organization, one of its members, a space, a project or a task. It fails with [`Stale`] if
    /// the revision is another one; every other refusal takes precedence. Any other writing call fails with [`StoreError::Failed`] if
    /// revisions are expected.
    #[must_use]
    pub fn expecting(&self, expected: Expected) -> Self {
        Self { expected, ..self.clone() }
    }

    /// Fails with [`Stale`] if this call may not change a record at this revision.
    fn check_revision(&self, revision: u64) -> Result<(), Stale> {
        if self.expected.admits(revision) { Ok(()) } else { Err(Stale) }
    }

    /// Returns the current time of the host's clock.
    pub fn now(&self) -> Timestamp {
        self.ports.clock.now()
    }

    /// Succeeds if the store can be used.
    ///
    /// # Errors
    /// Fails with [`StoreError`], usually [`StoreError::Unavailable`].
    pub async fn check_ready(&self) -> Result<(), StoreError> {
        self.ports.views.check_ready().await
    }

    /// Starts to record the events of one unit of work.
    fn journal(&self, actor: Actor, scope: Scope, at: Timestamp) -> Journal<'_> {
        self.acts_in(Some(scope));
        Journal { ports: &self.ports, actor, scope, at }
    }
}

/// A recorder of events of one unit of work, with one actor, scope and time.
struct Journal<'a> {
    ports: &'a Ports,
    actor: Actor,
    scope: Scope,
    at: Timestamp,
}

impl Journal<'_> {
    async fn note(
        &self,
        uow: &mut dyn UnitOfWork,
        verb: Verb,
        subject_kind: SubjectKind,
        subject: Uuid,
        changes: Vec<Change>,
    ) -> Result<(), StoreError> {
        let id = EventId::from_uuid(self.ports.ids.next());
        let event = Event {
            id,
            scope: self.scope,
            actor: self.actor,
            at: self.at,
            subject_kind,
            subject,
            verb,
            changes,
        };
        uow.append(&event).await
    }
}

/// Returns the number of rows of a list if its page was requested with a count: as the page determines it, or else as the store counts.
async fn total<T, C>(
    page: &PageRequest,
    rows: &[T],
    count: impl FnOnce() -> C,
) -> Result<Option<u64>, StoreError>
where
    C: Future<Output = Result<u64, StoreError>>,
{
    match page.total(rows) {
        _ if !page.count => Ok(None),
        Some(total) => Ok(Some(total)),
        None => count().await.map(Some),
    }
}

/// Returns one of the members that were loaded together.
///
/// Authors and assignees are bound to their scope by the store, so a missing one is a corrupt row.
fn pick(members: &[Member], user: UserId) -> Result<Member, StoreError> {
    let found = members.iter().find(|member| member.user == user).cloned();
    found.ok_or_else(|| StoreError::Corrupt(format!("members: no row for the user {user}")))
}

/// Holds a project of any scope that the caller sees, so that another record can be linked to it.
async fn hold_visible_project(
    uow: &mut dyn UnitOfWork,
    caller: &Caller,
    id: ProjectId,
) -> Result<Option<Project>, StoreError> {
    let found = uow.hold_project(&caller.viewer(), id).await?;
    let visible = found.filter(|(_, standing)| {
        decide(Action::ReadProject, Standing::Project(*standing), Ability::Read).is_ok()
    });
    Ok(visible.map(|(project, _)| project))
}
