//! Changes that are made only at an expected revision.

use loggia_domain::id::UserId;
use loggia_domain::key::Caller;
use loggia_domain::organization::Organization;
use loggia_domain::project::{Project, ProjectPatch};
use loggia_domain::revision::{Expected, Stale};
use loggia_domain::role::ScopeRole;
use loggia_domain::service::{Acting, OrganizationError, ProjectError, SpaceError, TaskError};
use loggia_domain::space::{Space, SpacePatch};
use loggia_domain::task::{NewTask, Task, TaskPatch};
use loggia_domain::text::{OrganizationName, PersonName, Username};
use loggia_domain::user::{Member, MemberPatch, MemberRefused};

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
        let project =
            loggia.acting_as(&house.ada).update_project(project.id, patch).await.expect("a change").record;
        let patch = SpacePatch { name: Some(space_name("Pier")), ..SpacePatch::default() };
        let space = loggia.acting_as(&house.ada).update_space(space.id, patch).await.expect("a change");
        let patch = TaskPatch { name: Some(task_name("Dig")), ..TaskPatch::default() };
        let task = loggia.acting_as(&house.ada).update_task(task.id, patch).await.expect("a change").task;
        let id = house.organization;
        let member =
            loggia.operator().update_member(id, house.grace.user, named("Amazing")).await.expect("a change");
        let name = OrganizationName::parse("Port Works").expect("a name");
        loggia.operator().rename_organization(id, name).await.expect("a change");
        house.forget_news().await;
        house.wait();
        Self { house, project, space, task, member }
    }

    /// Returns the stored records.
    async fn now(&self) -> (Project, Space, Task, Member, Organization) {
        let (loggia, ada, id) = (&self.house.loggia, &self.house.ada, self.house.organization);
        (
            loggia.acting_as(ada).project(self.project.id).await.expect("the project").record,
            self.house.space_now(self.space.id).await,
            self.house.task_now(self.task.id).await,
            loggia.acting_as(ada).member(id, self.member.user).await.expect("the member"),
            loggia.acting_as(ada).organization(id).await.expect("the organization").0,
        )
    }

    /// Runs every update, with a new name or with an empty patch. Returns the new revisions, or `Stale`.
    async fn update_all(
        &self,
        ada: &Acting<Expected>,
        name: Option<&str>,
    ) -> Vec<Result<u64, Option<Stale>>> {
        let id = self.house.organization;
        let patch = ProjectPatch { name: name.map(project_name), ..ProjectPatch::default() };
        let project = ada.update_project(self.project.id, patch).await;
        let patch = SpacePatch { name: name.map(space_name), ..SpacePatch::default() };
        let space = ada.update_space(self.space.id, patch).await;
        let patch = TaskPatch { name: name.map(task_name), ..TaskPatch::default() };
        let task = ada.update_task(self.task.id, patch).await;
        let patch = name.map_or_else(MemberPatch::default, named);
        let member = ada.update_member(id, self.member.user, patch).await;
        let name = name.map(|name| OrganizationName::parse(name).expect("a name"));
        let organization = ada.update_organization(id, name).await;
        vec![
            project.map(|view| view.record.revision).map_err(of_project),
            space.map(|space| space.revision).map_err(of_space),
            task.map(|view| view.task.revision).map_err(of_task),
            member.map(|member| member.revision).map_err(of_organization),
            organization.map(|organization| organization.revision).map_err(of_organization),
        ]
    }

    /// Runs every deletion, and the deactivation of the member last.
    async fn end_all(&self, ada: &Acting<Expected>) -> Vec<Result<u64, Option<Stale>>> {
        let id = self.house.organization;
        let task = ada.delete_task(self.task.id).await;
        let space = ada.delete_space(self.space.id).await;
        let project = ada.delete_project(self.project.id).await;
        let member = ada.update_member(id, self.member.user, out()).await;
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
async fn a_stale_change_is_refused_and_writes_no_event() {
    let berth = Berth::open().await;
    let before = berth.now().await;
    // Every record is at revision 2.
    for stale in [one_of(&[1]), one_of(&[]), one_of(&[3, 1, 0])] {
        let acting = berth.house.loggia.acting_as(&berth.house.ada).expecting(stale);
        // An empty patch is refused as well.
        for name in [Some("Mole"), None] {
            assert_eq!(berth.update_all(&acting, name).await, [Err(Some(Stale)); 5], "{name:?}");
        }
        assert_eq!(berth.end_all(&acting).await, [Err(Some(Stale)); 4]);
    }
    assert_eq!(berth.now().await, before);
    assert_eq!(berth.house.news().await, [""; 0]);
}

#[tokio::test]
async fn a_record_at_an_expected_revision_is_changed_and_its_revision_counted() {
    let berth = Berth::open().await;
    let acting = berth.house.loggia.acting_as(&berth.house.ada);
    assert_eq!(
        berth.update_all(&acting.expecting(one_of(&[7, 2])), None).await,
        [Ok(2); 5],
        "nothing changed"
    );
    assert_eq!(berth.house.news().await, [""; 0]);
    assert_eq!(berth.update_all(&acting.expecting(one_of(&[7, 2])), Some("Mole")).await, [Ok(3); 5]);
    assert_eq!(berth.house.news().await.len(), 5);
    assert_eq!(berth.update_all(&acting.expecting(one_of(&[2])), Some("Mole")).await, [Err(Some(Stale)); 5]);
    assert_eq!(berth.update_all(&acting.expecting(Expected::Any), Some("Jetty")).await, [Ok(4); 5]);
    assert_eq!(berth.end_all(&acting.expecting(one_of(&[4]))).await, [Ok(4), Ok(4), Ok(4), Ok(5)]);
}

#[tokio::test]
async fn a_stale_deactivation_leaves_the_member_on_the_rosters() {
    let berth = Berth::open().await;
    let (house, project) = (&berth.house, berth.project.id);
    let people = crate::support::batch(&[(house.grace.user, loggia_domain::role::RosterRole::Member)]);
    house.loggia.acting_as(&house.ada).add_to_roster(project, &people).await.expect("a membership");
    house.forget_news().await;
    let (id, grace) = (house.organization, house.grace.user);
    let stale = house.loggia.operator().expecting(one_of(&[1])).update_member(id, grace, out()).await;
    refused!(stale, OrganizationError::Stale(Stale));
    assert_eq!(house.news().await, [""; 0]);
    // The member is still on the roster, so the refused deactivation would have had an effect.
    let taken = house.loggia.acting_as(&house.ada).add_to_roster(project, &people).await;
    refused!(taken, loggia_domain::service::RosterError::AlreadyAMember { index: 0 });
}

#[tokio::test]
async fn every_other_refusal_precedes_that_of_a_stale_record() {
    let berth = Berth::open().await;
    let house = &berth.house;
    let stale = |caller: &Caller| house.loggia.acting_as(caller).expecting(one_of(&[1]));
    let operator = house.loggia.operator().expecting(one_of(&[1]));
    let (ada, edsger, alan) = (&house.ada, &house.edsger, &house.alan);

    let space = berth.space.id;
    refused!(stale(alan).delete_space(space).await, SpaceError::Denied(HIDDEN));
    refused!(stale(edsger).delete_space(space).await, SpaceError::Denied(ROLE));
    refused!(stale(edsger).update_space(space, SpacePatch::default()).await, SpaceError::Denied(ROLE));
    let nowhere = Some(Some(loggia_domain::id::ProjectId::from_uuid(NOBODY)));
    let linked = SpacePatch { project: nowhere, ..SpacePatch::default() };
    refused!(stale(ada).update_space(space, linked).await, SpaceError::UnknownProject);

    let project = berth.project.id;
    refused!(stale(edsger).delete_project(project).await, ProjectError::Denied(ROLE));
    let time = |text| Some(Some(loggia_testkit::builders::time(text)));
    let dates =
        ProjectPatch { start: time("2026-02-02"), end: time("2026-02-01"), ..ProjectPatch::default() };
    refused!(stale(ada).update_project(project, dates).await, ProjectError::Dates(_));

    let task = berth.task.id;
    let second = NewTask::named(task_name("Second"));
    let second = house.loggia.acting_as(ada).create_task(project, second).await.expect("a task").task;
    let taken = TaskPatch { outline: Some(second.outline), ..TaskPatch::default() };
    refused!(stale(ada).update_task(task, taken).await, TaskError::OutlineTaken);
    let stranger = TaskPatch { assignee: Some(Some(edsger.user)), ..TaskPatch::default() };
    refused!(stale(ada).update_task(task, stranger).await, TaskError::AssigneeNotOnRoster);
    refused!(stale(edsger).delete_task(task).await, TaskError::Denied(ROLE));

    let id = house.organization;
    let nobody = UserId::from_uuid(NOBODY);
    refused!(operator.update_member(id, nobody, out()).await, OrganizationError::UserNotFound);
    let short = |text| MemberPatch { username: Some(Username::parse(text).ok()), ..MemberPatch::default() };
    house.loggia.operator().update_member(id, edsger.user, short("ed")).await.expect("a change");
    let taken = operator.update_member(id, berth.member.user, short("ED")).await;
    refused!(taken, OrganizationError::UsernameTaken { index: 0 });
    house.deactivate(&house.barbara).await;
    let last = MemberPatch { role: Some(ScopeRole::Member), ..MemberPatch::default() };
    let last = operator.update_member(id, ada.user, last).await;
    refused!(last, OrganizationError::Refused(MemberRefused::LastAdmin(_)));
    let name = || OrganizationName::parse("Mole Works").expect("a name");
    let rename = stale(edsger).rename_organization(id, name()).await;
    refused!(rename, OrganizationError::Denied(ROLE));
}
