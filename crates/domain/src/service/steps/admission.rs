//! The admission of a user to a scope.

use crate::event::{Actor, SubjectKind, Verb, created};
use crate::id::{DisplayNumber, OrganizationId};
use crate::instant::Timestamp;
use crate::port::{MemberInserted, UnitOfWork};
use crate::role::ScopeRole;
use crate::scope::Scope;
use crate::service::error::OrganizationError;
use crate::service::execution::Attempt;
use crate::user::{Member, Profile, User};

/// The organization that admits a user, and the role and profile of the new member.
pub(in crate::service) struct Admission {
    pub(in crate::service) organization: OrganizationId,
    pub(in crate::service) role: ScopeRole,
    pub(in crate::service) profile: Profile,
}

impl Attempt<'_> {
    /// Makes a user a member of an organization; `index` is the user's index in the list of the call.
    pub(in crate::service) async fn admit(
        &self,
        uow: &mut dyn UnitOfWork,
        actor: Actor,
        (index, user): (usize, User),
        admission: Admission,
        now: Timestamp,
    ) -> Result<Member, OrganizationError> {
        let scope = Scope::Organization(admission.organization);
        let number = uow.next_member_number(scope).await?;
        let member = member_of(scope, &user, number, admission.role, admission.profile, now);
        let outcome = uow.insert_member(&member).await?;
        if outcome == (MemberInserted::AlreadyAMember { active: false }) {
            let organization = admission.organization;
            return Err(OrganizationError::InactiveMember { index, organization, user: user.id });
        }
        written(outcome, index)?;
        let journal = self.journal(actor, scope, now);
        let fields = created(member.fields());
        journal.note(uow, Verb::Created, SubjectKind::Member, user.id.as_uuid(), fields).await?;
        Ok(member)
    }
}

/// Returns the membership of a user who is admitted to a scope.
pub(in crate::service) fn member_of(
    scope: Scope,
    user: &User,
    number: DisplayNumber,
    role: ScopeRole,
    profile: Profile,
    now: Timestamp,
) -> Member {
    Member {
        scope,
        user: user.id,
        kind: user.kind,
        home: user.home,
        email: user.email.clone(),
        number,
        role,
        active: true,
        profile,
        created_at: now,
        updated_at: now,
        revision: 1,
        erased_at: None,
    }
}

/// Turns the outcome of inserting or updating a member into an error; `index` is the member's index in the list of the call.
pub(in crate::service) fn written(outcome: MemberInserted, index: usize) -> Result<(), OrganizationError> {
    match outcome {
        MemberInserted::Yes => Ok(()),
        MemberInserted::AlreadyAMember { .. } => Err(OrganizationError::AlreadyAMember { index }),
        MemberInserted::UsernameTaken => Err(OrganizationError::UsernameTaken { index }),
        MemberInserted::EmployeeNumberTaken => Err(OrganizationError::EmployeeNumberTaken { index }),
    }
}
