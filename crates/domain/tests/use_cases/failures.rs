//! Use cases on a store that fails: the error is returned, no event is reported as written, and only contention is retried.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use loggia_domain::account::AccountPatch;
use loggia_domain::event::Actor;
use loggia_domain::id::{InvitationId, KeyId, OrganizationId, ProjectId, SpaceId, TaskId, UserId};
use loggia_domain::invitation::{InvitationToken, InvitedProjects};
use loggia_domain::key::{Ability, Caller, Descendants, KeyHash, KeySecret, Overlap};
use loggia_domain::organization::Organization;
use loggia_domain::page::{PageRequest, ProjectQuery, SpaceQuery};
use loggia_domain::port::{DeletionStep, Includes, Inserted, Ports, Secrets, StoreError};
use loggia_domain::project::{NewProject, ProjectPatch};
use loggia_domain::revision::Expected;
use loggia_domain::role::{RosterRole, ScopeRole};
use loggia_domain::scope::{Reach, Scope, ScopeChoice};
use loggia_domain::service::{
    AuthenticationError, Authority, DELETION_ROWS, DeletionError, InvitationError, KeyError, Loggia,
    NewAccount, NewInvitation, NewInvitations, NewKey, NewMember, NewMemberKey, OrganizationError,
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
    Loggia::new(intercept::store(loggia_testkit::memory(), calls.clone()))
}

fn reading_from(calls: &Arc<Recorder>) -> Loggia {
    Loggia::new(intercept::views(loggia_testkit::memory(), calls.clone()))
}

fn ada() -> NewMember {
    NewMember::person(ADA.email(), ADA.profile(), ScopeRole::Member)
}

/// The calls of a use case in which the operator renames an organization, up to its commit.
const RENAMING: [&str; 5] = ["begin", "lock_any_organization", "update_organization", "append", "commit"];

async fn rename(calls: &Arc<Recorder>) -> Result<Organization, E> {
    let house = House::open().await;
    let name = OrganizationName::parse("Port Works").expect("a name");
    house.behind(calls.clone()).rename_organization(Authority::Operator, house.organization, name).await
}

#[tokio::test]
async fn a_commit_that_fails_is_told_as_it_failed_and_not_tried_again() {
    for error in [unavailable as fn() -> StoreError, outcome_unknown, corrupt, failed] {
        let calls = Arc::new(failing_at("commit", error));
        let outcome = rename(&calls).await;
        let Err(E::Store(told)) = outcome else { panic!("told as done: {outcome:?}") };
        assert_eq!(std::mem::discriminant(&told), std::mem::discriminant(&error()), "{told:?}");
        assert_eq!(calls.take(), RENAMING);
    }
}

#[tokio::test]
async fn contention_is_tried_again_from_the_beginning() {
    let calls = Arc::new(
        Recorder::new()
            .failing(|call, nth| if (call, nth) == ("commit", 1) { Err(contended()) } else { Ok(()) }),
    );
    let renamed = rename(&calls).await.expect("the second try");
    assert_eq!((renamed.name.as_str(), renamed.revision), ("Port Works", 2), "changed once, not twice");
    assert_eq!(calls.take(), [RENAMING; 2].concat());
}

#[tokio::test]
async fn contention_that_lasts_is_given_up() {
    let calls = Arc::new(failing_at("commit", contended));
    refused!(rename(&calls).await, E::Store(StoreError::Contended(_)));
    assert_eq!(calls.take(), [RENAMING; 4].concat());
}

