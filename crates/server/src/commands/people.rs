//! `loggia people add`: adds a person of an organization's own.

use clap::{Args, Subcommand};
use loggia_domain::id::OrganizationId;
use loggia_domain::policy::Denied;
use loggia_domain::role::ScopeRole;
use loggia_domain::service::{NewMember, OrganizationError};
use loggia_domain::text::{EmailAddress, EmployeeNumber, PersonName, Username};
use loggia_domain::user::Profile;
use serde::Serialize;

use super::no_such_organization;
use crate::output;
use crate::settings::Settings;
use crate::usage_errors::UsageErrors;
use crate::wiring::OpenStore;

/// The commands for an organization's own people.
#[derive(Debug, Subcommand)]
pub(crate) enum PeopleCommand {
    /// Add a person of an organization's own
    ///
    /// The person belongs to the organization alone, whose admins keep the profile and the e-mail address; an account or another
    /// organization's person with that address is another user. Use `loggia accounts add` or `loggia invitations create` for a person who
    /// is to be in several organizations. Creates no API key: use `loggia keys create --organization` for that. The command may run
    /// beside a server on the same store.
    #[command(after_long_help = "\
Example:
  loggia people add --organization 0193a5b0-7c1e-7000-8000-00000000abcd --email grace@example.com \\
    --first-name Grace --last-name Hopper --employee-no 2 --role member")]
    Add(AddArgs),
}

/// The arguments of `loggia people add`.
#[derive(Args, Debug)]
pub(crate) struct AddArgs {
    /// The organization's id, as `loggia bootstrap` printed it
    #[arg(long, value_name = "ID")]
    organization: String,
    /// The person's e-mail address, unique among the organization's own people
    #[arg(long, value_name = "ADDRESS")]
    email: String,
    /// The person's first name
    #[arg(long, value_name = "NAME")]
    first_name: String,
    /// The person's last name
    #[arg(long, value_name = "NAME")]
    last_name: String,
    /// The person's employee number, unique in the organization
    #[arg(long, value_name = "NUMBER")]
    employee_no: Option<String>,
    /// The person's username, unique in the organization
    #[arg(long, value_name = "NAME")]
    username: Option<String>,
    /// The person's role: admin (runs the organization), member (works) or viewer (reads)
    #[arg(long, value_name = "ROLE")]
    role: String,
    /// Print {"userId"} instead of text
    #[arg(long)]
    json: bool,
}

/// A person to add, with valid arguments.
#[derive(Debug)]
pub(crate) struct PersonJob {
    organization: OrganizationId,
    person: NewMember,
    json: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PersonAnswer {
    user_id: String,
}

impl PeopleCommand {
    /// Checks the arguments.
    pub(crate) fn check(&self, usage_errors: &mut UsageErrors) -> Option<PersonJob> {
        let Self::Add(args) = self;
        let organization = usage_errors.check("--organization", OrganizationId::parse(&args.organization));
        let email = usage_errors.check("--email", EmailAddress::parse(&args.email));
        let first_name = usage_errors.check("--first-name", PersonName::parse(&args.first_name));
        let last_name = usage_errors.check("--last-name", PersonName::parse(&args.last_name));
        let employee_number =
            usage_errors.check_given("--employee-no", args.employee_no.as_deref(), EmployeeNumber::parse);
        let username = usage_errors.check_given("--username", args.username.as_deref(), Username::parse);
        let role = usage_errors.check("--role", ScopeRole::parse(&args.role));
        let profile = Profile {
            first_name: first_name?,
            last_name: last_name?,
            username: username?,
            employee_number: employee_number?,
            avatar: None,
        };
        let person = NewMember::person(email?, profile, role?);
        Some(PersonJob { organization: organization?, person, json: args.json })
    }
}

impl PersonJob {
    /// Adds the person.
    pub(crate) async fn run(self, settings: &Settings) -> anyhow::Result<()> {
        let open = OpenStore::existing(&settings.database).await?;
        let added = open.loggia().operator().add_member(self.organization, self.person).await;
        let member = added.map_err(|error| match error {
            OrganizationError::Denied(Denied::Hidden) => {
                no_such_organization(self.organization, &open.location)
            }
            other => other.into(),
        })?;
        let user_id = member.user.to_string();
        if self.json {
            output::json(&PersonAnswer { user_id })?;
        } else {
            let name = member.profile.full_name();
            output::result(format_args!("{user_id}  {name}, {} of {}", member.role, self.organization))?;
        }
        open.close().await;
        Ok(())
    }
}
