//! `loggia invitations list`.

use clap::Args;
use loggia_domain::instant::Timestamp;
use loggia_domain::invitation::Invitation;
use loggia_domain::page::{PageRequest, Start, invitation_position};
use loggia_domain::service::Loggia;
use serde::Serialize;

use super::At;
use crate::output::Listing;

/// The arguments of `loggia invitations list`.
#[derive(Args, Debug)]
pub(crate) struct ListArgs {
    /// The organization's id
    #[arg(long, value_name = "ID")]
    pub(super) organization: String,
    /// Print {"invitations": […]} instead of text
    #[arg(long)]
    json: bool,
}

/// A list to print, with valid arguments.
#[derive(Debug)]
pub(super) struct ListJob {
    json: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ListedInvitation {
    invitation_id: String,
    email: String,
    state: &'static str,
    role: &'static str,
    projects: Vec<ListedProject>,
    /// The user who invited; null means the operator.
    invited_by: Option<String>,
    created_at: String,
    expires_at: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ListedProject {
    project_id: String,
    role: &'static str,
}

impl ListArgs {
    /// Returns the list to print. All arguments of its own are flags.
    pub(super) fn check(&self) -> ListJob {
        ListJob { json: self.json }
    }
}

impl ListJob {
    /// Prints the list.
    pub(super) async fn run(self, loggia: &Loggia, at: At<'_>) -> anyhow::Result<()> {
        let now = loggia.now();
        let mut listing = Listing::begin(self.json, "invitations", HEAD);
        let mut request = PageRequest::FIRST;
        loop {
            let page = loggia.operator().invitations(at.organization, &request).await;
            let page = page.map_err(|error| at.explain(error))?;
            let invitations = page.items.iter().map(|invitation| ListedInvitation::new(invitation, now));
            listing.add(invitations.collect(), ListedInvitation::into_row)?;
            match page.items.last() {
                Some(last) if page.after => request.start = Start::After(invitation_position(last.id)),
                _ => return listing.end(),
            }
        }
    }
}

const HEAD: [&str; 7] = ["INVITATION ID", "STATE", "ROLE", "PROJECTS", "CREATED", "EXPIRES", "E-MAIL"];

impl ListedInvitation {
    fn new(invitation: &Invitation, now: Timestamp) -> Self {
        let projects = invitation.projects.iter().map(|invited| ListedProject {
            project_id: invited.project.to_string(),
            role: invited.role.as_str(),
        });
        Self {
            invitation_id: invitation.id.to_string(),
            email: invitation.email.as_str().to_owned(),
            state: if invitation.expires_at > now { "pending" } else { "expired" },
            role: invitation.role.as_str(),
            projects: projects.collect(),
            invited_by: invitation.invited_by.map(|user| user.to_string()),
            created_at: invitation.created_at.to_rfc3339(),
            expires_at: invitation.expires_at.to_rfc3339(),
        }
    }

    fn into_row(self) -> [String; 7] {
        [
            self.invitation_id,
            self.state.to_owned(),
            self.role.to_owned(),
            self.projects.len().to_string(),
            self.created_at,
            self.expires_at,
            self.email,
        ]
    }
}
