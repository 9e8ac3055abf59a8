//! `loggia organizations`: lists organizations, and deletes one.

mod delete;
mod list;

use clap::Subcommand;
use delete::{DeleteArgs, DeleteJob};
use list::ListArgs;

use crate::settings::Settings;
use crate::usage_errors::UsageErrors;
use crate::wiring::OpenStore;

/// The commands for organizations.
#[derive(Debug, Subcommand)]
pub(crate) enum OrganizationsCommand {
    /// List all organizations, by id
    #[command(after_long_help = "Example:\n  loggia organizations list")]
    List(ListArgs),

    /// Delete an organization with everything in it, for good
    ///
    /// Prints what the deletion takes; deletes only if --yes is given. Deletes the organization's spaces, projects, tasks, members,
    /// invitations, events, its own people and machines, and the API keys that reach it only. Accounts stay, with their other organizations
    /// and their other keys; a key with the organization as its default scope gets the account's personal scope instead.
    ///
    /// The organization is closed first: nobody joins it any more, and its members lose access. The rows are then deleted a few hundred at
    /// a time, so the command may run beside a server on the same store. If it is interrupted, the organization stays closed, and running
    /// the command again continues.
    #[command(after_long_help = "\
Examples:
  loggia organizations delete 0193a5b0-7c1e-7000-8000-00000000abcd
  loggia organizations delete 0193a5b0-7c1e-7000-8000-00000000abcd --yes --json")]
    Delete(DeleteArgs),
}

/// A command for organizations, with valid arguments.
#[derive(Debug)]
pub(crate) enum OrganizationsJob {
    /// `loggia organizations list`
    List(ListArgs),
    /// `loggia organizations delete`
    Delete(DeleteJob),
}

impl OrganizationsCommand {
    /// Checks the arguments.
    pub(crate) fn check(self, usage_errors: &mut UsageErrors) -> Option<OrganizationsJob> {
        Some(match self {
            Self::List(args) => OrganizationsJob::List(args),
            Self::Delete(args) => OrganizationsJob::Delete(args.check(usage_errors)?),
        })
    }
}

impl OrganizationsJob {
    /// Runs the command.
    pub(crate) async fn run(self, settings: &Settings) -> anyhow::Result<()> {
        let open = OpenStore::existing(&settings.database).await?;
        let loggia = open.loggia();
        match self {
            Self::List(args) => args.run(&loggia).await?,
            Self::Delete(job) => job.run(&loggia, &open.location).await?,
        }
        open.close().await;
        Ok(())
    }
}
