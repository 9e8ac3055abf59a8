//! Use cases on a store that fails: the error is returned, no event is reported as written, and only contention is retried.

use std::sync::Arc;

use loggia_domain::account::AccountPatch;
use loggia_domain::event::Actor;
use loggia_domain::id::{
    DisplayNumber, InvitationId, KeyId, OrganizationId, ProjectId, SpaceId, TaskId, UserId,
};
use loggia_domain::invitation::{InvitationToken, InvitedProjects};
use loggia_domain::key::{Ability, Caller, Descendants, KeySecret, Overlap};
use loggia_domain::organization::Organization;
use loggia_domain::page::{ProjectQuery, SpaceQuery};
use loggia_domain::port::mock::{MockSecrets, MockStore, MockUnitOfWork, MockViews};
use loggia_domain::port::{DeletionStep, Includes, Inserted, MemberInserted, Ports, StoreError};
use loggia_domain::project::{NewProject, ProjectPatch};
use loggia_domain::role::{RosterRole, ScopeRole};
use loggia_domain::scope::{Reach, Readmissions, Scope, ScopeChoice};
use loggia_domain::service::{
    AuthenticationError, DELETION_ROWS, DeletionError, InvitationError, KeyError, Loggia, NewAccount,
    NewInvitation, NewInvitations, NewKey, NewMember, NewMemberKey, OrganizationError,
    OrganizationError as E, ProjectError, RosterError, SpaceError, TaskError,
};
use loggia_domain::space::{NewSpace, SpacePatch};
use loggia_domain::task::{NewTask, TaskPatch};
use loggia_domain::text::{KeyName, OrganizationName};
use loggia_domain::user::{Member, MemberPatch, User};
use loggia_testkit::builders::{self, ADA};

use crate::support::{NOBODY, batch, first, plan, project_name, space_name, task_name};

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

fn on(store: MockStore) -> Loggia {
    Loggia::new(Ports { store: Arc::new(store), ..loggia_testkit::memory() })
}

fn reading_from(views: MockViews) -> Loggia {
    Loggia::new(Ports { views: Arc::new(views), ..loggia_testkit::memory() })
}

fn ada() -> NewMember {
    NewMember::person(ADA.email(), ADA.profile(), ScopeRole::Member)
}

/// Returns a unit of work in which the operator renames an organization, up to its commit.
fn work(commit: Option<fn() -> StoreError>) -> MockUnitOfWork {
    let mut work = MockUnitOfWork::new();
    let organization = builders::organization(&loggia_testkit::memory(), "Harbour Works");
    let found = Organization { id: ORGANIZATION, ..organization };
    work.expect_lock_any_organization().times(1).return_once(|_| Ok(Some(found)));
    work.expect_update_organization().times(1).returning(|_| Ok(()));
    work.expect_append().times(1).returning(|_| Ok(()));
    work.expect_commit().times(1).return_once(move || commit.map_or(Ok(()), |error| Err(error())));
    work
}

async fn rename(loggia: &Loggia) -> Result<Organization, E> {
    let name = OrganizationName::parse("Port Works").expect("a name");
    loggia.operator().rename_organization(ORGANIZATION, name).await
}

#[tokio::test]
async fn a_commit_that_fails_is_told_as_it_failed_and_not_tried_again() {
    for error in [unavailable as fn() -> StoreError, outcome_unknown, corrupt, failed] {
        let mut store = MockStore::new();
        store.expect_begin().times(1).returning(move || Ok(Box::new(work(Some(error)))));
        let outcome = rename(&on(store)).await;
        let Err(E::Store(told)) = outcome else { panic!("told as done: {outcome:?}") };
        assert_eq!(std::mem::discriminant(&told), std::mem::discriminant(&error()), "{told:?}");
    }
}

