//! `loggia organizations delete`.

use anyhow::Context;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use loggia_domain::id::OrganizationId;
use loggia_domain::instant::Timestamp;
use loggia_domain::port::{DeletionStep, OrganizationExtent};
use loggia_domain::service::{DELETION_ROWS, DeletionError, Loggia};
use serde::Serialize;

use crate::commands::no_such_organization;
use crate::output;
use crate::usage_errors::UsageErrors;
use crate::wiring::Location;

/// The arguments of `loggia organizations delete`.
#[derive(Args, Debug)]
pub(crate) struct DeleteArgs {
    /// The organization's id, as `loggia organizations list` prints it
    #[arg(value_name = "ORGANIZATION_ID")]
    organization: String,
    /// Delete it; without this option, the command only prints what the deletion takes
    #[arg(long)]
    yes: bool,
    /// Print the counts and whether the organization was deleted as JSON instead of text
    #[arg(long)]
    json: bool,
}

/// A deletion with valid arguments.
#[derive(Debug)]
pub(crate) struct DeleteJob {
    organization: OrganizationId,
    yes: bool,
    json: bool,
}

/// The extent of the deletion, counted before its first step.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DeleteAnswer {
    organization_id: String,
    name: String,
    /// The time at which an interrupted deletion began.
    closed_at: Option<String>,
    members: u64,
    own_users: u64,
    keys: u64,
    invitations: u64,
    spaces: u64,
    projects: u64,
    tasks: u64,
    deleted: bool,
}

impl DeleteArgs {
    /// Checks the arguments.
    pub(super) fn check(&self, usage_errors: &mut UsageErrors) -> Option<DeleteJob> {
        let organization =
            usage_errors.check("ORGANIZATION_ID", OrganizationId::parse(&self.organization))?;
        Some(DeleteJob { organization, yes: self.yes, json: self.json })
    }
}

impl DeleteJob {
    /// Prints what the deletion takes, and deletes the organization if that is confirmed.
    pub(super) async fn run(self, loggia: &Loggia, location: &Location) -> anyhow::Result<()> {
        let extent = loggia.operator().organization_extent(self.organization).await?;
        let extent = extent.ok_or_else(|| no_such_organization(self.organization, location))?;
        if !self.json {
            output::result(described(&extent))?;
        }
        if self.yes {
            self.delete(loggia, &extent).await.context(
                "the organization is not deleted completely and stays closed; running the command again continues",
            )?;
        }
        let name = &extent.organization.name;
        match (self.json, self.yes) {
            (true, deleted) => output::json(&DeleteAnswer::new(&extent, deleted)),
            (false, true) => output::result(format_args!("{name} was deleted")),
            (false, false) => {
                output::notice(
                    "Nothing was deleted; repeat the command with --yes to delete all this for good.",
                );
                Ok(())
            }
        }
    }

    async fn delete(&self, loggia: &Loggia, extent: &OrganizationExtent) -> Result<(), DeletionError> {
        loggia.operator().close_organization(self.organization).await?;
        let bar = progress(extent);
        let mut step = DeletionStep::FIRST;
        loop {
            bar.set_message(step.as_str());
            let progress = match loggia
                .operator()
                .delete_organization_step(self.organization, step, DELETION_ROWS)
                .await
            {
                // Another run of the command has deleted the rest.
                Err(DeletionError::NotFound) => break,
                progress => progress?,
            };
            bar.inc(progress.rows);
            match progress.next {
                Some(next) => step = next,
                None => break,
            }
        }
        bar.finish_and_clear();
        Ok(())
    }
}

/// Returns a progress bar, which is drawn only if standard error is a terminal. The events and the memberships of rosters are not counted
/// beforehand, so the bar counts what is done and not what is left.
fn progress(extent: &OrganizationExtent) -> ProgressBar {
    let bar = ProgressBar::no_length();
    let name = extent.organization.name.to_string();
    match ProgressStyle::with_template("{spinner} {prefix}: {msg}, {pos} rows, {elapsed}") {
        Ok(style) => bar.with_style(style).with_prefix(name),
        Err(_) => bar,
    }
}

fn described(extent: &OrganizationExtent) -> String {
    let OrganizationExtent { organization, closed_at, members, own_users, keys, invitations, .. } = extent;
    let OrganizationExtent { spaces, projects, tasks, .. } = extent;
    let closed = match closed_at {
        None => String::new(),
        Some(at) => format!(
            "\nAn earlier deletion, begun at {}, was interrupted; this is what it left.",
            at.to_rfc3339()
        ),
    };
    format!(
        "Organization  {}  {}\n\nThe deletion takes {members} members, {own_users} of whom are people and machines of its own, {keys} \
         API keys, {invitations} invitations, {projects} projects, {tasks} tasks, {spaces} spaces, and all events.{closed}",
        organization.id, organization.name,
    )
}

impl DeleteAnswer {
    fn new(extent: &OrganizationExtent, deleted: bool) -> Self {
        Self {
            organization_id: extent.organization.id.to_string(),
            name: extent.organization.name.to_string(),
            closed_at: extent.closed_at.map(Timestamp::to_rfc3339),
            members: extent.members,
            own_users: extent.own_users,
            keys: extent.keys,
            invitations: extent.invitations,
            spaces: extent.spaces,
            projects: extent.projects,
            tasks: extent.tasks,
            deleted,
        }
    }
}
