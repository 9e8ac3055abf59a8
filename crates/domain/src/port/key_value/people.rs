//! A unit of work on records: users, organizations, members and events.

use async_trait::async_trait;
use uuid::Uuid;

use super::record::key_of_organization;
use super::seen::{self, list};
use super::{Counter, Key, Logged, Record, Workspace, WriteRecords, ensure};
use crate::event::{Event, SubjectKind};
use crate::id::{DisplayNumber, OrganizationId, UserId};
use crate::instant::Timestamp;
use crate::organization::Organization;
use crate::port::{
    DeletionRows, EventLog, Inserted, InstanceRows, InvitationRows, KeyRows, MemberInserted,
    OrganizationRows, StoreError, StoredResponseRows, UnitOfWork,
};
use crate::role::ScopeRole;
use crate::scope::{Readmissions, Scope, Viewer};
use crate::text::EmailAddress;
use crate::user::{Member, User};

/// Writes a record that exists. `merged` returns it with those fields of the present one that never change.
pub(super) fn update<R: Record>(
    work: &mut impl WriteRecords<R>,
    record: &R,
    merged: impl FnOnce(R) -> R,
) -> Result<(), StoreError> {
    let present = work.get(record.key())?;
    let present = present.ok_or(StoreError::Failed("a record that is written exists".into()))?;
    work.put(&merged(present))
}

/// Increments a counter, and returns it.
pub(super) fn next(
    work: &mut impl Workspace,
    of: Uuid,
    counter: Counter,
) -> Result<DisplayNumber, StoreError> {
    let number = work.counter(of, counter)? + 1;
    work.put_counter(of, counter, number)?;
    Ok(DisplayNumber::new(number))
}

pub(super) fn count<T>(rows: impl Iterator<Item = T>) -> u64 {
    rows.fold(0, |count, _| count + 1)
}

/// Returns a member as their scope shows them: without the address of an account that has left.
fn shown(member: Member) -> Member {
    let is_shown = member.active || !member.is_account();
    Member { email: member.email.clone().filter(|_| is_shown), ..member }
}

/// Returns which natural key of the member another one of the scope has.
fn taken(work: &impl Workspace, member: &Member) -> Result<MemberInserted, StoreError> {
    let username = |it: &Member| it.profile.username.as_ref().map(|name| name.folded());
    let employee = |it: &Member| it.profile.employee_number.as_ref().map(|number| number.folded());
    let mut others: Vec<Member> = list(work, member.scope.id().as_uuid())?;
    others.retain(|other| other.user != member.user);
    let has = |key: &dyn Fn(&Member) -> Option<String>| {
        key(member).is_some_and(|own| others.iter().any(|other| key(other).as_ref() == Some(&own)))
    };
    Ok(match (has(&username), has(&employee)) {
        (true, _) => MemberInserted::UsernameTaken,
        (false, true) => MemberInserted::EmployeeNumberTaken,
        (false, false) => MemberInserted::Yes,
    })
}

fn user_with_address(work: &impl Workspace, id: UserId) -> Result<(User, EmailAddress), StoreError> {
    let user: Option<User> = work.get(Key::alone(id.as_uuid()))?;
    let email = user.as_ref().and_then(|user| user.email.clone());
    user.zip(email).ok_or(StoreError::Failed("a user with an address exists".into()))
}

#[async_trait]
impl<W> UnitOfWork for W
where
    W: Workspace + KeyRows + StoredResponseRows + InvitationRows + DeletionRows + InstanceRows,
{
    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        Workspace::commit(*self)
    }
}

#[async_trait]
impl<W: Workspace> OrganizationRows for W {
    async fn account_by_email(&mut self, email: &EmailAddress) -> Result<Option<User>, StoreError> {
        seen::by_address(self, None, email)
    }

    async fn own_person_by_email(
        &mut self,
        organization: OrganizationId,
        email: &EmailAddress,
    ) -> Result<Option<User>, StoreError> {
        seen::by_address(self, Some(organization), email)
    }

    async fn insert_user(&mut self, user: &User) -> Result<Inserted, StoreError> {
        if let Some(email) = &user.email {
            if self.address(user.home, &email.key())?.is_some() {
                return Ok(Inserted::KeyTaken);
            }
            self.put_address(user.home, &email.key(), Some(user.id))?;
        }
        self.put(user)?;
        Ok(Inserted::Yes)
    }

    async fn update_address(
        &mut self,
        id: UserId,
        home: Option<OrganizationId>,
        email: &EmailAddress,
    ) -> Result<Inserted, StoreError> {
        if self.address(home, &email.key())?.is_some_and(|other| other != id) {
            return Ok(Inserted::KeyTaken);
        }
        let (user, before) = user_with_address(self, id)?;
        self.put(&User { email: Some(email.clone()), ..user })?;
        self.put_address(home, &before.key(), None)?;
        self.put_address(home, &email.key(), Some(id))?;
        let memberships: Vec<Member> = self.with_id(id.as_uuid())?;
        for member in memberships {
            self.put(&shown(Member { email: Some(email.clone()), ..member }))?;
        }
        Ok(Inserted::Yes)
    }

