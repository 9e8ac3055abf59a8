//! `loggia organizations list`.

use clap::Args;
use loggia_domain::instant::Timestamp;
use loggia_domain::organization::Organization;
use loggia_domain::service::Loggia;
use serde::Serialize;

use crate::output::Listing;

/// The arguments of `loggia organizations list`.
#[derive(Args, Debug)]
pub(crate) struct ListArgs {
    /// Print {"organizations": […]} instead of text
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ListedOrganization {
    organization_id: String,
    name: String,
    state: &'static str,
    created_at: String,
}

/// The number of organizations that are read and printed at a time.
const PAGE: u32 = 500;

const HEAD: [&str; 4] = ["ORGANIZATION ID", "STATE", "CREATED", "NAME"];

impl ListArgs {
    /// Prints the list.
    pub(super) async fn run(self, loggia: &Loggia) -> anyhow::Result<()> {
        let mut listing = Listing::begin(self.json, "organizations", HEAD);
        let mut after = None;
        loop {
            let page = loggia.operator().all_organizations(after, PAGE).await?;
            let last = page.last().map(|(organization, _)| organization.id);
            // An empty first page prints the head of the table.
            if after.is_none() || last.is_some() {
                listing
                    .add(page.iter().map(ListedOrganization::new).collect(), ListedOrganization::into_row)?;
            }
            match last {
                Some(last) => after = Some(last),
                None => return listing.end(),
            }
        }
    }
}

impl ListedOrganization {
    fn new((organization, closed_at): &(Organization, Option<Timestamp>)) -> Self {
        Self {
            organization_id: organization.id.to_string(),
            name: organization.name.to_string(),
            // A closed organization is one whose deletion is not complete.
            state: if closed_at.is_some() { "closed" } else { "open" },
            created_at: organization.created_at.to_rfc3339(),
        }
    }

    fn into_row(self) -> [String; 4] {
        [self.organization_id, self.state.to_owned(), self.created_at, self.name]
    }
}
