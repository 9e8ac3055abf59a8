//! `loggia invitations`: invites accounts to an organization on behalf of the operator.

mod create;
mod list;

use anyhow::anyhow;
use clap::{Args, Subcommand};
use create::{CreateArgs, CreateJob};
use list::{ListArgs, ListJob};
use loggia_domain::id::{InvitationId, OrganizationId};
use loggia_domain::policy::Denied;
use loggia_domain::service::{InvitationError, Loggia};
use serde::Serialize;

use super::no_such_organization;
use crate::output;
use crate::settings::Settings;
use crate::usage_errors::UsageErrors;
use crate::wiring::{Location, OpenStore};

/// The commands for invitations.
#[derive(Debug, Subcommand)]
pub(crate) enum InvitationsCommand {
    /// Invite an account to an organization and print the invitation's token; it is shown only once
    ///
    /// An account accepts the invitation with POST /api/v1/invitations/accept and the token, within 14 days. Nothing is sent: hand the
    /// token over. The e-mail address says for whom the invitation is meant; whether an account has it makes no difference. The command may
    /// run beside a server on the same store.
    #[command(after_long_help = "\
Example:
  loggia invitations create --organization 0193a5b0-7c1e-7000-8000-00000000abcd --email grace@example.com --role member")]
    Create(CreateArgs),

    /// List the invitations to an organization that are not accepted yet, expired or not, without their tokens
    #[command(
        after_long_help = "Example:\n  loggia invitations list --organization 0193a5b0-7c1e-7000-8000-00000000abcd"
    )]
    List(ListArgs),

    /// Withdraw an invitation: its token cannot be accepted any more
    #[command(after_long_help = "\
Example:
  loggia invitations withdraw --organization 0193a5b0-7c1e-7000-8000-00000000abcd 0193a5b0-7c1e-7000-8000-0000000012ab")]
    Withdraw(WithdrawArgs),
}

/// The arguments of `loggia invitations withdraw`.
#[derive(Args, Debug)]
pub(crate) struct WithdrawArgs {
    /// The organization's id
    #[arg(long, value_name = "ID")]
    organization: String,
    /// The invitation's id, as `loggia invitations list` prints it; not the token
    #[arg(value_name = "INVITATION_ID")]
    invitation: String,
    /// Print {"invitationId"} instead of text
    #[arg(long)]
    json: bool,
}

/// A command for invitations, with valid arguments.
#[derive(Debug)]
pub(crate) struct InvitationsJob {
    organization: OrganizationId,
    deed: Deed,
}

#[derive(Debug)]
enum Deed {
    Create(Box<CreateJob>),
    List(ListJob),
    Withdraw { invitation: InvitationId, json: bool },
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WithdrawAnswer {
    invitation_id: String,
}

impl InvitationsCommand {
    /// Checks the arguments.
    pub(crate) fn check(&self, usage_errors: &mut UsageErrors) -> Option<InvitationsJob> {
        let organization = match self {
            Self::Create(args) => &args.organization,
            Self::List(args) => &args.organization,
            Self::Withdraw(args) => &args.organization,
        };
        let organization = usage_errors.check("--organization", OrganizationId::parse(organization));
        let deed = match self {
            Self::Create(args) => Deed::Create(Box::new(args.check(usage_errors)?)),
            Self::List(args) => Deed::List(args.check()),
            Self::Withdraw(args) => {
                let invitation =
                    usage_errors.check("INVITATION_ID", InvitationId::parse(&args.invitation))?;
                Deed::Withdraw { invitation, json: args.json }
            }
        };
        Some(InvitationsJob { organization: organization?, deed })
    }
}

impl InvitationsJob {
    /// Runs the command.
    pub(crate) async fn run(self, settings: &Settings) -> anyhow::Result<()> {
        let open = OpenStore::existing(&settings.database).await?;
        let (loggia, organization) = (open.loggia(), self.organization);
        let at = At { organization, location: &open.location };
        match self.deed {
            Deed::Create(job) => job.run(&loggia, at).await?,
            Deed::List(job) => job.run(&loggia, at).await?,
            Deed::Withdraw { invitation, json } => withdraw(&loggia, at, invitation, json).await?,
        }
        open.close().await;
        Ok(())
    }
}

/// The organization whose invitations a command is about, and the location of the store, for messages.
#[derive(Clone, Copy)]
struct At<'a> {
    organization: OrganizationId,
    location: &'a Location,
}

impl At<'_> {
    /// Returns the error of a use case in words for the operator.
    fn explain(self, error: InvitationError) -> anyhow::Error {
        match error {
            InvitationError::Denied(Denied::Hidden) => no_such_organization(self.organization, self.location),
            other => other.into(),
        }
    }
}

async fn withdraw(loggia: &Loggia, at: At<'_>, invitation: InvitationId, json: bool) -> anyhow::Result<()> {
    let withdrawn = loggia.operator().withdraw_invitation(at.organization, invitation).await;
    withdrawn.map_err(|error| match error {
        InvitationError::NotFound => {
            anyhow!("organization {} has no invitation {invitation}", at.organization)
        }
        other => at.explain(other),
    })?;
    if json {
        return output::json(&WithdrawAnswer { invitation_id: invitation.to_string() });
    }
    output::result(format_args!("{invitation} was withdrawn"))
}
