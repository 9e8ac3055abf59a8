//! `loggia invitations create`.

use anyhow::anyhow;
use clap::Args;
use loggia_domain::invitation::InvitedProjects;
use loggia_domain::role::ScopeRole;
use loggia_domain::service::{IssuedInvitation, Loggia, NewInvitation, NewInvitations};
use loggia_domain::text::EmailAddress;
use serde::Serialize;

use super::At;
use crate::output;
use crate::usage_errors::UsageErrors;

/// The arguments of `loggia invitations create`.
#[derive(Args, Debug)]
pub(crate) struct CreateArgs {
    /// The organization's id, as `loggia bootstrap` printed it
    #[arg(long, value_name = "ID")]
    pub(super) organization: String,
    /// The e-mail address of the person to invite
    #[arg(long, value_name = "ADDRESS")]
    email: String,
    /// The role of the new member: admin (runs the organization), member (works) or viewer (reads)
    #[arg(long, value_name = "ROLE")]
    role: String,
    /// Print {"invitationId","token","expiresAt"} instead of text
    #[arg(long)]
    json: bool,
}

/// An invitation to create, with valid arguments.
#[derive(Debug)]
pub(super) struct CreateJob {
    invitation: NewInvitation,
    json: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CreateAnswer<'a> {
    invitation_id: String,
    token: &'a str,
    expires_at: String,
}

impl CreateArgs {
    /// Checks the arguments.
    pub(super) fn check(&self, usage_errors: &mut UsageErrors) -> Option<CreateJob> {
        let email = usage_errors.check("--email", EmailAddress::parse(&self.email));
        let role = usage_errors.check("--role", ScopeRole::parse(&self.role));
        let invitation = NewInvitation { email: email?, role: role?, projects: InvitedProjects::default() };
        Some(CreateJob { invitation, json: self.json })
    }
}

impl CreateJob {
    /// Creates the invitation.
    pub(super) async fn run(self, loggia: &Loggia, at: At<'_>) -> anyhow::Result<()> {
        let one = NewInvitations::new(vec![self.invitation])?;
        let issued = loggia.operator().invite(at.organization, &one).await;
        let issued = issued.map_err(|error| at.explain(error))?.into_iter().next();
        report(&issued.ok_or_else(|| anyhow!("no invitation was made"))?, self.json)
    }
}

fn report(issued: &IssuedInvitation, json: bool) -> anyhow::Result<()> {
    let (invitation, token) = (&issued.invitation, issued.token.expose());
    let expires_at = invitation.expires_at.to_rfc3339();
    if json {
        return output::json(&CreateAnswer { invitation_id: invitation.id.to_string(), token, expires_at });
    }
    output::result(format_args!(
        "Invitation id  {}\nE-mail         {}\nRole           {}\nExpires        {expires_at}\nToken          {token}\n\nThe token is shown \
         only once and is not stored.",
        invitation.id,
        invitation.email.as_str(),
        invitation.role,
    ))
}
