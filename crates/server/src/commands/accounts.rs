//! `loggia accounts`: adds and changes accounts on behalf of the operator.

use anyhow::anyhow;
use clap::{Args, Subcommand};
use loggia_domain::account::AccountPatch;
use loggia_domain::id::OrganizationId;
use loggia_domain::policy::Denied;
use loggia_domain::role::ScopeRole;
use loggia_domain::service::{Loggia, NewAccount, OrganizationError};
use loggia_domain::text::{EmailAddress, PersonName};
use loggia_domain::user::Profile;
use serde::Serialize;

use super::no_such_organization;
use crate::output;
use crate::settings::Settings;
use crate::usage_errors::UsageErrors;
use crate::wiring::{Location, OpenStore};

/// The commands for accounts.
#[derive(Debug, Subcommand)]
pub(crate) enum AccountsCommand {
    /// Add an account
    ///
    /// An account belongs to its person. It has a personal scope, creates organizations, and is a member of any number of them. With
    /// --organization the account becomes a member at once, without an invitation; an existing account with that e-mail address is used,
    /// and keeps its name. Creates no API key: use `loggia keys create` for that. The command may run beside a server on the
    /// same store.
    #[command(after_long_help = "\
Examples:
  loggia accounts add --email grace@example.com --first-name Grace --last-name Hopper
  loggia accounts add --email grace@example.com --first-name Grace --last-name Hopper \\
    --organization 0193a5b0-7c1e-7000-8000-00000000abcd --role member")]
    Add(AddArgs),

    /// Change the e-mail address or the name of an account
    ///
    /// The name changes in every organization of which the account is an active member. Only the operator changes the address: it is what
    /// `loggia keys create --email` finds the account by.
    #[command(after_long_help = "\
Example:
  loggia accounts update --email admin@example.com --new-email ada@example.com --first-name Ada --last-name Byron")]
    Update(UpdateArgs),
}

/// The arguments of `loggia accounts add`.
#[derive(Args, Debug)]
pub(crate) struct AddArgs {
    /// The account's e-mail address, unique among accounts
    #[arg(long, value_name = "ADDRESS")]
    email: String,
    /// The person's first name
    #[arg(long, value_name = "NAME")]
    first_name: String,
    /// The person's last name
    #[arg(long, value_name = "NAME")]
    last_name: String,
    /// The organization of which the account becomes a member
    #[arg(long, value_name = "ID", requires = "role")]
    organization: Option<String>,
    /// The role in the organization: admin (runs the organization), member (works) or viewer (reads)
    #[arg(long, value_name = "ROLE", requires = "organization")]
    role: Option<String>,
    /// Print {"userId"} instead of text
    #[arg(long)]
    json: bool,
}

/// The arguments of `loggia accounts update`.
#[derive(Args, Debug)]
pub(crate) struct UpdateArgs {
    /// The account's present e-mail address
    #[arg(long, value_name = "ADDRESS")]
    email: String,
    #[command(flatten)]
    changes: ChangeArgs,
    /// Print {"userId"} instead of text
    #[arg(long)]
    json: bool,
}

/// The changes of `loggia accounts update`. At least one is given.
#[derive(Args, Debug)]
#[group(required = true, multiple = true)]
struct ChangeArgs {
    /// The account's new e-mail address
    #[arg(long, value_name = "ADDRESS")]
    new_email: Option<String>,
    /// The person's new first name
    #[arg(long, value_name = "NAME")]
    first_name: Option<String>,
    /// The person's new last name
    #[arg(long, value_name = "NAME")]
    last_name: Option<String>,
}

