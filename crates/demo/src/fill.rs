//! Creates the planned records, each with its use case and as a user who may create it.

use std::convert::Infallible;
use std::time::Duration;

use anyhow::Context;
use futures_util::stream::{self, StreamExt, TryStreamExt};
use loggia_domain::id::{OrganizationId, ProjectId, UserId};
use loggia_domain::key::Caller;
use loggia_domain::roster::{NewMembership, NewMemberships};
use loggia_domain::scope::{Scope, ScopeChoice};
use loggia_domain::service::{Acting, Bootstrapped, Loggia, NewMember};
use tokio::sync::RwLock;
use tokio::time::sleep;

use crate::plan::Plan;
use crate::projects::ProjectPlan;
use crate::spaces::SpacePlan;

/// The time between two pauses.
const STRETCH: Duration = Duration::from_millis(250);
/// The pause in which no use case runs, so that other writers get the store: a process that waits for SQLite's lock polls it only now and
/// then.
const PAUSE: Duration = Duration::from_millis(20);

/// The numbers of use cases that run at the same time, so that their commits share the waits for the disk.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Use cases that number a record within the organization: people and projects. More than 1 gives the same numbers on each run only if
    /// the store begins units of work in the order in which they were requested.
    pub numbering: usize,
    /// All other use cases.
    pub others: usize,
}

/// Creates all records of the plan in the organization that [`Plan::bootstrap`] has created, and calls `on_record` after each.
///
/// Two runs of one plan give equal records with equal numbers; ids and times of creation differ.
///
/// # Errors
/// Fails if a use case fails. The records created so far remain.
pub async fn fill(
    loggia: &Loggia,
    first: &Bootstrapped,
    plan: &Plan,
    pace: Pace,
    on_record: &dyn Fn(),
) -> anyhow::Result<()> {
    let gate = RwLock::default();
    let filling = Filling { loggia, organization: first.organization.id, plan, pace, on_record, gate };
    on_record();
    tokio::select! {
        filled = filling.run(first.member.user) => filled,
        never = filling.pause_now_and_then() => match never {},
    }
}

struct Filling<'a> {
    loggia: &'a Loggia,
    organization: OrganizationId,
    plan: &'a Plan,
    pace: Pace,
    on_record: &'a dyn Fn(),
    /// Held for reading by each running use case, and for writing by a pause.
    gate: RwLock<()>,
}

