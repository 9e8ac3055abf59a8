//! Use cases on a store that fails: the error is returned, no event is reported as written, and only contention is retried.

use std::sync::Arc;

use loggia_domain::account::AccountPatch;
use loggia_domain::event::Actor;
use loggia_domain::id::{InvitationId, KeyId, OrganizationId, ProjectId, SpaceId, TaskId, UserId};
use loggia_domain::invitation::{InvitationToken, InvitedProjects};
use loggia_domain::key::{Ability, Caller, Descendants, KeySecret, Overlap};
use loggia_domain::organization::Organization;
use loggia_domain::page::{ProjectQuery, SpaceQuery};
use loggia_domain::port::mock::MockSecrets;
use loggia_domain::port::{DeletionStep, Includes, Inserted, Ports, StoreError};
use loggia_domain::project::{NewProject, ProjectPatch};
use loggia_domain::role::{RosterRole, ScopeRole};
use loggia_domain::scope::{Reach, Scope, ScopeChoice};
use loggia_domain::service::{
    AuthenticationError, DELETION_ROWS, DeletionError, InvitationError, KeyError, Loggia, NewAccount,
    NewInvitation, NewInvitations, NewKey, NewMember, NewMemberKey, OrganizationError,
    OrganizationError as E, ProjectError, RosterError, SpaceError, TaskError,
};
use loggia_domain::space::{NewSpace, SpacePatch};
use loggia_domain::task::{NewTask, TaskPatch};
use loggia_domain::text::{KeyName, OrganizationName};
use loggia_domain::user::{Member, MemberPatch};
use loggia_testkit::builders::{ADA, ALAN, KATHERINE};
use loggia_testkit::intercept::{self, Recorder};

use crate::support::{House, NOBODY, batch, failing_at, first, plan, project_name, space_name, task_name};

const ORGANIZATION: OrganizationId = OrganizationId::from_uuid(NOBODY);

fn contended() -> StoreError {
    StoreError::Contended(None)
}

fn unavailable() -> StoreError {
    StoreError::Unavailable(None)
}

fn outcome_unknown() -> StoreError {
    StoreError::OutcomeUnknown(None)
}

fn corrupt() -> StoreError {
    StoreError::Corrupt("spaces: a row".to_owned())
}

fn failed() -> StoreError {
    StoreError::Failed("a bug".into())
}

/// Returns the use cases on an empty store behind an interceptor.
fn on(calls: &Arc<Recorder>) -> Loggia {
    Loggia::on_ports(intercept::store(loggia_testkit::memory(), calls.clone())).build()
}

fn reading_from(calls: &Arc<Recorder>) -> Loggia {
    Loggia::on_ports(intercept::views(loggia_testkit::memory(), calls.clone())).build()
}

fn ada() -> NewMember {
    NewMember::person(ADA.email(), ADA.profile(), ScopeRole::Member)
}

/// The calls of a use case in which the operator renames an organization, up to its commit.
const RENAMING: [&str; 5] = ["begin", "lock_any_organization", "update_organization", "append", "commit"];

async fn rename(calls: &Arc<Recorder>) -> Result<Organization, E> {
    let house = House::open().await;
    let name = OrganizationName::parse("Port Works").expect("a name");
    house.behind(calls.clone()).operator().rename_organization(house.organization, name).await
}

#[tokio::test]
async fn a_failed_commit_is_reported_as_it_failed_and_not_retried() {
    for error in [unavailable as fn() -> StoreError, outcome_unknown, corrupt, failed] {
        let calls = Arc::new(failing_at("commit", error));
        let outcome = rename(&calls).await;
        let Err(E::Store(reported)) = outcome else { panic!("reported as done: {outcome:?}") };
        assert_eq!(std::mem::discriminant(&reported), std::mem::discriminant(&error()), "{reported:?}");
        assert_eq!(calls.take(), RENAMING);
    }
}

