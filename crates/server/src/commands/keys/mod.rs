//! `loggia keys`: manages API keys on behalf of the operator.

mod create;
mod holder;
mod list;

use clap::{Args, Subcommand};
use create::{CreateArgs, CreateJob};
use list::{ListArgs, ListJob};
use loggia_domain::event::Actor;
use loggia_domain::id::KeyId;
use loggia_domain::key::Descendants;
use loggia_domain::service::Loggia;
use serde::Serialize;

use crate::output;
use crate::settings::Settings;
use crate::usage_errors::UsageErrors;
use crate::wiring::OpenStore;

/// The commands for API keys.
#[derive(Debug, Subcommand)]
pub(crate) enum KeysCommand {
    /// Create an API key for a user and print it; it is shown only once
    ///
    /// The key of an account opens every scope of which the account is a member. Calls that name no scope use the key's default scope: the
    /// organization given by --organization or, with --personal, the account's personal scope; without either, the one organization that
    /// the account is a member of. The key of a person of an organization's own, or of a machine, opens that organization alone. The
    /// command may run beside a server on the same store.
    #[command(after_long_help = "\
Examples:
  loggia keys create --email ada@example.com
  loggia keys create --email ada@example.com --personal --ability read --expires 90d --json
  loggia keys create --email grace@example.com --organization 0193a5b0-7c1e-7000-8000-00000000abcd
  loggia keys create --user 0193a5b0-7c1e-7000-8000-0000000012ab")]
    Create(CreateArgs),

    /// List a user's API keys, live or not, without their secrets
    #[command(after_long_help = "\
Examples:
  loggia keys list --email ada@example.com
  loggia keys list --email grace@example.com --organization 0193a5b0-7c1e-7000-8000-00000000abcd")]
    List(ListArgs),

    /// Revoke an API key and the live keys that descend from it: the next call with them is refused
    ///
    /// The descendants are the keys that the key has made, the keys that those have made, and so on. Revoking a revoked key changes
    /// nothing.
    #[command(after_long_help = "Example:\n  loggia keys revoke 0193a5b0-7c1e-7000-8000-00000000abcd")]
    Revoke(RevokeArgs),
}

/// The arguments of `loggia keys revoke`.
#[derive(Args, Debug)]
pub(crate) struct RevokeArgs {
    /// The key's id, as `loggia keys list` prints it; not the key itself
    #[arg(value_name = "KEY_ID")]
    key: String,
    /// Keep the keys live that descend from it
    #[arg(long)]
    keep_descendants: bool,
    /// Print {"keyId","revokedAt","revokedDescendants"} instead of text
    #[arg(long)]
    json: bool,
}

/// A command for API keys, with valid arguments.
#[derive(Debug)]
pub(crate) enum KeysJob {
    /// `loggia keys create`
    Create(CreateJob),
    /// `loggia keys list`
    List(ListJob),
    /// `loggia keys revoke`
    Revoke {
        /// The key's id.
        key: KeyId,
        /// The treatment of the keys that descend from it.
        descendants: Descendants,
        /// `true` to print JSON.
        json: bool,
    },
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RevokeAnswer {
    key_id: String,
    revoked_at: Option<String>,
    revoked_descendants: u64,
}

impl KeysCommand {
    /// Checks the arguments.
    pub(crate) fn check(&self, usage_errors: &mut UsageErrors) -> Option<KeysJob> {
        match self {
            Self::Create(args) => args.check(usage_errors).map(KeysJob::Create),
            Self::List(args) => args.check(usage_errors).map(KeysJob::List),
            Self::Revoke(args) => {
                let key = usage_errors.check("KEY_ID", KeyId::parse(&args.key))?;
                let descendants = if args.keep_descendants { Descendants::Keep } else { Descendants::Revoke };
                Some(KeysJob::Revoke { key, descendants, json: args.json })
            }
        }
    }
}

impl KeysJob {
    /// Runs the command.
    pub(crate) async fn run(self, settings: &Settings) -> anyhow::Result<()> {
        let open = OpenStore::existing(&settings.database).await?;
        let loggia = open.loggia();
        match self {
            Self::Create(job) => job.run(&loggia).await?,
            Self::List(job) => job.run(&loggia).await?,
            Self::Revoke { key, descendants, json } => revoke(&loggia, key, descendants, json).await?,
        }
        open.close().await;
        Ok(())
    }
}

async fn revoke(loggia: &Loggia, key: KeyId, descendants: Descendants, json: bool) -> anyhow::Result<()> {
    let revoked = loggia.operator().revoke_key(Actor::Operator, None, key, descendants).await?;
    let revoked_at = revoked.key.revoked_at.map(loggia_domain::instant::Timestamp::to_rfc3339);
    let revoked_descendants = revoked.descendants;
    if json {
        return output::json(&RevokeAnswer { key_id: key.to_string(), revoked_at, revoked_descendants });
    }
    let since = revoked_at.unwrap_or_default();
    match revoked_descendants {
        0 => output::result(format_args!("{key} was revoked at {since}")),
        1 => output::result(format_args!("{key} was revoked at {since}, with 1 descendant key")),
        many => output::result(format_args!("{key} was revoked at {since}, with {many} descendant keys")),
    }
}
