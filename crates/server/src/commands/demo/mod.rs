//! `loggia demo`: fills an organization with made-up data, to try the service and to measure it.

#[cfg(test)]
mod tests;

use std::time::Instant;

use anyhow::Context;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use loggia_demo::{Figures, Plan, fill};
use loggia_domain::service::Bootstrapped;
use loggia_domain::text::{EmailAddress, OrganizationName};
use serde::Serialize;

use crate::commands::bootstrap::bootstrapped;
use crate::output;
use crate::settings::Settings;
use crate::usage_errors::UsageErrors;
use crate::wiring::OpenStore;

/// The arguments of `loggia demo`.
#[derive(Args, Debug)]
pub(crate) struct DemoArgs {
    /// The organization's name; each run makes a new one
    #[arg(long, value_name = "NAME", default_value = "Harbour Works")]
    organization_name: String,
    /// Number of people; the first one is the admin and has an account
    #[arg(long, value_name = "NUMBER", default_value = "50")]
    people: String,
    /// Number of projects
    #[arg(long, value_name = "NUMBER", default_value = "1000")]
    projects: String,
    /// Number of tasks, in all projects together
    #[arg(long, value_name = "NUMBER", default_value = "20000")]
    tasks: String,
    /// Number of spaces
    #[arg(long, value_name = "NUMBER", default_value = "500")]
    spaces: String,
    /// Seed of the random numbers: the same seed and numbers give the same data
    #[arg(long, value_name = "NUMBER", default_value = "1")]
    seed: String,
    /// Print the ids, the key, the counts and the duration as JSON instead of text
    #[arg(long)]
    json: bool,
}

/// A demo with valid arguments.
#[derive(Debug)]
pub(crate) struct DemoJob {
    name: OrganizationName,
    figures: Figures,
    seed: u64,
    json: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DemoAnswer<'a> {
    organization_id: String,
    user_id: String,
    email: &'a str,
    api_key: &'a str,
    people: usize,
    projects: usize,
    memberships: usize,
    tasks: usize,
    spaces: usize,
    seed: u64,
    seconds: f64,
}

/// The maximum number of people. No use of the demo needs more.
const MOST_PEOPLE: usize = 5_000;
const MOST_RECORDS: usize = 1_000_000;

#[derive(Debug, thiserror::Error)]
#[error("must be a whole number from {least} to {most}")]
struct OutOfRange {
    least: usize,
    most: usize,
}

fn figure(text: &str, least: usize, most: usize) -> Result<usize, OutOfRange> {
    text.parse().ok().filter(|number| (least..=most).contains(number)).ok_or(OutOfRange { least, most })
}

impl DemoArgs {
    /// Checks the arguments.
    pub(crate) fn check(&self, usage_errors: &mut UsageErrors) -> Option<DemoJob> {
        let name =
            usage_errors.check("--organization-name", OrganizationName::parse(&self.organization_name));
        let people = usage_errors.check("--people", figure(&self.people, 1, MOST_PEOPLE));
        let projects = usage_errors.check("--projects", figure(&self.projects, 0, MOST_RECORDS));
        // A task needs a project.
        let most_tasks = if projects == Some(0) { 0 } else { MOST_RECORDS };
        let tasks = usage_errors.check("--tasks", figure(&self.tasks, 0, most_tasks));
        let spaces = usage_errors.check("--spaces", figure(&self.spaces, 0, MOST_RECORDS));
        let seed =
            usage_errors.check("--seed", self.seed.parse().map_err(|_| "must be a whole number from 0"));
        let figures = Figures { people: people?, projects: projects?, tasks: tasks?, spaces: spaces? };
        Some(DemoJob { name: name?, figures, seed: seed?, json: self.json })
    }
}

impl DemoJob {
    /// Creates all records.
    pub(crate) async fn run(self, settings: &Settings) -> anyhow::Result<()> {
        let began = Instant::now();
        let plan = Plan::new(self.seed, self.figures)?;
        let open = OpenStore::prepare(&settings.database).await?;
        let first = create(&open, self.name.clone(), &plan).await.context(
            "the demo failed before it was complete; the records created so far remain, and another run creates another organization",
        )?;
        self.report(&first, plan.memberships(), began.elapsed().as_secs_f64())?;
        open.close().await;
        Ok(())
    }

    fn report(&self, first: &Bootstrapped, memberships: usize, seconds: f64) -> anyhow::Result<()> {
        let Figures { people, projects, tasks, spaces } = self.figures;
        let answer = DemoAnswer {
            organization_id: first.organization.id.to_string(),
            user_id: first.member.user.to_string(),
            email: first.member.email.as_ref().map(EmailAddress::as_str).unwrap_or_default(),
            api_key: first.issued.secret.expose(),
            people,
            projects,
            memberships,
            tasks,
            spaces,
            seed: self.seed,
            seconds: (seconds * 1_000.0).round() / 1_000.0,
        };
        if self.json {
            return output::json(&answer);
        }
        output::result(format_args!(
            "Organization  {}  {}\nAdmin         {}  {}\nAPI key       {}\n\n{people} people, {projects} projects with {memberships} \
             memberships, {tasks} tasks and {spaces} spaces in {seconds:.1} seconds.\nThe key is shown only once and is not stored.",
            answer.organization_id, first.organization.name, answer.user_id, answer.email, answer.api_key,
        ))
    }
}

/// Creates an organization and the planned records in it.
async fn create(open: &OpenStore, name: OrganizationName, plan: &Plan) -> anyhow::Result<Bootstrapped> {
    let (loggia, progress) = (open.loggia(), progress(plan.records()));
    let first = bootstrapped(loggia.operator().bootstrap(&plan.bootstrap(name)?, false).await?)?;
    fill(&loggia, &first, plan, open.pace(), &|| progress.inc(1)).await?;
    progress.finish_and_clear();
    Ok(first)
}

/// Returns a progress bar, which is drawn only if standard error is a terminal.
fn progress(records: usize) -> ProgressBar {
    let bar = ProgressBar::new(records as u64);
    match ProgressStyle::with_template("{bar:40} {pos}/{len} records, {eta} to go") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
