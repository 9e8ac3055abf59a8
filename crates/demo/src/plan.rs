//! The plan of a demo: all of its records, before any of them is created.

use anyhow::{Context, bail};
use loggia_domain::role::ScopeRole;
use loggia_domain::service::{Bootstrap, NewIdentity, NewMember};
use loggia_domain::text::{KeyName, OrganizationName};

use crate::people::person;
use crate::projects::{ProjectPlan, project};
use crate::random::Random;
use crate::spaces::{SpacePlan, space};
use crate::tasks::{TaskPlan, shares, tasks};

/// The numbers of records to create.
#[derive(Clone, Copy, Debug)]
pub struct Figures {
    /// People, at least 1.
    pub people: usize,
    /// Projects.
    pub projects: usize,
    /// Tasks, in all projects together.
    pub tasks: usize,
    /// Spaces.
    pub spaces: usize,
}

/// All records of a demo. People and projects are referred to by their positions in the plan.
#[derive(Debug)]
pub struct Plan {
    /// The people. The first one is the admin.
    pub people: Vec<NewMember>,
    /// The projects.
    pub projects: Vec<ProjectPlan>,
    /// The tasks of each project, in the projects' order.
    pub tasks: Vec<Vec<TaskPlan>>,
    /// The spaces.
    pub spaces: Vec<SpacePlan>,
}

impl Plan {
    /// Makes a plan. The same seed and figures give the same plan.
    ///
    /// # Errors
    /// Fails if a made-up text breaks a rule of the domain, which is a bug.
    pub fn new(seed: u64, figures: Figures) -> anyhow::Result<Self> {
        let mut random = Random::new(seed);
        let people =
            (0..figures.people).map(|nth| person(nth, &mut random)).collect::<anyhow::Result<Vec<_>>>()?;
        let those = |wanted: &dyn Fn(ScopeRole) -> bool| -> Vec<usize> {
            (0..people.len()).filter(|nth| wanted(people[*nth].role)).collect()
        };
        let admins = those(&|role| role == ScopeRole::Admin);
        let workers = those(&|role| role != ScopeRole::Viewer);
        let projects = (0..figures.projects)
            .map(|nth| project(nth, &admins, &workers, &mut random))
            .collect::<anyhow::Result<Vec<_>>>()?;
        let shares = shares(figures.tasks, figures.projects, &mut random);
        let tasks = projects
            .iter()
            .zip(shares)
            .map(|(project, count)| tasks(count, project, &mut random))
            .collect::<anyhow::Result<Vec<_>>>()?;
        let spaces = (0..figures.spaces)
            .map(|nth| space(nth, &projects, &workers, &mut random))
            .collect::<anyhow::Result<Vec<_>>>()?;
        Ok(Self { people, projects, tasks, spaces })
    }

    /// Returns the organization to create the records in, with the first person as its admin.
    ///
    /// # Errors
    /// Fails if the plan has no such person.
    pub fn bootstrap(&self, organization: OrganizationName) -> anyhow::Result<Bootstrap> {
        let admin = self.people.first().context("nobody would be the admin")?;
        let NewIdentity::Person(email) = &admin.identity else { bail!("a machine would be the admin") };
        Ok(Bootstrap {
            organization,
            email: email.clone(),
            profile: admin.profile.clone(),
            key: KeyName::parse("demo")?,
            key_ends_unless_used: false,
        })
    }

    /// Returns the number of memberships on the rosters of all projects.
    pub fn memberships(&self) -> usize {
        self.projects.iter().map(|project| 1 + project.others.len()).sum()
    }

    /// Returns the number of records, for a progress bar. Memberships do not count.
    pub fn records(&self) -> usize {
        let tasks: usize = self.tasks.iter().map(Vec::len).sum();
        self.people.len() + self.projects.len() + tasks + self.spaces.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIGURES: Figures = Figures { people: 50, projects: 100, tasks: 2_000, spaces: 50 };

    #[test]
    fn the_same_seed_gives_the_same_plan() {
        let plan = |seed| format!("{:?}", Plan::new(seed, FIGURES).expect("a plan"));
        assert_eq!(plan(1), plan(1));
        assert_ne!(plan(1), plan(2));
    }

    #[test]
    fn the_plan_has_exactly_the_requested_records() {
        let plan = Plan::new(1, FIGURES).expect("a plan");
        assert_eq!((plan.people.len(), plan.projects.len(), plan.spaces.len()), (50, 100, 50));
        assert_eq!(plan.records(), 50 + 100 + 2_000 + 50);
    }

    #[test]
    fn a_single_person_is_the_whole_roster_of_every_project() {
        let plan = Plan::new(1, Figures { people: 1, projects: 3, tasks: 9, spaces: 4 }).expect("a plan");
        assert!(plan.projects.iter().all(|project| project.roster() == [0]));
    }
}
