//! Changes that are made only at an expected revision.

use loggia_domain::id::{KeyId, UserId};
use loggia_domain::organization::Organization;
use loggia_domain::port::StoreError;
use loggia_domain::project::{Project, ProjectPatch};
use loggia_domain::revision::{Expected, Stale};
use loggia_domain::role::ScopeRole;
use loggia_domain::scope::ScopeChoice;
use loggia_domain::service::{Authority, Loggia, OrganizationError, ProjectError, SpaceError, TaskError};
use loggia_domain::space::{NewSpace, Space, SpacePatch};
use loggia_domain::task::{NewTask, Task, TaskPatch};
use loggia_domain::text::{OrganizationName, PersonName, Username};
use loggia_domain::user::{Member, MemberPatch, MemberRefused};
use uuid::Uuid;

use crate::support::{HIDDEN, House, NOBODY, ROLE, out, project_name, space_name, task_name};

/// Harbour Works with one record of each kind that has a revision, each of them changed once.
struct Berth {
    house: House,
    project: Project,
    space: Space,
    task: Task,
    member: Member,
}

impl Berth {
    async fn open() -> Self {
        let house = House::of_own_people().await;
        let (project, space) = (house.project("Harbour").await, house.space("Quay", None).await);
        let task = house.task(&project, "Dredge", |_| ()).await;
        let loggia = &house.loggia;
        let patch = ProjectPatch { name: Some(project_name("Port")), ..ProjectPatch::default() };
        let project = loggia.update_project(&house.ada, project.id, patch).await.expect("a change").record;
        let patch = SpacePatch { name: Some(space_name("Pier")), ..SpacePatch::default() };
        let space = loggia.update_space(&house.ada, space.id, patch).await.expect("a change");
        let patch = TaskPatch { name: Some(task_name("Dig")), ..TaskPatch::default() };
        let task = loggia.update_task(&house.ada, task.id, patch).await.expect("a change").task;
        let (operator, id) = (Authority::Operator, house.organization);
        let member =
            loggia.update_member(operator, id, house.grace.user, named("Amazing")).await.expect("a change");
        let name = OrganizationName::parse("Port Works").expect("a name");
        loggia.rename_organization(operator, id, name).await.expect("a change");
        house.forget_news().await;
        house.wait();
        Self { house, project, space, task, member }
    }

    /// Returns the stored records.
    async fn now(&self) -> (Project, Space, Task, Member, Organization) {
        let (loggia, ada, id) = (&self.house.loggia, &self.house.ada, self.house.organization);
        (
            loggia.project(ada, self.project.id).await.expect("the project").record,
            self.house.space_now(self.space.id).await,
            self.house.task_now(self.task.id).await,
            loggia.member(ada, id, self.member.user).await.expect("the member"),
            loggia.organization(ada, id).await.expect("the organization").0,
        )
    }

    /// Runs every update, with a new name or with an empty patch. Returns the new revisions, or `Stale`.
    async fn update_all(&self, loggia: &Loggia, name: Option<&str>) -> Vec<Result<u64, Option<Stale>>> {
        let (ada, id) = (&self.house.ada, self.house.organization);
        let patch = ProjectPatch { name: name.map(project_name), ..ProjectPatch::default() };
        let project = loggia.update_project(ada, self.project.id, patch).await;
        let patch = SpacePatch { name: name.map(space_name), ..SpacePatch::default() };
        let space = loggia.update_space(ada, self.space.id, patch).await;
        let patch = TaskPatch { name: name.map(task_name), ..TaskPatch::default() };
        let task = loggia.update_task(ada, self.task.id, patch).await;
        let patch = name.map_or_else(MemberPatch::default, named);
        let member = loggia.update_member(Authority::Caller(ada), id, self.member.user, patch).await;
        let name = name.map(|name| OrganizationName::parse(name).expect("a name"));
        let organization = loggia.update_organization(Authority::Caller(ada), id, name).await;
        vec![
            project.map(|view| view.record.revision).map_err(of_project),
            space.map(|space| space.revision).map_err(of_space),
            task.map(|view| view.task.revision).map_err(of_task),
            member.map(|member| member.revision).map_err(of_organization),
            organization.map(|organization| organization.revision).map_err(of_organization),
        ]
    }

