//! The end of a member's work.

use crate::event::{Change, SubjectKind, Value, Verb, deleted};
use crate::id::UserId;
use crate::port::UnitOfWork;
use crate::roster::Membership;
use crate::scope::Scope;
use crate::service::error::OrganizationError;
use crate::service::execution::{Attempt, Authority};

impl Attempt<'_> {
    /// Records which rosters the user has left, and removes the user as the assignee of every open task of the scope.
    pub(in crate::service) async fn take_off_all_work(
        &self,
        uow: &mut dyn UnitOfWork,
        authority: Authority<'_>,
        scope: Scope,
        user: UserId,
        memberships: Vec<Membership>,
    ) -> Result<(), OrganizationError> {
        let now = self.now();
        let journal = self.journal(authority.actor(), scope, now);
        for membership in memberships {
            let fields = deleted(membership.fields());
            journal
                .note(uow, Verb::Deleted, SubjectKind::Membership, membership.id.as_uuid(), fields)
                .await?;
        }
        for task in uow.unassign_open_tasks(scope, None, user, now).await? {
            let changes = vec![unassigned(user)];
            journal.note(uow, Verb::Updated, SubjectKind::Task, task.as_uuid(), changes).await?;
        }
        Ok(())
    }
}

/// Returns the change of a task that loses its assignee.
pub(in crate::service) fn unassigned(user: UserId) -> Change {
    Change { field: "assignee".into(), from: Value::Id(user.as_uuid()), to: Value::Empty }
}
