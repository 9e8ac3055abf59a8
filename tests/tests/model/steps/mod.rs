//! The steps of a case: every use case of the domain, in a module for each family.

pub(crate) mod invitations;
pub(crate) mod keys;
pub(crate) mod member_keys;
pub(crate) mod members;
pub(crate) mod once;
pub(crate) mod organizations;
mod projects;
mod rosters;
mod spaces;
pub(crate) mod tasks;

use loggia_domain::key::Caller;
use loggia_domain::service::{Acting, Loggia};
use proptest::prelude::*;

pub(crate) use invitations::InvitationStep;
pub(crate) use keys::{End, KeyStep, Plan};
pub(crate) use member_keys::{MemberKeyStep, Somewhere};
pub(crate) use members::{MemberStep, Newcomer};
pub(crate) use once::OnceStep;
pub(crate) use organizations::{By, OrganizationStep};
pub(crate) use projects::ProjectStep;
pub(crate) use rosters::RosterStep;
pub(crate) use spaces::SpaceStep;
pub(crate) use tasks::TaskStep;

use crate::answer::Outcome;
use crate::book::Book;

/// A use case without its caller.
#[derive(Clone, Debug)]
pub(crate) enum Call {
    Organization(OrganizationStep),
    Member(MemberStep),
    Invitation(InvitationStep),
    Key(KeyStep),
    MemberKey(MemberKeyStep),
    Space(SpaceStep),
    Project(ProjectStep),
    Roster(RosterStep),
    Task(TaskStep),
    Once(OnceStep),
}

/// Generates a use case; use cases that make records are more frequent than those that delete them.
pub(crate) fn call() -> impl Strategy<Value = Call> {
    prop_oneof![
        3 => organizations::step().prop_map(Call::Organization),
        4 => members::step().prop_map(Call::Member),
        3 => invitations::step().prop_map(Call::Invitation),
        4 => keys::step().prop_map(Call::Key),
        2 => member_keys::step().prop_map(Call::MemberKey),
        6 => spaces::step().prop_map(Call::Space),
        4 => projects::step().prop_map(Call::Project),
        6 => rosters::step().prop_map(Call::Roster),
        8 => tasks::step().prop_map(Call::Task),
        4 => once::step().prop_map(Call::Once),
    ]
}

impl Call {
    /// Returns the name of the use case in the domain.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Organization(step) => step.name(),
            Self::Member(step) => step.name(),
            Self::Invitation(step) => step.name(),
            Self::Key(step) => step.name(),
            Self::MemberKey(step) => step.name(),
            Self::Space(step) => step.name(),
            Self::Project(step) => step.name(),
            Self::Roster(step) => step.name(),
            Self::Task(step) => step.name(),
            Self::Once(step) => step.name(),
        }
    }

    /// Runs the use case on a store.
    pub(crate) async fn perform(&self, caller: &Caller, book: &Book, loggia: &Loggia) -> Outcome {
        self.perform_as(&loggia.acting_as(caller), book, loggia).await
    }

    /// Runs the use case on a store, as a caller whose unit of work may be that of an idempotency key.
    async fn perform_as(&self, acting: &Acting, book: &Book, loggia: &Loggia) -> Outcome {
        let caller = acting.caller();
        match self {
            Self::Organization(step) => Box::pin(step.perform(caller, book, loggia)).await,
            Self::Member(step) => Box::pin(step.perform(acting, book, &loggia.operator())).await,
            Self::Invitation(step) => Box::pin(step.perform(caller, book, loggia)).await,
            Self::MemberKey(step) => Box::pin(step.perform(caller, book, loggia)).await,
            Self::Key(step) => Box::pin(step.perform(caller, book, loggia)).await,
            Self::Space(step) => Box::pin(step.perform(acting, book)).await,
            Self::Project(step) => Box::pin(step.perform(acting, book)).await,
            Self::Roster(step) => Box::pin(step.perform(acting, book)).await,
            Self::Task(step) => Box::pin(step.perform(acting, book)).await,
            Self::Once(step) => step.perform(caller, book, loggia).await,
        }
    }
}
