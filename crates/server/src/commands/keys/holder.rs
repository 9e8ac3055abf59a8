//! The user of API keys, as the command line names them.

use anyhow::anyhow;
use clap::Args;
use loggia_domain::id::{OrganizationId, UserId};
use loggia_domain::service::Loggia;
use loggia_domain::text::EmailAddress;
use loggia_domain::user::User;

use crate::usage_errors::{UsageError, UsageErrors};

/// The options that name the user. Exactly one of them is given.
#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
pub(super) struct HolderArgs {
    /// The e-mail address of the key's user: an account or, with --organization, a person of that organization's own
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
    /// The id of the key's user: an account, a person of an organization's own, or a machine
    #[arg(long, value_name = "ID")]
    user: Option<String>,
}

/// The user of API keys.
#[derive(Debug)]
pub(super) enum Holder {
    /// The user with this address.
    Email(EmailAddress),
    /// The user with this id.
    User(UserId),
}

impl HolderArgs {
    /// Checks the arguments.
    pub(super) fn check(&self, usage_errors: &mut UsageErrors) -> Option<Holder> {
        let email = usage_errors.check_given("--email", self.email.as_deref(), EmailAddress::parse)?;
        let user = usage_errors.check_given("--user", self.user.as_deref(), UserId::parse)?;
        email.map(Holder::Email).or(user.map(Holder::User))
    }
}

impl Holder {
    /// Returns the user. An address is that of an account or, if an organization is named, of one of its own people. Fails if there is no
    /// such user, and if both have the address, since a guess could be wrong.
    pub(super) async fn find(
        &self,
        loggia: &Loggia,
        organization: Option<OrganizationId>,
    ) -> anyhow::Result<User> {
        let email = match self {
            Self::User(id) => {
                return loggia.operator().user(*id).await?.ok_or_else(|| anyhow!("there is no user {id}"));
            }
            Self::Email(email) => email,
        };
        let account = loggia.operator().account_by_email(email).await?;
        let own = match organization {
            Some(organization) => loggia.operator().own_person_by_email(organization, email).await?,
            None => None,
        };
        let email = email.as_str();
        match (account, own) {
            (Some(account), Some(own)) => Err(UsageError::new(format!(
                "two users have the address {email}: choose one\n  --user {}  the account\n  --user {}  the organization's own person",
                account.id, own.id
            ))
            .into()),
            (Some(user), None) | (None, Some(user)) => Ok(user),
            (None, None) => Err(match organization {
                Some(organization) => anyhow!(
                    "neither an account nor an own person of organization {organization} has the address {email}"
                ),
                None => anyhow!(
                    "no account has the address {email}; a person of an organization's own is found with --organization"
                ),
            }),
        }
    }
}
