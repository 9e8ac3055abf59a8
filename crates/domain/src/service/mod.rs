//! The use cases. Each one loads what the caller is to the place, asks the policy, lets the aggregate judge, writes, and
//! appends what happened, all in one unit of work. Where the store says that others were in the way, the whole use case
//! runs again, a few times.

mod admission;
mod attempt;
mod error;
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

use std::sync::Arc;

use uuid::Uuid;

use attempt::Unsettled;
use once::Held;

pub use admission::{NewIdentity, NewMember, NewMembers};
pub use error::{
    AuthenticationError, KeyError, OrganizationError, PermissionError, ProjectError, RosterError, SpaceError,
    TaskError,
};
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

/// How often a use case is tried while others are in its way.
const TRIES: u32 = 4;

/// Runs a use case, and runs it again if the store is contended, or if what decided it was undone.
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

/// Organizations, spaces, projects, members and tasks: every use case is a method.
///
/// Cheap to clone; hosts share one. Reads go to [`crate::port::Views`], writes run in one [`UnitOfWork`] each and are
/// safe to race: with each other, with other instances on the same store, and with themselves.
///
/// **Cancelling.** A future of a writing method that is dropped half-way writes nothing *or* everything, but which is
/// not told. Hosts whose callers may go away run it in a task of its own.
#[derive(Clone)]
pub struct Loggia {
    ports: Ports,
    organization_creation: OrganizationCreation,
    user_limits: UserLimits,
    expected: Expected,
    /// The unit of work of what is done once, see [`Self::once`].
    held: Option<Arc<Held>>,
    /// What the unit of work of one attempt waits for, if it is not committed.
    settlement: Arc<Unsettled>,
}

impl Loggia {
    /// Builds the use cases on what the host brings.
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

    /// The same with a rule of the instance on who makes organizations; without one, everyone does.
    #[must_use]
    pub fn with_organization_creation(self, rule: OrganizationCreation) -> Self {
        Self { organization_creation: rule, ..self }
    }

    /// Returns these use cases with other limits on the records of one user.
    #[must_use]
    pub fn with_user_limits(self, limits: UserLimits) -> Self {
        Self { user_limits: limits, ..self }
    }

    /// The same for one call that updates, renames or deletes a record (an organization, one of its members, a space, a project
    /// or a task) only if it is at an expected revision. Every other refusal comes before that of [`Stale`]. Where revisions are
    /// named, no other writing call is done at all.
    #[must_use]
    pub fn expecting(&self, expected: Expected) -> Self {
        Self { expected, ..self.clone() }
    }

    /// Whether a record at that revision may be changed by this call.
    fn check_revision(&self, revision: u64) -> Result<(), Stale> {
        if self.expected.admits(revision) { Ok(()) } else { Err(Stale) }
    }

    /// The time by the host's clock.
    pub fn now(&self) -> Timestamp {
        self.ports.clock.now()
    }

    /// Answers if the store can be used.
    ///
    /// # Errors
    /// [`StoreError`], usually [`StoreError::Unavailable`].
    pub async fn check_ready(&self) -> Result<(), StoreError> {
        self.ports.views.check_ready().await
    }

    /// Starts an account of what happens in one unit of work.
    fn journal(&self, actor: Actor, scope: Scope, at: Timestamp) -> Journal<'_> {
        self.acts_in(Some(scope));
        Journal { ports: &self.ports, actor, scope, at }
    }
}

/// Writes events of one unit of work: same actor, scope and time.
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

/// How many rows a list has, if its page was asked for with that: as the page tells, or else as the store counts them.
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

/// A member by id among those that were loaded together.
///
/// Authors and assignees are bound to their scope by the store, so one that is missing is a corrupt row.
fn pick(members: &[Member], user: UserId) -> Result<Member, StoreError> {
    let found = members.iter().find(|member| member.user == user).cloned();
    found.ok_or_else(|| StoreError::Corrupt(format!("members: no row for the user {user}")))
}

/// Holds a project that the caller sees, of whatever scope, so that something can be made to point at it.
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
