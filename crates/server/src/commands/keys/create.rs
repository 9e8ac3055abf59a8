//! `loggia keys create`.

use clap::Args;
use loggia_domain::event::Actor;
use loggia_domain::id::{OrganizationId, UserId};
use loggia_domain::key::Ability;
use loggia_domain::page::PageRequest;
use loggia_domain::scope::{Reach, Scope};
use loggia_domain::service::{IssuedKey, KeyError, Loggia, NewKey};
use loggia_domain::text::KeyName;
use loggia_domain::user::User;
use serde::Serialize;

use super::holder::{Holder, HolderArgs};
use crate::lifetime::Lifetime;
use crate::output;
use crate::usage_errors::{UsageError, UsageErrors};

/// The arguments of `loggia keys create`.
#[derive(Args, Debug)]
pub(crate) struct CreateArgs {
    #[command(flatten)]
    holder: HolderArgs,
    /// The organization that is the key's default scope, in which --email also finds a person of the organization's own
    #[arg(long, value_name = "ID", conflicts_with = "personal")]
    organization: Option<String>,
    /// Use the account's personal scope as the key's default scope
    #[arg(long)]
    personal: bool,
    /// The key's name, to tell it from others
    #[arg(long, value_name = "NAME", default_value = "command line")]
    name: String,
    /// The key's ability: read, or write, which includes read
    #[arg(long, value_name = "ABILITY", default_value = "write")]
    ability: String,
    /// The key's lifetime, such as 30m, 12h, 90d or 8w [default: until it is revoked]
    #[arg(long, value_name = "DURATION")]
    expires: Option<String>,
    /// Print {"keyId","apiKey"} instead of text
    #[arg(long)]
    json: bool,
}

/// A key to create, with valid arguments.
#[derive(Debug)]
pub(crate) struct CreateJob {
    holder: Holder,
    scope: Wanted,
    name: KeyName,
    ability: Ability,
    expires: Option<Lifetime>,
    json: bool,
}

/// The default scope that was asked for.
#[derive(Clone, Copy, Debug)]
enum Wanted {
    Organization(OrganizationId),
    Personal,
    TheOnlyOne,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CreateAnswer<'a> {
    key_id: String,
    api_key: &'a str,
}

impl CreateArgs {
    /// Checks the arguments.
    pub(super) fn check(&self, usage_errors: &mut UsageErrors) -> Option<CreateJob> {
        let holder = self.holder.check(usage_errors);
        let organization =
            usage_errors.check_given("--organization", self.organization.as_deref(), OrganizationId::parse);
        let name = usage_errors.check("--name", KeyName::parse(&self.name));
        let ability = usage_errors.check("--ability", Ability::parse(&self.ability));
        let expires = usage_errors.check_given("--expires", self.expires.as_deref(), Lifetime::parse);
        let scope = match organization? {
            Some(organization) => Wanted::Organization(organization),
            None if self.personal => Wanted::Personal,
            None => Wanted::TheOnlyOne,
        };
        let (holder, name, ability, expires) = (holder?, name?, ability?, expires?);
        Some(CreateJob { holder, scope, name, ability, expires, json: self.json })
    }
}

impl CreateJob {
    /// Creates the key.
    pub(super) async fn run(self, loggia: &Loggia) -> anyhow::Result<()> {
        let named = match self.scope {
            Wanted::Organization(organization) => Some(organization),
            Wanted::Personal | Wanted::TheOnlyOne => None,
        };
        let user = self.holder.find(loggia, named).await?;
        let default_scope = match (self.scope, user.home) {
            (Wanted::Organization(organization), _) | (Wanted::TheOnlyOne, Some(organization)) => {
                Scope::Organization(organization)
            }
            (Wanted::Personal, Some(organization)) => {
                return Err(UsageError::new(format!(
                    "the user belongs to organization {organization} and has no personal scope"
                ))
                .into());
            }
            (Wanted::Personal, None) => Scope::Personal(user.id),
            (Wanted::TheOnlyOne, None) => only_organization(loggia, user.id).await?,
        };
        let new = NewKey {
            name: self.name.clone(),
            default_scope,
            reach: Reach::Everywhere,
            ability: self.ability,
            expires_at: self.expires.map(|lifetime| loggia.now().plus_seconds(lifetime.seconds())),
        };
        match loggia.operator().issue_key(Actor::Operator, user.id, new).await {
            Ok(issued) => self.report(&issued),
            Err(KeyError::NotInScope) => Err(anyhow::anyhow!(
                "{} is not an active member of that organization, or it does not exist",
                named_by(&user)
            )),
            Err(error) => Err(error.into()),
        }
    }

    fn report(&self, issued: &IssuedKey) -> anyhow::Result<()> {
        let api_key = issued.secret.expose();
        let key = &issued.key;
        if self.json {
            return output::json(&CreateAnswer { key_id: key.id.to_string(), api_key });
        }
        let default_scope = match key.default_scope {
            Scope::Organization(organization) => format!("organization {organization}"),
            Scope::Personal(_) => "personal".to_owned(),
        };
        let ends = key.expires_at.map_or_else(|| "when revoked".to_owned(), |end| end.to_rfc3339());
        output::result(format_args!(
            "Key id         {}\nDefault scope  {default_scope}\nAbility        {}\nExpires        {ends}\nAPI key        {api_key}\n\nThe \
             key is shown only once and is not stored.",
            key.id, key.ability,
        ))
    }
}

/// Returns the text by which a message names a user: the address or, if there is none, the id.
fn named_by(user: &User) -> String {
    user.email.as_ref().map_or_else(|| user.id.to_string(), |email| email.as_str().to_owned())
}

/// Returns the only organization of an account. Fails if there are several, since a guess could be wrong, and if there is none.
async fn only_organization(loggia: &Loggia, user: UserId) -> anyhow::Result<Scope> {
    let caller = loggia.recognise(user, Scope::Personal(user)).await?;
    let organizations = loggia.acting_as(&caller).list_organizations(&PageRequest::FIRST).await?;
    match organizations.items.as_slice() {
        [(only, _)] => Ok(Scope::Organization(only.id)),
        [] => {
            Err(UsageError::new("the user is not an active member of any organization: use --personal")
                .into())
        }
        several => {
            let lines: Vec<String> = several
                .iter()
                .map(|(it, role)| format!("\n  --organization {}  {} ({role})", it.id, it.name))
                .collect();
            let (more, further) = if organizations.after { (" and more", "\n  …") } else { ("", "") };
            Err(UsageError::new(format!(
                "the user is a member of {}{more} organizations: choose the key's default scope{}{further}\n  --personal",
                several.len(),
                lines.concat()
            ))
            .into())
        }
    }
}