#[tokio::test]
async fn where_the_event_cannot_be_written_nothing_is_committed() {
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
async fn every_write_tells_that_the_store_is_away_at_once() {
    let calls = never_begun(unavailable);
    let outcomes = write_everything(&on(&calls)).await;
    assert_eq!(outcomes.len(), WRITING_USE_CASES);
    for outcome in outcomes {
        refused!(outcome, StoreError::Unavailable(_));
    }
    assert_eq!(begun(&calls), [OF_THE_OPERATOR, WRITING_USE_CASES - OF_THE_OPERATOR]);
}

#[tokio::test]
async fn every_write_is_tried_a_few_times_when_others_are_in_its_way() {
    let calls = never_begun(contended);
    for outcome in write_everything(&on(&calls)).await {
        refused!(outcome, StoreError::Contended(_));
    }
    assert_eq!(begun(&calls), [4 * OF_THE_OPERATOR, 4 * (WRITING_USE_CASES - OF_THE_OPERATOR)]);
}

#[tokio::test]
async fn revisions_named_for_a_use_case_that_looks_at_none_are_not_ignored() {
    const LOOKING: usize = 8;
    const LOOKING_OPERATOR: usize = 2;
    let calls = never_begun(unavailable);
    let outcomes = write_everything(&on(&calls).expecting(Expected::OneOf(vec![1]))).await;
    let is_begun = |outcome: &Result<(), StoreError>| matches!(outcome, Err(StoreError::Unavailable(_)));
    let is_refused = |outcome: &Result<(), StoreError>| matches!(outcome, Err(StoreError::Failed(_)));
    assert_eq!(outcomes.iter().filter(|outcome| is_begun(outcome)).count(), LOOKING);
    assert_eq!(outcomes.iter().filter(|outcome| is_refused(outcome)).count(), WRITING_USE_CASES - LOOKING);
    assert_eq!(begun(&calls), [LOOKING_OPERATOR, LOOKING - LOOKING_OPERATOR]);
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
    let added = adding.add_account_member(house.organization, &new, ScopeRole::Admin).await;
    refused!(added, E::Store(StoreError::Contended(_)));
    let attempt = ["begin", "lock_any_organization", "account_by_email", "insert_user"];
    assert_eq!(calls.take(), [attempt; 4].concat());
}

#[tokio::test]
async fn a_profile_that_changes_while_the_account_joins_is_contention() {
    let house = House::open().await;
    let projects = InvitedProjects::default();
    let new = NewInvitation { email: ALAN.email(), role: ScopeRole::Admin, projects };
    let invited = house.loggia.invite(Authority::Operator, house.organization, &new.into()).await;
    let token = invited.expect("an invitation").remove(0).token;
    let calls = Arc::new(Recorder::new().changing(|_, number, answer| {
        for member in answer.downcast_mut::<Vec<Member>>().into_iter().flatten() {
            member.revision = number as u64;
        }
    }));
    let joined = house.behind(calls.clone()).accept_invitation(&house.alan, &token).await;
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

/// A machine without randomness.
#[derive(Default)]
struct NoRandomness(AtomicUsize);

impl Secrets for NoRandomness {
    fn entropy(&self) -> Result<[u8; 32], StoreError> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Err(unavailable())
    }

    fn digest(&self, _: &str) -> KeyHash {
        unreachable!("nothing is there to be digested")
    }
}

#[tokio::test]
async fn without_randomness_nothing_is_written() {
    let secrets = Arc::new(NoRandomness::default());
    let loggia = Loggia::new(Ports { secrets: secrets.clone(), ..loggia_testkit::memory() });
    let made = loggia.bootstrap(&plan("Harbour Works", ADA), true).await;
    refused!(made, E::Store(StoreError::Unavailable(_)));
    assert!(!loggia.has_organizations().await.expect("an answer"), "the organization went with its key");
    assert_eq!(loggia.account_by_email(&ADA.email()).await.expect("an answer"), None);
    assert_eq!(secrets.0.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn views_that_are_away_are_told_as_that_and_never_as_an_answer() {
    let calls = Arc::new(Recorder::new().failing(|call, _| match call {
        "space" => Err(contended()),
        _ => Err(unavailable()),
    }));
    let loggia = reading_from(&calls);
    let caller = loggia.authenticate(&KeySecret::from_entropy([1; 32])).await;
    refused!(caller, AuthenticationError::Store(StoreError::Unavailable(_)));

    let caller = Caller::trusted(UserId::from_uuid(NOBODY), Scope::Organization(ORGANIZATION));
    let (choice, page) = (ScopeChoice::Default, first(9));
    let spaces =
        loggia.list_spaces(&caller, choice, &SpaceQuery::default(), Includes::default(), &page).await;
    refused!(spaces, SpaceError::Store(StoreError::Unavailable(_)));
    let projects = loggia.list_projects(&caller, choice, &ProjectQuery::default(), &page).await;
    refused!(projects, ProjectError::Store(StoreError::Unavailable(_)));
    // Contention of a read is not retried, since a read takes no locks.
    let space = loggia.space(&caller, SpaceId::from_uuid(NOBODY), Includes::default()).await;
    refused!(space, SpaceError::Store(StoreError::Contended(_)));

    refused!(loggia.check_ready().await, StoreError::Unavailable(_));
    assert_eq!(calls.take(), ["key_by_hash", "role_in_scope", "role_in_scope", "space", "check_ready"]);
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
