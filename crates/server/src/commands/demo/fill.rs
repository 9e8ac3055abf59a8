//! Creates the planned records, each with its use case and as a user who may create it.

use anyhow::{Context, bail};
use indicatif::{ProgressBar, ProgressStyle};
use loggia_domain::id::{OrganizationId, ProjectId, UserId};
use loggia_domain::key::Caller;
use loggia_domain::roster::{NewMembership, NewMemberships};
use loggia_domain::scope::{Scope, ScopeChoice};
use loggia_domain::service::{Bootstrap, Bootstrapped, Loggia, NewIdentity};
use loggia_domain::text::{KeyName, OrganizationName};

use super::plan::Plan;
use crate::commands::bootstrap::bootstrapped;

/// The result of filling an organization.
pub(super) struct Filled {
    /// The organization, its admin and the admin's key.
    pub(super) first: Bootstrapped,
    /// The number of memberships on rosters.
    pub(super) memberships: usize,
}

/// The use cases on two stores.
pub(super) struct Ways<'a> {
    /// Each unit of work has a transaction of its own. The admin is an account, which belongs to no organization, and another process may
    /// add the same one: then the unit of work is retried, which one in a shared transaction cannot be.
    pub(super) alone: &'a Loggia,
    /// Units of work share transactions, for records that no other process touches because the organization is new. Its own people are
    /// such records.
    pub(super) together: &'a Loggia,
}

/// Creates all records of the plan.
pub(super) async fn fill(ways: Ways<'_>, name: OrganizationName, plan: &Plan) -> anyhow::Result<Filled> {
    let progress = progress(plan.records());
    let first = bootstrapped(ways.alone.operator().bootstrap(&admin(name, plan)?, false).await?)?;
    progress.inc(1);
    let mut filling = Filling {
        ways,
        organization: first.organization.id,
        people: vec![first.member.user],
        projects: Vec::with_capacity(plan.projects.len()),
        memberships: 0,
        progress,
    };
    filling.add_people(plan).await?;
    for place in 0..plan.projects.len() {
        filling.add_project(plan, place).await.context("a project cannot be made")?;
    }
    filling.add_spaces(plan).await?;
    filling.progress.finish_and_clear();
    Ok(Filled { first, memberships: filling.memberships })
}

fn admin(name: OrganizationName, plan: &Plan) -> anyhow::Result<Bootstrap> {
    let admin = plan.people.first().context("nobody would be the admin")?;
    let NewIdentity::Person(email) = &admin.identity else { bail!("a machine would be the admin") };
    Ok(Bootstrap {
        organization: name,
        email: email.clone(),
        profile: admin.profile.clone(),
        key: KeyName::parse("demo")?,
        key_ends_unless_used: false,
    })
}

/// Returns a progress bar, which is drawn only if standard error is a terminal.
fn progress(records: usize) -> ProgressBar {
    let bar = ProgressBar::new(records as u64);
    match ProgressStyle::with_template("{bar:40} {pos}/{len} records, {eta} to go") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

struct Filling<'a> {
    ways: Ways<'a>,
    organization: OrganizationId,
    /// The people's ids, in the plan's order.
    people: Vec<UserId>,
    /// The projects' ids, in the plan's order.
    projects: Vec<ProjectId>,
    memberships: usize,
    progress: ProgressBar,
}

impl Filling<'_> {
    /// Returns a caller for a person of the organization, with everything that the person's role allows.
    fn caller(&self, person: usize) -> Caller {
        Caller::unchecked(self.people[person], Scope::Organization(self.organization))
    }

    async fn add_people(&mut self, plan: &Plan) -> anyhow::Result<()> {
        for person in plan.people.iter().skip(1) {
            let added = self.ways.together.operator().add_member(self.organization, person.clone()).await;
            self.people.push(added.context("a person cannot be added")?.user);
            self.progress.inc(1);
        }
        Ok(())
    }

    async fn add_project(&mut self, plan: &Plan, place: usize) -> anyhow::Result<()> {
        let project = &plan.projects[place];
        let creator = self.caller(project.creator);
        let id = self
            .ways
            .together
            .acting_as(&creator)
            .create_project(ScopeChoice::Default, project.new.clone())
            .await?
            .record
            .id;
        self.projects.push(id);
        self.memberships += 1 + project.others.len();
        if !project.others.is_empty() {
            let others = project
                .others
                .iter()
                .map(|(person, role)| NewMembership { user: self.people[*person], role: *role })
                .collect();
            self.ways.together.acting_as(&creator).add_to_roster(id, &NewMemberships::new(others)?).await?;
        }
        self.progress.inc(1);
        for task in &plan.tasks[place] {
            let mut new = task.new.clone();
            new.assignee = task.assignee.map(|person| self.people[person]);
            self.ways.together.acting_as(&self.caller(task.creator)).create_task(id, new).await?;
            self.progress.inc(1);
        }
        Ok(())
    }

    async fn add_spaces(&mut self, plan: &Plan) -> anyhow::Result<()> {
        for space in &plan.spaces {
            let mut new = space.new.clone();
            new.project = space.project.map(|project| self.projects[project]);
            let made = self
                .ways
                .together
                .acting_as(&self.caller(space.creator))
                .create_space(ScopeChoice::Default, new)
                .await;
            made.context("a space cannot be made")?;
            self.progress.inc(1);
        }
        Ok(())
    }
}
