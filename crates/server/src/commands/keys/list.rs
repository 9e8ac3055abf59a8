//! `loggia keys list`.

use std::mem;

use clap::Args;
use loggia_domain::instant::Timestamp;
use loggia_domain::key::ApiKey;
use loggia_domain::page::{PageRequest, Start, key_position};
use loggia_domain::scope::{Reach, Scope};
use loggia_domain::service::Loggia;
use loggia_domain::text::EmailAddress;
use serde::Serialize;

use super::user;
use crate::mistakes::Mistakes;
use crate::output::{self, JsonList};

/// The arguments of `loggia keys list`.
#[derive(Args, Debug)]
pub(crate) struct ListArgs {
    /// The e-mail address of the user whose keys to list
    #[arg(long, value_name = "ADDRESS")]
    email: String,
    /// Print {"keys": […]} instead of text
    #[arg(long)]
    json: bool,
}

/// A list to print, with valid arguments.
#[derive(Debug)]
pub(crate) struct ListJob {
    email: EmailAddress,
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
    pub(super) fn check(&self, mistakes: &mut Mistakes) -> Option<ListJob> {
        let email = mistakes.check("--email", EmailAddress::parse(&self.email))?;
        Some(ListJob { email, json: self.json })
    }
}

impl ListJob {
    /// Prints the list.
    pub(super) async fn run(self, loggia: &Loggia) -> anyhow::Result<()> {
        let user = user(loggia, &self.email).await?;
        let now = loggia.now();
        let mut listing = if self.json {
            Listing::Json(JsonList::named("keys"))
        } else {
            Listing::Text { has_begun: false }
        };
        // Read page by page, so that any number of keys takes the memory of one page.
        let mut request = PageRequest::FIRST;
        loop {
            let page = loggia.keys(user.id, &request).await?;
            listing.add(page.items.iter().map(|key| ListedKey::of(key, now)).collect())?;
            match page.items.last() {
                Some(last) if page.after => request.start = Start::After(key_position(last)),
                _ => return listing.end(),
            }
        }
    }
}

/// The list, as far as it is written.
enum Listing {
    Json(JsonList),
    Text { has_begun: bool },
}

impl Listing {
    fn add(&mut self, keys: Vec<ListedKey>) -> anyhow::Result<()> {
        match self {
            Self::Json(list) => keys.iter().try_for_each(|key| list.push(key)),
            Self::Text { has_begun } => {
                let mut rows = vec![HEAD.map(str::to_owned)];
                rows.extend(keys.into_iter().map(ListedKey::into_row));
                let table = output::table(&rows);
                match table.split_once('\n') {
                    Some((_head, rest)) if mem::replace(has_begun, true) => output::listing(rest),
                    _ => output::listing(table),
                }
            }
        }
    }

    fn end(self) -> anyhow::Result<()> {
        match self {
            Self::Json(list) => list.end(),
            Self::Text { .. } => Ok(()),
        }
    }
}

const HEAD: [&str; 7] = ["KEY ID", "STATE", "ABILITY", "DEFAULT SCOPE", "CREATED", "EXPIRES", "NAME"];

impl ListedKey {
    fn of(key: &ApiKey, now: Timestamp) -> Self {
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