    async fn insert_organization(&mut self, organization: &Organization) -> Result<(), StoreError> {
        self.put(organization)
    }

    async fn lock_any_organization(
        &mut self,
        id: OrganizationId,
    ) -> Result<Option<Organization>, StoreError> {
        if self.is_closed(id)? { Ok(None) } else { self.get(key_of_organization(id)) }
    }

    async fn update_organization(&mut self, organization: &Organization) -> Result<(), StoreError> {
        update(self, organization, |old| Organization { created_at: old.created_at, ..organization.clone() })
    }

    async fn next_member_number(&mut self, scope: Scope) -> Result<DisplayNumber, StoreError> {
        next(self, scope.id().as_uuid(), Counter::Members)
    }

    async fn insert_member(&mut self, member: &Member) -> Result<MemberInserted, StoreError> {
        if let Some(present) = seen::member(self, member.scope, member.user)? {
            return Ok(MemberInserted::AlreadyAMember { active: present.active });
        }
        let outcome = taken(self, member)?;
        if outcome == MemberInserted::Yes {
            self.put(&shown(member.clone()))?;
        }
        Ok(outcome)
    }

    async fn update_member(&mut self, member: &Member) -> Result<MemberInserted, StoreError> {
        let outcome = taken(self, member)?;
        if outcome == MemberInserted::Yes {
            update(self, member, |old| {
                let (number, created_at, erased_at) = (old.number, old.created_at, old.erased_at);
                shown(Member { number, created_at, erased_at, ..member.clone() })
            })?;
        }
        Ok(outcome)
    }

    async fn erase_user(
        &mut self,
        home: OrganizationId,
        id: UserId,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let user: Option<User> = self.get(Key::alone(id.as_uuid()))?;
        let user = user.filter(|user| user.home == Some(home));
        let user = user.ok_or(StoreError::Failed("a user of the organization exists".into()))?;
        if let Some(email) = &user.email {
            self.put_address(Some(home), &email.key(), None)?;
        }
        self.put(&User { email: None, ..user })?;
        let memberships: Vec<Member> = self.with_id(id.as_uuid())?;
        for member in memberships {
            self.put(&Member { email: None, erased_at: Some(at), ..member })?;
        }
        Ok(())
    }

    async fn role_in_scope(
        &mut self,
        viewer: &Viewer,
        scope: Scope,
    ) -> Result<Option<ScopeRole>, StoreError> {
        seen::role(self, viewer, scope)
    }

    async fn members(&mut self, scope: Scope, users: &[UserId]) -> Result<Vec<Member>, StoreError> {
        let mut users = users.to_vec();
        users.sort_unstable();
        users.dedup();
        users.into_iter().filter_map(|user| seen::member(self, scope, user).transpose()).collect()
    }

    async fn lock_memberships_of(&mut self, user: UserId) -> Result<Vec<Member>, StoreError> {
        let mut own: Vec<Member> = self.with_id(user.as_uuid())?;
        own.retain(|member| member.active);
        Ok(own)
    }

    async fn lock_user(&mut self, user: UserId) -> Result<Readmissions, StoreError> {
        let found: Option<User> = self.get(Key::alone(user.as_uuid()))?;
        ensure(found.is_some(), "a user who is locked exists")?;
        self.readmissions(user, Scope::Personal(user)).map(|(number, _)| number)
    }

    async fn count_organization_of(&mut self, maker: UserId) -> Result<u64, StoreError> {
        Ok(next(self, maker.as_uuid(), Counter::Organizations)?.get().unsigned_abs())
    }

    async fn count_active_admins(&mut self, scope: Scope) -> Result<u64, StoreError> {
        let members: Vec<Member> = list(self, scope.id().as_uuid())?;
        Ok(count(members.iter().filter(|member| member.is_active_admin())))
    }
}

#[async_trait]
impl<W: Workspace> EventLog for W {
    async fn append(&mut self, event: &Event) -> Result<(), StoreError> {
        // Units of work run one after another, so the order of writes is the order of commits.
        let sequence = next(self, Uuid::nil(), Counter::Events)?.get().unsigned_abs();
        self.put(&Logged { sequence, event: event.clone() })
    }

    async fn forget_member_events(&mut self, scope: Scope, user: UserId) -> Result<(), StoreError> {
        let logged: Vec<Logged> = list(self, scope.id().as_uuid())?;
        let is_theirs =
            |event: &Event| event.subject_kind == SubjectKind::Member && event.subject == user.as_uuid();
        for logged in logged.into_iter().filter(|logged| is_theirs(&logged.event)) {
            let event = Event { changes: Vec::new(), ..logged.event };
            self.put(&Logged { event, ..logged })?;
        }
        Ok(())
    }
}