/// A command for accounts, with valid arguments.
#[derive(Debug)]
pub(crate) enum AccountsJob {
    /// `loggia accounts add`
    Add {
        /// The account.
        account: NewAccount,
        /// The organization that the account joins, and the role there.
        membership: Option<(OrganizationId, ScopeRole)>,
        /// `true` to print JSON.
        json: bool,
    },
    /// `loggia accounts update`
    Update {
        /// The account's present address.
        email: EmailAddress,
        /// The changes.
        patch: AccountPatch,
        /// `true` to print JSON.
        json: bool,
    },
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AccountAnswer {
    user_id: String,
}

impl AccountsCommand {
    /// Checks the arguments.
    pub(crate) fn check(&self, usage_errors: &mut UsageErrors) -> Option<AccountsJob> {
        match self {
            Self::Add(args) => args.check(usage_errors),
            Self::Update(args) => args.check(usage_errors),
        }
    }
}

impl AddArgs {
    fn check(&self, usage_errors: &mut UsageErrors) -> Option<AccountsJob> {
        let email = usage_errors.check("--email", EmailAddress::parse(&self.email));
        let first_name = usage_errors.check("--first-name", PersonName::parse(&self.first_name));
        let last_name = usage_errors.check("--last-name", PersonName::parse(&self.last_name));
        let organization =
            usage_errors.check_given("--organization", self.organization.as_deref(), OrganizationId::parse);
        let role = usage_errors.check_given("--role", self.role.as_deref(), ScopeRole::parse);
        let profile = Profile {
            first_name: first_name?,
            last_name: last_name?,
            username: None,
            employee_number: None,
            avatar: None,
        };
        let account = NewAccount { email: email?, profile };
        Some(AccountsJob::Add { account, membership: organization?.zip(role?), json: self.json })
    }
}

impl UpdateArgs {
    fn check(&self, usage_errors: &mut UsageErrors) -> Option<AccountsJob> {
        let email = usage_errors.check("--email", EmailAddress::parse(&self.email));
        let ChangeArgs { new_email, first_name, last_name } = &self.changes;
        let new_email = usage_errors.check_given("--new-email", new_email.as_deref(), EmailAddress::parse);
        let first_name = usage_errors.check_given("--first-name", first_name.as_deref(), PersonName::parse);
        let last_name = usage_errors.check_given("--last-name", last_name.as_deref(), PersonName::parse);
        let patch = AccountPatch {
            email: new_email?,
            first_name: first_name?,
            last_name: last_name?,
            ..AccountPatch::default()
        };
        Some(AccountsJob::Update { email: email?, patch, json: self.json })
    }
}

impl AccountsJob {
    /// Runs the command.
    pub(crate) async fn run(self, settings: &Settings) -> anyhow::Result<()> {
        let open = OpenStore::existing(&settings.database).await?;
        let loggia = open.loggia();
        match self {
            Self::Add { account, membership, json } => {
                add(&loggia, &open.location, &account, membership, json).await?;
            }
            Self::Update { email, patch, json } => update(&loggia, &email, patch, json).await?,
        }
        open.close().await;
        Ok(())
    }
}

async fn add(
    loggia: &Loggia,
    location: &Location,
    account: &NewAccount,
    membership: Option<(OrganizationId, ScopeRole)>,
    json: bool,
) -> anyhow::Result<()> {
    let Some((organization, role)) = membership else {
        let own = loggia.operator().add_account(account).await?;
        return report(own.user.to_string(), own.profile.full_name(), json);
    };
    let added = loggia.operator().add_account_member(organization, account, role).await;
    let member = added.map_err(|error| match error {
        OrganizationError::Denied(Denied::Hidden) => no_such_organization(organization, location),
        OrganizationError::InactiveMember { .. } => anyhow!(
            "the account was a member of the organization; invite it with `loggia invitations create --organization {organization}`"
        ),
        other => other.into(),
    })?;
    let shown = format!("{}, {} of {organization}", member.profile.full_name(), member.role);
    report(member.user.to_string(), shown, json)
}

async fn update(
    loggia: &Loggia,
    email: &EmailAddress,
    patch: AccountPatch,
    json: bool,
) -> anyhow::Result<()> {
    let found = loggia.operator().account_by_email(email).await?;
    let account = found.ok_or_else(|| anyhow!("no account has the address {}", email.as_str()))?;
    let members = loggia.operator().change_account(account.id, patch).await?;
    // All active memberships of an account show the same names.
    let name = members.first().map(|member| member.profile.full_name()).unwrap_or_default();
    report(account.id.to_string(), name, json)
}

fn report(user_id: String, shown: String, json: bool) -> anyhow::Result<()> {
    if json {
        return output::json(&AccountAnswer { user_id });
    }
    output::result(format_args!("{user_id}  {shown}"))
}