#[tokio::test]
async fn contention_is_retried_from_the_beginning() {
    let calls = Arc::new(
        Recorder::new()
            .failing(|call, nth| if (call, nth) == ("commit", 1) { Err(contended()) } else { Ok(()) }),
    );
    let renamed = rename(&calls).await.expect("the second try");
    assert_eq!((renamed.name.as_str(), renamed.revision), ("Port Works", 2), "changed once, not twice");
    assert_eq!(calls.take(), [RENAMING; 2].concat());
}

#[tokio::test]
async fn lasting_contention_is_reported_after_four_attempts() {
    let calls = Arc::new(failing_at("commit", contended));
    refused!(rename(&calls).await, E::Store(StoreError::Contended(_)));
    assert_eq!(calls.take(), [RENAMING; 4].concat());
}

#[tokio::test]
async fn a_change_whose_event_cannot_be_written_is_not_committed() {
    let calls = Arc::new(failing_at("append", failed));
    refused!(rename(&calls).await, E::Store(StoreError::Failed(_)));
    assert_eq!(calls.take(), RENAMING[..4]);
}

/// Extracts the store's error from that of a use case.
trait OfStore {
    fn of_store(self) -> StoreError;
}

macro_rules! of_store {
    ($($family:ident),+ $(,)?) => {$(
        impl OfStore for $family {
            fn of_store(self) -> StoreError {
                match self {
                    Self::Store(error) => error,
                    other => panic!("not the store's error: {other:?}"),
                }
            }
        }
    )+};
}
of_store!(
    SpaceError,
    ProjectError,
    RosterError,
    TaskError,
    OrganizationError,
    InvitationError,
    DeletionError,
    KeyError,
);

/// Calls every writing use case, on a store that opens no unit of work.
async fn write_everything(loggia: &Loggia) -> Vec<Result<(), StoreError>> {
    let user = UserId::from_uuid(NOBODY);
    let caller = Caller::unchecked(user, Scope::Organization(ORGANIZATION));
    let choice = ScopeChoice::Default;
    let (acting, operator) = (loggia.acting_as(&caller), loggia.operator());
    let (space, project) = (SpaceId::from_uuid(NOBODY), ProjectId::from_uuid(NOBODY));
    let (task, key) = (TaskId::from_uuid(NOBODY), KeyId::from_uuid(NOBODY));
    let new_key = NewKey {
        name: KeyName::parse("laptop").expect("a name"),
        default_scope: caller.default_scope,
        reach: Reach::Everywhere,
        ability: Ability::Read,
        expires_at: None,
    };
    let own_key = new_key.clone();
    let member_key = NewMemberKey { name: new_key.name.clone(), ability: Ability::Read, expires_at: None };
    let people = batch(&[(user, RosterRole::Member)]);
    let projects = InvitedProjects::default();
    let invited =
        NewInvitations::from(NewInvitation { email: ADA.email(), role: ScopeRole::Member, projects });
    let account = NewAccount { email: ADA.email(), profile: ADA.profile() };
    let (invitation, token) = (InvitationId::from_uuid(NOBODY), InvitationToken::from_entropy([1; 32]));
    macro_rules! store_errors {
        ($($outcome:expr),+ $(,)?) => {
            vec![$($outcome.await.map(|_| ()).map_err(OfStore::of_store)),+]
        };
    }
    store_errors![
        acting.create_space(choice, NewSpace::named(space_name("Quay"))),
        acting.update_space(space, SpacePatch::default()),
        acting.delete_space(space),
        acting.create_project(choice, NewProject::named(project_name("Harbour"))),
        acting.update_project(project, ProjectPatch::default()),
        acting.delete_project(project),
        acting.add_to_roster(project, &people),
        acting.remove_from_roster(project, user),
        acting.change_roster_role(project, user, RosterRole::Admin),
        acting.leave_roster(project),
        acting.create_task(project, NewTask::named(task_name("Dredge"))),
        acting.update_task(task, TaskPatch::default()),
        acting.delete_task(task),
        operator.bootstrap(&plan("Harbour Works", ADA), true),
        operator.rename_organization(ORGANIZATION, OrganizationName::parse("P").expect("a name")),
        operator.add_account(&account),
        operator.add_account_member(ORGANIZATION, &account, ScopeRole::Member),
        operator.add_member(ORGANIZATION, ada()),
        operator.update_member(ORGANIZATION, user, MemberPatch::default()),
        operator.erase_member(ORGANIZATION, user),
        acting.leave_organization(ORGANIZATION),
        operator.invite(ORGANIZATION, &invited),
        operator.withdraw_invitation(ORGANIZATION, invitation),
        operator.resend_invitation(ORGANIZATION, invitation),
        acting.accept_invitation(&token),
        operator.change_account(user, AccountPatch::default()),
        operator.close_organization(ORGANIZATION),
        operator.delete_organization_step(ORGANIZATION, DeletionStep::FIRST, DELETION_ROWS),
        operator.issue_key(Actor::Operator, user, new_key),
        operator.revoke_key(Actor::Operator, None, key, Descendants::Revoke),
        acting.create_organization(OrganizationName::parse("P").expect("a name")),
        acting.create_own_key(own_key),
        acting.revoke_own_key(key, Descendants::Revoke),
        acting.rotate_own_key(key, Overlap::default()),
        acting.issue_member_key(ORGANIZATION, user, member_key),
        acting.revoke_member_key(ORGANIZATION, user, key, Descendants::Revoke),
    ]
}

