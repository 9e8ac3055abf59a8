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
use loggia_domain::page::{PageRequest, ProjectQuery, SpaceQuery};
use loggia_domain::port::mock::{MockSecrets, MockStore, MockUnitOfWork, MockViews};
use loggia_domain::port::{DeletionStep, Includes, Inserted, MemberInserted, Ports, StoreError};
use loggia_domain::project::{NewProject, ProjectPatch};
use loggia_domain::revision::Expected;
use loggia_domain::role::{RosterRole, ScopeRole};
use loggia_domain::scope::{Reach, Readmissions, Scope, ScopeChoice};
use loggia_domain::service::{
    AuthenticationError, Authority, DELETION_ROWS, DeletionError, InvitationError, KeyError, Loggia,
    NewAccount, NewInvitation, NewInvitations, NewKey, NewMember, NewMemberKey, OrganizationError,
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
    loggia.rename_organization(Authority::Operator, ORGANIZATION, name).await
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
    let caller = Caller::trusted(user, Scope::Organization(ORGANIZATION));
    let (choice, operator) = (ScopeChoice::Default, Authority::Operator);
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
        loggia.create_space(&caller, choice, NewSpace::named(space_name("Quay"))),
        loggia.update_space(&caller, space, SpacePatch::default()),
        loggia.delete_space(&caller, space),
        loggia.create_project(&caller, choice, NewProject::named(project_name("Harbour"))),
        loggia.update_project(&caller, project, ProjectPatch::default()),
        loggia.delete_project(&caller, project),
        loggia.add_to_roster(&caller, project, &people),
        loggia.remove_from_roster(&caller, project, user),
        loggia.change_roster_role(&caller, project, user, RosterRole::Admin),
        loggia.leave_roster(&caller, project),
        loggia.create_task(&caller, project, NewTask::named(task_name("Dredge"))),
        loggia.update_task(&caller, task, TaskPatch::default()),
        loggia.delete_task(&caller, task),
        loggia.bootstrap(&plan("Harbour Works", ADA), true),
        loggia.rename_organization(operator, ORGANIZATION, OrganizationName::parse("P").expect("a name")),
        loggia.add_account(&account),
        loggia.add_account_member(ORGANIZATION, &account, ScopeRole::Member),
        loggia.add_member(operator, ORGANIZATION, ada()),
        loggia.update_member(operator, ORGANIZATION, user, MemberPatch::default()),
        loggia.erase_member(operator, ORGANIZATION, user),
        loggia.leave_organization(&caller, ORGANIZATION),
        loggia.invite(operator, ORGANIZATION, &invited),
        loggia.withdraw_invitation(operator, ORGANIZATION, invitation),
        loggia.resend_invitation(operator, ORGANIZATION, invitation),
        loggia.accept_invitation(&caller, &token),
        loggia.change_account(operator, user, AccountPatch::default()),
        loggia.close_organization(ORGANIZATION),
        loggia.delete_organization_step(ORGANIZATION, DeletionStep::FIRST, DELETION_ROWS),
        loggia.issue_key(Actor::Operator, user, new_key),
        loggia.revoke_key(Actor::Operator, None, key, Descendants::Revoke),
        loggia.create_organization(&caller, OrganizationName::parse("P").expect("a name")),
        loggia.create_own_key(&caller, own_key),
        loggia.revoke_own_key(&caller, key, Descendants::Revoke),
        loggia.rotate_own_key(&caller, key, Overlap::default()),
        loggia.issue_member_key(&caller, ORGANIZATION, user, member_key),
        loggia.revoke_member_key(&caller, ORGANIZATION, user, key, Descendants::Revoke),
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
async fn revisions_named_for_a_use_case_that_looks_at_none_are_not_ignored() {
    const LOOKING: usize = 8;
    const LOOKING_OPERATOR: usize = 2;
    let mut store = MockStore::new();
    store.expect_begin().times(LOOKING_OPERATOR).returning(|| Err(unavailable()));
    store.expect_begin_for().times(LOOKING - LOOKING_OPERATOR).returning(|_, _| Err(unavailable()));
    let outcomes = write_everything(&on(store).expecting(Expected::OneOf(vec![1]))).await;
    let begun = |outcome: &Result<(), StoreError>| matches!(outcome, Err(StoreError::Unavailable(_)));
    let refused = |outcome: &Result<(), StoreError>| matches!(outcome, Err(StoreError::Failed(_)));
    assert_eq!(outcomes.iter().filter(|outcome| begun(outcome)).count(), LOOKING);
    assert_eq!(outcomes.iter().filter(|outcome| refused(outcome)).count(), WRITING_USE_CASES - LOOKING);
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
    let added = on(store).add_account_member(ORGANIZATION, &new, ScopeRole::Admin).await;
    refused!(added, E::Store(StoreError::Contended(_)));
}

#[tokio::test]
async fn a_profile_that_changes_while_the_account_joins_is_contention() {
    let caller = Caller::trusted(UserId::from_uuid(NOBODY), Scope::Personal(UserId::from_uuid(NOBODY)));
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
    let joined = on(store).accept_invitation(&caller, &token).await;
    refused!(joined, InvitationError::Store(StoreError::Contended(_)));
}

#[tokio::test]
async fn without_randomness_nothing_is_written() {
    let mut secrets = MockSecrets::new();
    secrets.expect_entropy().times(1).returning(|| Err(unavailable()));
    let ports = Ports { secrets: Arc::new(secrets), ..loggia_testkit::memory() };
    let loggia = Loggia::new(ports);
    let made = loggia.bootstrap(&plan("Harbour Works", ADA), true).await;
    refused!(made, E::Store(StoreError::Unavailable(_)));
    assert!(!loggia.has_organizations().await.expect("an answer"), "the organization went with its key");
    assert_eq!(loggia.account_by_email(&ADA.email()).await.expect("an answer"), None);
}

#[tokio::test]
async fn views_that_are_away_are_told_as_that_and_never_as_an_answer() {
    let mut views = MockViews::new();
    views.expect_key_by_hash().times(1).returning(|_| Err(unavailable()));
    let caller = reading_from(views).authenticate(&KeySecret::from_entropy([1; 32])).await;
    refused!(caller, AuthenticationError::Store(StoreError::Unavailable(_)));

    let caller = Caller::trusted(UserId::from_uuid(NOBODY), Scope::Organization(ORGANIZATION));
    let mut views = MockViews::new();
    views.expect_role_in_scope().times(2).returning(|_, _| Err(unavailable()));
    views.expect_space().times(1).returning(|_, _, _| Err(contended()));
    let loggia = reading_from(views);
    let (choice, page) = (ScopeChoice::Default, first(9));
    let spaces =
        loggia.list_spaces(&caller, choice, &SpaceQuery::default(), Includes::default(), &page).await;
    refused!(spaces, SpaceError::Store(StoreError::Unavailable(_)));
    let projects = loggia.list_projects(&caller, choice, &ProjectQuery::default(), &page).await;
    refused!(projects, ProjectError::Store(StoreError::Unavailable(_)));
    // Contention of a read is not retried, since a read takes no locks.
    let space = loggia.space(&caller, SpaceId::from_uuid(NOBODY), Includes::default()).await;
    refused!(space, SpaceError::Store(StoreError::Contended(_)));

    let mut views = MockViews::new();
    views.expect_check_ready().times(1).returning(|| Err(unavailable()));
    refused!(reading_from(views).check_ready().await, StoreError::Unavailable(_));
}

#[tokio::test]
async fn a_caller_without_a_user_is_a_corrupt_store() {
    let loggia = Loggia::new(loggia_testkit::memory());
    let nobody = UserId::from_uuid(NOBODY);
    refused!(
        loggia.me(&Caller::trusted(nobody, Scope::Personal(nobody)), &PageRequest::FIRST).await,
        StoreError::Corrupt(_)
    );
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