#[tokio::test]
async fn contention_is_tried_again_from_the_beginning() {
    let mut store = MockStore::new();
    let mut tries = 0;
    store.expect_begin().times(2).returning(move || {
        tries += 1;
        Ok(Box::new(work((tries == 1).then_some(contended as fn() -> StoreError))))
    });
    let renamed = rename(&on(store)).await.expect("the second try");
    assert_eq!((renamed.name.as_str(), renamed.revision), ("Port Works", 2), "changed once, not twice");
}

#[tokio::test]
async fn contention_that_lasts_is_given_up() {
    let mut store = MockStore::new();
    store.expect_begin().times(4).returning(|| Ok(Box::new(work(Some(contended)))));
    refused!(rename(&on(store)).await, E::Store(StoreError::Contended(_)));
}

#[tokio::test]
async fn where_the_event_cannot_be_written_nothing_is_committed() {
    let mut store = MockStore::new();
    store.expect_begin().times(1).returning(|| {
        let mut work = MockUnitOfWork::new();
        let organization = builders::organization(&loggia_testkit::memory(), "Harbour Works");
        work.expect_lock_any_organization().return_once(|_| Ok(Some(organization)));
        work.expect_update_organization().times(1).returning(|_| Ok(()));
        // A call of `commit`, which is not expected, would fail the test.
        work.expect_append().times(1).returning(|_| Err(failed()));
        Ok(Box::new(work))
    });
    refused!(rename(&on(store)).await, E::Store(StoreError::Failed(_)));
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

#[tokio::test]
async fn every_write_tells_that_the_store_is_away_at_once() {
    let mut store = MockStore::new();
    store.expect_begin().times(OF_THE_OPERATOR).returning(|| Err(unavailable()));
    let of_callers = WRITING_USE_CASES - OF_THE_OPERATOR;
    store.expect_begin_for().times(of_callers).returning(|_, _| Err(unavailable()));
    let outcomes = write_everything(&on(store)).await;
    assert_eq!(outcomes.len(), WRITING_USE_CASES);
    for outcome in outcomes {
        refused!(outcome, StoreError::Unavailable(_));
    }
}

#[tokio::test]
async fn every_write_is_tried_a_few_times_when_others_are_in_its_way() {
    let mut store = MockStore::new();
    store.expect_begin().times(4 * OF_THE_OPERATOR).returning(|| Err(contended()));
    let of_callers = WRITING_USE_CASES - OF_THE_OPERATOR;
    store.expect_begin_for().times(4 * of_callers).returning(|_, _| Err(contended()));
    for outcome in write_everything(&on(store)).await {
        refused!(outcome, StoreError::Contended(_));
    }
}

#[tokio::test]
async fn an_address_that_another_took_meanwhile_is_contention() {
    let mut store = MockStore::new();
    store.expect_begin().times(4).returning(|| {
        let mut work = MockUnitOfWork::new();
        let organization = builders::organization(&loggia_testkit::memory(), "Harbour Works");
        work.expect_lock_any_organization().return_once(|_| Ok(Some(organization)));
        work.expect_account_by_email().times(1).returning(|_| Ok(None));
        work.expect_insert_user().times(1).returning(|_| Ok(Inserted::KeyTaken));
        Ok(Box::new(work))
    });
    let new = NewAccount { email: ADA.email(), profile: ADA.profile() };
    let added = on(store).operator().add_account_member(ORGANIZATION, &new, ScopeRole::Admin).await;
    refused!(added, E::Store(StoreError::Contended(_)));
}

#[tokio::test]
async fn a_profile_that_changes_while_the_account_joins_is_contention() {
    let caller = Caller::unchecked(UserId::from_uuid(NOBODY), Scope::Personal(UserId::from_uuid(NOBODY)));
    let mut store = MockStore::new();
    store.expect_begin_for().times(4).returning(move |_, _| {
        let ports = loggia_testkit::memory();
        let (number, role) = (DisplayNumber::new(1), ScopeRole::Admin);
        let user = User::account(caller.user, ADA.email(), ports.clock.now());
        let account = builders::member(&ports, caller.default_scope, &user, ADA, number, role);
        let organization = builders::organization(&ports, "Harbour Works");
        let invitation = builders::invitation(&ports, ORGANIZATION, ADA);
        let id = invitation.id;
        let mut work = MockUnitOfWork::new();
        let mut revision = 0;
        work.expect_members().times(3).returning(move |scope, _| {
            revision += 1;
            let account = Member { revision, ..account.clone() };
            Ok(if scope == account.scope { vec![account] } else { Vec::new() })
        });
        work.expect_invitation_by_token().times(2).returning(move |_, _| Ok(Some((ORGANIZATION, id))));
        work.expect_lock_any_organization().return_once(|_| Ok(Some(organization)));
        work.expect_invitation().return_once(|_, _| Ok(Some(invitation)));
        work.expect_next_member_number().return_once(|_| Ok(DisplayNumber::new(2)));
        work.expect_insert_member().times(1).returning(|_| Ok(MemberInserted::Yes));
        work.expect_append().times(1).returning(|_| Ok(()));
        work.expect_lock_user().times(1).returning(|_| Ok(Readmissions::NONE));
        Ok(Box::new(work))
    });
    let token = InvitationToken::from_entropy([1; 32]);
    let joined = on(store).acting_as(&caller).accept_invitation(&token).await;
    refused!(joined, InvitationError::Store(StoreError::Contended(_)));
}

#[tokio::test]
async fn without_randomness_nothing_is_written() {
    let mut secrets = MockSecrets::new();
    secrets.expect_entropy().times(1).returning(|| Err(unavailable()));
    let ports = Ports { secrets: Arc::new(secrets), ..loggia_testkit::memory() };
    let loggia = Loggia::new(ports);
    let made = loggia.operator().bootstrap(&plan("Harbour Works", ADA), true).await;
    refused!(made, E::Store(StoreError::Unavailable(_)));
    assert!(
        !loggia.operator().has_organizations().await.expect("an answer"),
        "the organization went with its key"
    );
    assert_eq!(loggia.operator().account_by_email(&ADA.email()).await.expect("an answer"), None);
}

#[tokio::test]
async fn views_that_are_away_are_told_as_that_and_never_as_an_answer() {
    let mut views = MockViews::new();
    views.expect_key_by_hash().times(1).returning(|_| Err(unavailable()));
    let caller = reading_from(views).authenticate(&KeySecret::from_entropy([1; 32])).await;
    refused!(caller, AuthenticationError::Store(StoreError::Unavailable(_)));

    let caller = Caller::unchecked(UserId::from_uuid(NOBODY), Scope::Organization(ORGANIZATION));
    let mut views = MockViews::new();
    views.expect_role_in_scope().times(2).returning(|_, _| Err(unavailable()));
    views.expect_space().times(1).returning(|_, _, _| Err(contended()));
    let loggia = reading_from(views);
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

    let mut views = MockViews::new();
    views.expect_check_ready().times(1).returning(|| Err(unavailable()));
    refused!(reading_from(views).check_ready().await, StoreError::Unavailable(_));
}

/// A call must not fail because the key's use could not be recorded; the next call records it.
#[tokio::test]
async fn noting_a_use_is_tried_once() {
    let mut store = MockStore::new();
    store.expect_begin().times(1).returning(|| Err(contended()));
    refused!(on(store).touch_key(KeyId::from_uuid(NOBODY)).await, StoreError::Contended(_));
}

#[test]
fn messages_leave_their_causes_to_the_source() {
    use std::error::Error as _;
    let error = SpaceError::Store(StoreError::Failed("disk full at sector 7".into()));
    assert_eq!(error.to_string(), "the store failed");
    let cause = error.source().expect("the cause");
    assert_eq!(cause.to_string(), "disk full at sector 7");
}
