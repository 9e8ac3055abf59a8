//! `loggia keys list`.

use clap::Args;
use loggia_domain::id::OrganizationId;
use loggia_domain::instant::Timestamp;
use loggia_domain::key::ApiKey;
use loggia_domain::page::{PageRequest, Start, key_position};
use loggia_domain::scope::{Reach, Scope};
use loggia_domain::service::Loggia;
use serde::Serialize;

use super::holder::{Holder, HolderArgs};
use crate::output::Listing;
use crate::usage_errors::UsageErrors;

/// The arguments of `loggia keys list`.
#[derive(Args, Debug)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    holder: HolderArgs,
    /// The organization in which --email also finds a person of the organization's own
    #[arg(long, value_name = "ID", conflicts_with = "user")]
    organization: Option<String>,
    /// Print {"keys": […]} instead of text
    #[arg(long)]
    json: bool,
}

/// A list to print, with valid arguments.
#[derive(Debug)]
pub(crate) struct ListJob {
    holder: Holder,
    organization: Option<OrganizationId>,
    json: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ListedKey {
    key_id: String,
    name: String,
    state: &'static str,
    ability: &'static str,
    /// The default scope; null means the user's personal scope.
    organization_id: Option<String>,
    /// The one organization that the key opens; null means every scope of the user.
    only_organization_id: Option<String>,
    created_at: String,
    expires_at: Option<String>,
    revoked_at: Option<String>,
}

impl ListArgs {
    /// Checks the arguments.
    pub(super) fn check(&self, usage_errors: &mut UsageErrors) -> Option<ListJob> {
        let holder = self.holder.check(usage_errors);
        let organization =
            usage_errors.check_given("--organization", self.organization.as_deref(), OrganizationId::parse);
        Some(ListJob { holder: holder?, organization: organization?, json: self.json })
    }
}

impl ListJob {
    /// Prints the list.
    pub(super) async fn run(self, loggia: &Loggia) -> anyhow::Result<()> {
        let user = self.holder.find(loggia, self.organization).await?;
        let now = loggia.now();
        let mut listing = Listing::begin(self.json, "keys", HEAD);
        let mut request = PageRequest::FIRST;
        loop {
            let page = loggia.operator().keys(user.id, &request).await?;
            let keys = page.items.iter().map(|key| ListedKey::new(key, now)).collect();
            listing.add(keys, ListedKey::into_row)?;
            match page.items.last() {
                Some(last) if page.after => request.start = Start::After(key_position(last)),
                _ => return listing.end(),
            }
        }
    }
}

const HEAD: [&str; 7] = ["KEY ID", "STATE", "ABILITY", "DEFAULT SCOPE", "CREATED", "EXPIRES", "NAME"];

impl ListedKey {
    fn new(key: &ApiKey, now: Timestamp) -> Self {
        let organization = |scope: Scope| scope.organization().map(|id| id.to_string());
        Self {
            key_id: key.id.to_string(),
            name: key.name.to_string(),
            state: state(key, now),
            ability: key.ability.as_str(),
            organization_id: organization(key.default_scope),
            only_organization_id: match key.reach {
                Reach::Everywhere => None,
                Reach::Only(organization) => Some(organization.to_string()),
            },
            created_at: key.created_at.to_rfc3339(),
            expires_at: key.expires_at.map(Timestamp::to_rfc3339),
            revoked_at: key.revoked_at.map(Timestamp::to_rfc3339),
        }
    }

    fn into_row(self) -> [String; 7] {
        [
            self.key_id,
            self.state.to_owned(),
            self.ability.to_owned(),
            self.organization_id.unwrap_or_else(|| "personal".to_owned()),
            self.created_at,
            self.expires_at.unwrap_or_else(|| "-".to_owned()),
            self.name,
        ]
    }
}

/// Returns whether the key is live and, if not, why.
fn state(key: &ApiKey, now: Timestamp) -> &'static str {
    if key.is_live(now) {
        "live"
    } else if key.revoked_at.is_some() {
        "revoked"
    } else {
        "expired"
    }
}