const WRITING_USE_CASES: usize = 36;
/// The number of use cases above that run as the operator.
const OF_THE_OPERATOR: usize = 15;

/// Fails both ways to open a unit of work.
fn never_begun(error: fn() -> StoreError) -> Arc<Recorder> {
    Arc::new(Recorder::new().failing(move |_, _| Err(error())))
}

/// Returns the numbers of units of work that were asked for as the operator and for a caller. Nothing else was called.
fn begun(calls: &Recorder) -> [usize; 2] {
    let begun = ["begin", "begin_for"].map(|call| calls.count(call));
    assert_eq!(calls.take().len(), begun.iter().sum::<usize>());
    begun
}

#[tokio::test]
async fn every_write_reports_an_unavailable_store_at_once() {
    let calls = never_begun(unavailable);
    let outcomes = write_everything(&on(&calls)).await;
    assert_eq!(outcomes.len(), WRITING_USE_CASES);
    for outcome in outcomes {
        refused!(outcome, StoreError::Unavailable(_));
    }
    assert_eq!(begun(&calls), [OF_THE_OPERATOR, WRITING_USE_CASES - OF_THE_OPERATOR]);
}

#[tokio::test]
async fn every_write_is_retried_a_few_times_under_contention() {
    let calls = never_begun(contended);
    for outcome in write_everything(&on(&calls)).await {
        refused!(outcome, StoreError::Contended(_));
    }
    assert_eq!(begun(&calls), [4 * OF_THE_OPERATOR, 4 * (WRITING_USE_CASES - OF_THE_OPERATOR)]);
}

#[tokio::test]
async fn an_address_that_another_took_meanwhile_is_contention() {
    let house = House::open().await;
    let calls = Arc::new(Recorder::new().changing(|_, _, answer| {
        if let Some(inserted) = answer.downcast_mut::<Inserted>() {
            *inserted = Inserted::KeyTaken;
        }
    }));
    let new = NewAccount { email: KATHERINE.email(), profile: KATHERINE.profile() };
    let adding = house.behind(calls.clone());
    let added = adding.operator().add_account_member(house.organization, &new, ScopeRole::Admin).await;
    refused!(added, E::Store(StoreError::Contended(_)));
    let attempt = ["begin", "lock_any_organization", "account_by_email", "insert_user"];
    assert_eq!(calls.take(), [attempt; 4].concat());
}

