//! The representation of invitations in this dialect.

use loggia_domain::id::{InvitationId, ProjectId, UserId};
use loggia_domain::invitation::{Invitation, InvitationToken, InvitedProject};
use loggia_domain::role::{RosterRole, ScopeRole};
use loggia_domain::roster::MAX_BATCH;
use loggia_domain::service::IssuedInvitation;
use loggia_domain::text::EmailAddress;
use schemars::JsonSchema;
use serde::Serialize;

use crate::wire::schema::{Of, Time};
use crate::wire::serialization::{IdText, TimeText};

/// A project whose roster the invited person joins, and the role there.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "InvitedProject")]
pub(crate) struct InvitedProjectJson {
    #[schemars(with = "Of<ProjectId>")]
    node_id: IdText,
    #[schemars(with = "Of<RosterRole>")]
    role: &'static str,
}

impl From<&InvitedProject> for InvitedProjectJson {
    fn from(invited: &InvitedProject) -> Self {
        Self { node_id: invited.project.into(), role: invited.role.as_str() }
    }
}

/// A pending or expired invitation, without its token.
#[derive(JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Invitation")]
pub(crate) struct InvitationJson<'a> {
    #[schemars(with = "Of<InvitationId>")]
    id: IdText,
    /// The address that the invitation is meant for. Any account with the token can accept it.
    #[schemars(with = "Of<EmailAddress>")]
    email: &'a str,
    #[schemars(with = "Of<ScopeRole>")]
    role: &'static str,
    /// The projects whose rosters the person joins, by id.
    #[schemars(extend("maxItems" = MAX_BATCH))]
    projects: Vec<InvitedProjectJson>,
    /// The admin who created the invitation; null means the operator of the instance.
    #[schemars(with = "Option<Of<UserId>>")]
    invited_by: Option<IdText>,
    #[schemars(with = "Time")]
    created_at: TimeText,
    /// The time from which on the invitation cannot be accepted, unless it is sent again.
    #[schemars(with = "Time")]
    expires_at: TimeText,
}

impl<'a> From<&'a Invitation> for InvitationJson<'a> {
    fn from(invitation: &'a Invitation) -> Self {
        Self {
            id: invitation.id.into(),
            email: invitation.email.as_str(),
            role: invitation.role.as_str(),
            projects: invitation.projects.iter().map(InvitedProjectJson::from).collect(),
            invited_by: invitation.invited_by.map(Into::into),
            created_at: invitation.created_at.into(),
            expires_at: invitation.expires_at.into(),
        }
    }
}

/// An invitation with its token, which no other response has.
#[derive(JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "IssuedInvitation")]
pub(crate) struct IssuedInvitationJson<'a> {
    #[serde(flatten)]
    shown: InvitationJson<'a>,
    /// The token, which is shown only once.
    #[schemars(with = "Of<InvitationToken>")]
    token: &'a str,
}

impl<'a> From<&'a IssuedInvitation> for IssuedInvitationJson<'a> {
    fn from(issued: &'a IssuedInvitation) -> Self {
        Self { shown: (&issued.invitation).into(), token: issued.token.expose() }
    }
}
