//! `loggia bootstrap`: creates an organization, the account of its admin and a key.

use clap::Args;
use loggia_domain::service::{Bootstrap, Bootstrapped};
use loggia_domain::text::{EmailAddress, KeyName, OrganizationName, PersonName};
use loggia_domain::user::Profile;
use serde::Serialize;

use crate::output;
use crate::settings::Settings;
use crate::usage_errors::UsageErrors;
use crate::wiring::OpenStore;

/// The arguments of `loggia bootstrap`.
#[derive(Args, Debug)]
pub(crate) struct BootstrapArgs {
    /// The organization's name
    #[arg(long, value_name = "NAME")]
    organization: String,
    /// The admin's e-mail address
    #[arg(long, value_name = "ADDRESS")]
    email: String,
    /// The admin's first name
    #[arg(long, value_name = "NAME")]
    first_name: String,
    /// The admin's last name
    #[arg(long, value_name = "NAME")]
    last_name: String,
    /// Print {"organizationId","userId","apiKey"} instead of text
    #[arg(long)]
    json: bool,
}

/// A bootstrap with valid arguments.
#[derive(Debug)]
pub(crate) struct BootstrapJob {
    plan: Bootstrap,
    json: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BootstrapAnswer<'a> {
    organization_id: String,
    user_id: String,
    api_key: &'a str,
}

impl BootstrapArgs {
    /// Checks the arguments.
    pub(crate) fn check(&self, usage_errors: &mut UsageErrors) -> Option<BootstrapJob> {
        let organization = usage_errors.check("--organization", OrganizationName::parse(&self.organization));
        let email = usage_errors.check("--email", EmailAddress::parse(&self.email));
        let first_name = usage_errors.check("--first-name", PersonName::parse(&self.first_name));
        let last_name = usage_errors.check("--last-name", PersonName::parse(&self.last_name));
        let key = usage_errors.check("the key's name", KeyName::parse("bootstrap"));
        let profile = Profile {
            first_name: first_name?,
            last_name: last_name?,
            username: None,
            employee_number: None,
            avatar: None,
        };
        let plan = Bootstrap {
            organization: organization?,
            email: email?,
            profile,
            key: key?,
            key_ends_unless_used: false,
        };
        Some(BootstrapJob { plan, json: self.json })
    }
}

impl BootstrapJob {
    /// Creates the organization, the admin's account and the key.
    pub(crate) async fn run(self, settings: &Settings) -> anyhow::Result<()> {
        let open = OpenStore::prepare(&settings.database).await?;
        let made = bootstrapped(open.loggia().operator().bootstrap(&self.plan, false).await?)?;
        self.report(&made)?;
        open.close().await;
        Ok(())
    }

    fn report(&self, made: &Bootstrapped) -> anyhow::Result<()> {
        let api_key = made.issued.secret.expose();
        if self.json {
            return output::json(&BootstrapAnswer {
                organization_id: made.organization.id.to_string(),
                user_id: made.member.user.to_string(),
                api_key,
            });
        }
        output::result(format_args!(
            "Organization  {}  {}\nAdmin         {}  {}\nAPI key       {api_key}\n\nThe key is shown only once and is not stored.",
            made.organization.id,
            made.organization.name,
            made.member.user,
            made.member.email.as_ref().map(EmailAddress::as_str).unwrap_or_default(),
        ))
    }
}

/// Returns the result of a bootstrap that creates an organization even if there are others, so `None` is an error.
pub(crate) fn bootstrapped(made: Option<Bootstrapped>) -> anyhow::Result<Bootstrapped> {
    made.ok_or_else(|| anyhow::anyhow!("no organization was made"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_errors_are_reported_with_the_messages_of_the_domain() {
        let args = BootstrapArgs {
            organization: " ".into(),
            email: "ada".into(),
            first_name: "A\u{7}da".into(),
            last_name: "Byron".into(),
            json: false,
        };
        let mut usage_errors = UsageErrors::default();
        let job = args.check(&mut usage_errors);
        let error = usage_errors.settle(job).expect_err("three usage errors").to_string();
        let expected = "3 errors\n  --organization must have at least 1 character(s)\n  \
                        --email must be an e-mail address such as ada@example.com\n  \
                        --first-name must not contain the character U+0007";
        assert_eq!(error, expected);
    }
}