    /// Runs every deletion, and the deactivation of the member last.
    async fn end_all(&self, loggia: &Loggia) -> Vec<Result<u64, Option<Stale>>> {
        let (ada, id) = (&self.house.ada, self.house.organization);
        let task = loggia.delete_task(ada, self.task.id).await;
        let space = loggia.delete_space(ada, self.space.id).await;
        let project = loggia.delete_project(ada, self.project.id).await;
        let member = loggia.update_member(Authority::Caller(ada), id, self.member.user, out()).await;
        vec![
            task.map(|task| task.revision).map_err(of_task),
            space.map(|space| space.revision).map_err(of_space),
            project.map(|project| project.revision).map_err(of_project),
            member.map(|member| member.revision).map_err(of_organization),
        ]
    }
}

fn named(first: &str) -> MemberPatch {
    MemberPatch { first_name: PersonName::parse(first).ok(), ..MemberPatch::default() }
}

fn one_of(revisions: &[u64]) -> Expected {
    Expected::OneOf(revisions.to_vec())
}

macro_rules! whether_stale {
    ($($name:ident($family:ident)),+) => {$(
        fn $name(error: $family) -> Option<Stale> {
            match error {
                $family::Stale(stale) => Some(stale),
                other => panic!("not that it is stale: {other:?}"),
            }
        }
    )+};
}
whether_stale!(
    of_project(ProjectError),
    of_space(SpaceError),
    of_task(TaskError),
    of_organization(OrganizationError)
);

#[tokio::test]
async fn what_was_changed_since_is_not_changed_and_nothing_is_told() {
    let berth = Berth::open().await;
    let before = berth.now().await;
    // Every record is at revision 2.
    for stale in [one_of(&[1]), one_of(&[]), one_of(&[3, 1, 0])] {
        let loggia = berth.house.loggia.expecting(stale);
        // An empty patch is refused as well.
        for name in [Some("Mole"), None] {
            assert_eq!(berth.update_all(&loggia, name).await, [Err(Some(Stale)); 5], "{name:?}");
        }
        assert_eq!(berth.end_all(&loggia).await, [Err(Some(Stale)); 4]);
    }
    assert_eq!(berth.now().await, before);
    assert_eq!(berth.house.news().await, [""; 0]);
}

#[tokio::test]
async fn what_is_as_expected_is_changed_and_counted() {
    let berth = Berth::open().await;
    let loggia = &berth.house.loggia;
    assert_eq!(
        berth.update_all(&loggia.expecting(one_of(&[7, 2])), None).await,
        [Ok(2); 5],
        "nothing changed"
    );
    assert_eq!(berth.house.news().await, [""; 0]);
    assert_eq!(berth.update_all(&loggia.expecting(one_of(&[7, 2])), Some("Mole")).await, [Ok(3); 5]);
    assert_eq!(berth.house.news().await.len(), 5);
    assert_eq!(berth.update_all(&loggia.expecting(one_of(&[2])), Some("Mole")).await, [Err(Some(Stale)); 5]);
    assert_eq!(berth.update_all(&loggia.expecting(Expected::Any), Some("Jetty")).await, [Ok(4); 5]);
    assert_eq!(berth.end_all(&loggia.expecting(one_of(&[4]))).await, [Ok(4), Ok(4), Ok(4), Ok(5)]);
}

#[tokio::test]
async fn a_member_that_was_put_out_of_the_rosters_is_not_if_they_had_changed() {
    let berth = Berth::open().await;
    let (house, project) = (&berth.house, berth.project.id);
    let people = crate::support::batch(&[(house.grace.user, loggia_domain::role::RosterRole::Member)]);
    house.loggia.add_to_roster(&house.ada, project, &people).await.expect("a place");
    house.forget_news().await;
    let (operator, id, grace) = (Authority::Operator, house.organization, house.grace.user);
    let stale = house.loggia.expecting(one_of(&[1])).update_member(operator, id, grace, out()).await;
    refused!(stale, OrganizationError::Stale(Stale));
    assert_eq!(house.news().await, [""; 0]);
    // The member is still on the roster, so the refused deactivation would have had an effect.
    let taken = house.loggia.add_to_roster(&house.ada, project, &people).await;
    refused!(taken, loggia_domain::service::RosterError::AlreadyAMember { index: 0 });
}