impl Filling<'_> {
    async fn run(&self, admin: UserId) -> anyhow::Result<()> {
        let (plan, Pace { numbering, others }) = (self.plan, self.pace);
        let mut people = vec![admin];
        let added = stream::iter(plan.people.iter().skip(1)).map(|person| self.add_person(person));
        people.extend(added.buffered(numbering).try_collect::<Vec<_>>().await?);
        let people = &people;
        let made = stream::iter(&plan.projects).map(|project| self.add_project(project, people));
        let projects: Vec<_> = made.buffered(numbering).try_collect().await?;
        // The tasks of a project are created one after the other, which gives them their numbers.
        let tasks = stream::iter(projects.iter().enumerate().map(Ok));
        tasks.try_for_each_concurrent(others, |(index, id)| self.fill_project(index, *id, people)).await?;
        let spaces = stream::iter(plan.spaces.iter().map(Ok));
        spaces.try_for_each_concurrent(others, |space| self.add_space(space, people, &projects)).await
    }

    async fn pause_now_and_then(&self) -> Infallible {
        loop {
            sleep(STRETCH).await;
            let _nothing_runs = self.gate.write().await;
            sleep(PAUSE).await;
        }
    }

    /// Runs a use case, after a pause if there is one.
    async fn outside_of_pauses<T>(&self, use_case: impl Future<Output = T>) -> T {
        let _running = self.gate.read().await;
        use_case.await
    }

    /// Returns the use cases as a person of the organization, with everything that the person's role allows.
    fn acting_as(&self, person: UserId) -> Acting {
        self.loggia.acting_as(&Caller::unchecked(person, Scope::Organization(self.organization)))
    }

    async fn add_person(&self, person: &NewMember) -> anyhow::Result<UserId> {
        let operator = self.loggia.operator();
        let adding = operator.add_member(self.organization, person.clone());
        let added = self.outside_of_pauses(adding).await.context("a person cannot be added")?;
        (self.on_record)();
        Ok(added.user)
    }

    async fn add_project(&self, project: &ProjectPlan, people: &[UserId]) -> anyhow::Result<ProjectId> {
        let creator = self.acting_as(people[project.creator]);
        let making = creator.create_project(ScopeChoice::Default, project.new.clone());
        let made = self.outside_of_pauses(making).await.context("a project cannot be created")?;
        (self.on_record)();
        Ok(made.record.id)
    }

    /// Adds a project's people to its roster, and creates its tasks.
    async fn fill_project(&self, index: usize, id: ProjectId, people: &[UserId]) -> anyhow::Result<()> {
        let project = &self.plan.projects[index];
        if !project.others.is_empty() {
            let others = project.others.iter();
            let others = others.map(|(person, role)| NewMembership { user: people[*person], role: *role });
            let others = NewMemberships::new(others.collect())?;
            let creator = self.acting_as(people[project.creator]);
            let adding = creator.add_to_roster(id, &others);
            self.outside_of_pauses(adding).await.context("a roster cannot be filled")?;
        }
        for task in &self.plan.tasks[index] {
            let mut new = task.new.clone();
            new.assignee = task.assignee.map(|person| people[person]);
            let creator = self.acting_as(people[task.creator]);
            let making = creator.create_task(id, new);
            self.outside_of_pauses(making).await.context("a task cannot be created")?;
            (self.on_record)();
        }
        Ok(())
    }

    async fn add_space(
        &self,
        space: &SpacePlan,
        people: &[UserId],
        projects: &[ProjectId],
    ) -> anyhow::Result<()> {
        let mut new = space.new.clone();
        new.project = space.project.map(|project| projects[project]);
        let creator = self.acting_as(people[space.creator]);
        let making = creator.create_space(ScopeChoice::Default, new);
        self.outside_of_pauses(making).await.context("a space cannot be created")?;
        (self.on_record)();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use loggia_domain::page::{PageRequest, ProjectQuery};
    use loggia_domain::text::OrganizationName;

    use super::*;
    use crate::plan::Figures;

    #[tokio::test]
    async fn every_record_is_reported_and_projects_are_numbered_as_planned() {
        let plan = Plan::new(1, Figures { people: 6, projects: 20, tasks: 90, spaces: 9 }).expect("a plan");
        let loggia = Loggia::on_ports(loggia_testkit::memory()).build();
        let name = OrganizationName::parse("Harbour Works").expect("a name");
        let bootstrap = plan.bootstrap(name).expect("a bootstrap");
        let first = loggia
            .operator()
            .bootstrap(&bootstrap, false)
            .await
            .expect("an organization")
            .expect("a new one");
        let records = Cell::new(0);
        let pace = Pace { numbering: 8, others: 8 };
        let filled = fill(&loggia, &first, &plan, pace, &|| records.set(records.get() + 1)).await;
        filled.expect("a full organization");
        assert_eq!(records.get(), plan.records());
        let caller = Caller::unchecked(first.member.user, Scope::Organization(first.organization.id));
        let (query, page) = (ProjectQuery::default(), PageRequest::FIRST);
        let projects = loggia.acting_as(&caller).list_projects(ScopeChoice::Default, &query, &page).await;
        let mut projects = projects.expect("projects").items;
        projects.sort_by_key(|project| project.record.number);
        let names = projects.iter().map(|project| &project.record.name);
        assert!(names.eq(plan.projects.iter().map(|project| &project.new.name)));
    }
}