#[tokio::test]
async fn a_profile_that_changes_while_the_account_joins_is_contention() {
    let house = House::open().await;
    let projects = InvitedProjects::default();
    let new = NewInvitation { email: ALAN.email(), role: ScopeRole::Admin, projects };
    let invited = house.loggia.operator().invite(house.organization, &new.into()).await;
    let token = invited.expect("an invitation").remove(0).token;
    let calls = Arc::new(Recorder::new().changing(|_, number, answer| {
        for member in answer.downcast_mut::<Vec<Member>>().into_iter().flatten() {
            member.revision = number as u64;
        }
    }));
    let joined = house.behind(calls.clone()).acting_as(&house.alan).accept_invitation(&token).await;
    refused!(joined, InvitationError::Store(StoreError::Contended(_)));
    let attempt = [
        "begin_for",
        "members",
        "invitation_by_token",
        "lock_any_organization",
        "invitation_by_token",
        "invitation",
        "members",
        "next_member_number",
        "insert_member",
        "append",
        "lock_user",
        "members",
    ];
    assert_eq!(calls.take(), [attempt; 4].concat());
}

#[tokio::test]
async fn without_randomness_nothing_is_written() {
    let mut secrets = MockSecrets::new();
    secrets.expect_entropy().times(1).returning(|| Err(unavailable()));
    let loggia = Loggia::on_ports(Ports { secrets: Arc::new(secrets), ..loggia_testkit::memory() }).build();
    let made = loggia.operator().bootstrap(&plan("Harbour Works", ADA), true).await;
    refused!(made, E::Store(StoreError::Unavailable(_)));
    assert!(
        !loggia.operator().has_organizations().await.expect("an answer"),
        "the organization went with its key"
    );
    assert_eq!(loggia.operator().account_by_email(&ADA.email()).await.expect("an answer"), None);
}

#[tokio::test]
async fn unavailable_views_are_reported_as_such_and_never_as_a_result() {
    let calls = Arc::new(Recorder::new().failing(|call, _| match call {
        "space" => Err(contended()),
        _ => Err(unavailable()),
    }));
    let loggia = reading_from(&calls);
    let caller = loggia.authenticate(&KeySecret::from_entropy([1; 32])).await;
    refused!(caller, AuthenticationError::Store(StoreError::Unavailable(_)));

    let caller = Caller::unchecked(UserId::from_uuid(NOBODY), Scope::Organization(ORGANIZATION));
    let (choice, page) = (ScopeChoice::Default, first(9));
    let spaces = loggia
        .acting_as(&caller)
        .list_spaces(choice, &SpaceQuery::default(), Includes::default(), &page)
        .await;
    refused!(spaces, SpaceError::Store(StoreError::Unavailable(_)));
    let projects = loggia.acting_as(&caller).list_projects(choice, &ProjectQuery::default(), &page).await;
    refused!(projects, ProjectError::Store(StoreError::Unavailable(_)));
    // Contention of a read is not retried, since a read takes no locks.
    let space = loggia.acting_as(&caller).space(SpaceId::from_uuid(NOBODY), Includes::default()).await;
    refused!(space, SpaceError::Store(StoreError::Contended(_)));

    refused!(loggia.check_ready().await, StoreError::Unavailable(_));
    assert_eq!(calls.take(), ["key_by_hash", "role_in_scope", "role_in_scope", "space", "check_ready"]);
}

/// A call must not fail because the key's use could not be recorded; the next call records it.
#[tokio::test]
async fn recording_a_last_use_is_not_retried() {
    let calls = never_begun(contended);
    refused!(on(&calls).touch_key(KeyId::from_uuid(NOBODY)).await, StoreError::Contended(_));
    assert_eq!(begun(&calls), [1, 0]);
}

#[test]
fn messages_leave_their_causes_to_the_source() {
    use std::error::Error as _;
    let error = SpaceError::Store(StoreError::Failed("disk full at sector 7".into()));
    assert_eq!(error.to_string(), "the store failed");
    let cause = error.source().expect("the cause");
    assert_eq!(cause.to_string(), "disk full at sector 7");
}