#[tokio::test]
async fn every_other_refusal_comes_before_that_of_what_is_stale() {
    let berth = Berth::open().await;
    let (house, stale) = (&berth.house, berth.house.loggia.expecting(one_of(&[1])));
    let (ada, edsger, alan) = (&house.ada, &house.edsger, &house.alan);

    let space = berth.space.id;
    refused!(stale.delete_space(alan, space).await, SpaceError::Denied(HIDDEN));
    refused!(stale.delete_space(edsger, space).await, SpaceError::Denied(ROLE));
    refused!(stale.update_space(edsger, space, SpacePatch::default()).await, SpaceError::Denied(ROLE));
    let nowhere = Some(Some(loggia_domain::id::ProjectId::from_uuid(NOBODY)));
    let linked = SpacePatch { project: nowhere, ..SpacePatch::default() };
    refused!(stale.update_space(ada, space, linked).await, SpaceError::UnknownProject);

    let project = berth.project.id;
    refused!(stale.delete_project(edsger, project).await, ProjectError::Denied(ROLE));
    let time = |text| Some(Some(loggia_testkit::builders::time(text)));
    let dates =
        ProjectPatch { start: time("2026-02-02"), end: time("2026-02-01"), ..ProjectPatch::default() };
    refused!(stale.update_project(ada, project, dates).await, ProjectError::Dates(_));

    let task = berth.task.id;
    let second = NewTask::named(task_name("Second"));
    let second = house.loggia.create_task(ada, project, second).await.expect("a task").task;
    let taken = TaskPatch { outline: Some(second.outline), ..TaskPatch::default() };
    refused!(stale.update_task(ada, task, taken).await, TaskError::OutlineTaken);
    let stranger = TaskPatch { assignee: Some(Some(edsger.user)), ..TaskPatch::default() };
    refused!(stale.update_task(ada, task, stranger).await, TaskError::AssigneeNotOnRoster);
    refused!(stale.delete_task(edsger, task).await, TaskError::Denied(ROLE));

    let (operator, id) = (Authority::Operator, house.organization);
    let nobody = UserId::from_uuid(NOBODY);
    refused!(stale.update_member(operator, id, nobody, out()).await, OrganizationError::UserNotFound);
    let short = |text| MemberPatch { username: Some(Username::parse(text).ok()), ..MemberPatch::default() };
    house.loggia.update_member(operator, id, edsger.user, short("ed")).await.expect("a change");
    let taken = stale.update_member(operator, id, berth.member.user, short("ED")).await;
    refused!(taken, OrganizationError::UsernameTaken { index: 0 });
    house.deactivate(&house.barbara).await;
    let last = MemberPatch { role: Some(ScopeRole::Member), ..MemberPatch::default() };
    let last = stale.update_member(operator, id, ada.user, last).await;
    refused!(last, OrganizationError::Refused(MemberRefused::LastAdmin(_)));
    let name = || OrganizationName::parse("Mole Works").expect("a name");
    let rename = stale.rename_organization(Authority::Caller(edsger), id, name()).await;
    refused!(rename, OrganizationError::Denied(ROLE));
}

/// The use cases that compare revisions are listed by `failures::revisions_named_for_a_use_case_that_looks_at_none_are_not_ignored`.
#[tokio::test]
async fn what_does_not_look_at_revisions_does_nothing_where_some_are_named() {
    let house = House::of_own_people().await;
    let named = house.loggia.expecting(one_of(&[1]));
    let made =
        named.create_space(&house.ada, ScopeChoice::Default, NewSpace::named(space_name("Quay"))).await;
    refused!(made, SpaceError::Store(StoreError::Failed(_)));
    refused!(named.touch_key(KeyId::from_uuid(Uuid::nil())).await, StoreError::Failed(_));
    refused!(named.forget_kept_answers(1).await, StoreError::Failed(_));
    assert_eq!(house.news().await, [""; 0]);
    // The original handle expects no revision.
    let made = house
        .loggia
        .create_space(&house.ada, ScopeChoice::Default, NewSpace::named(space_name("Quay")))
        .await;
    assert_eq!(made.expect("a space").revision, 1);
}
