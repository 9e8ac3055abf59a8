//! Invitations to an organization.

use reqwest::Method;
use serde::{Deserialize, Serialize};

use super::organizations::Organization;
use super::{API, V1, data};
use crate::body::body;
use crate::call::{Query, Segment};
use crate::client::Client;
use crate::error::Error;
use crate::list::{BY_LINK, List, data as page};
use crate::macros::record;
use crate::value::{
    InvitationId, OrganizationId, OrganizationRole, ProjectId, ProjectRole, Secret, Timestamp, UserId,
};

record! {
    /// An invitation, without its token.
    #[serde(rename_all = "camelCase")]
    pub struct Invitation {
        /// The id.
        pub id: InvitationId,
        /// The e-mail address of the person who is invited.
        pub email: String,
        /// The role in the organization.
        pub role: OrganizationRole,
        /// The projects whose rosters the person joins.
        pub projects: Vec<InvitedProject>,
        /// The admin who invites; `None` if the caller may not see the user.
        pub invited_by: Option<UserId>,
        /// The time of creation.
        pub created_at: Timestamp,
        /// When the invitation ends.
        pub expires_at: Timestamp,
    }
}

record! {
    /// A project whose roster an invited person joins.
    pub struct InvitedProject {
        /// The project.
        #[serde(rename = "node_id")]
        pub project: ProjectId,
        /// The role on its roster.
        pub role: ProjectRole,
    }
}

/// An invitation with its token, which no other response contains.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[non_exhaustive]
pub struct IssuedInvitation {
    /// The invitation as it is listed.
    #[serde(flatten)]
    pub record: Invitation,
    /// The token, with which an account accepts.
    pub token: Secret,
}

body! {
    /// An invitation to create.
    pub struct NewInvitation {
        new {
            /// The e-mail address of the person.
            email: String,
        }
        set {
            /// Sets the role in the organization; by default a member.
            role: OrganizationRole,
            /// Sets the projects whose rosters the person joins, at most 100.
            projects: Vec<NewInvitedProject>,
        }
        clear {}
    }
}

body! {
    /// A project in an invitation to create.
    pub struct NewInvitedProject {
        new {
            /// The project.
            node_id: ProjectId,
        }
        set {
            /// Sets the role on the roster; by default a member.
            role: ProjectRole,
        }
        clear {}
    }
}

#[derive(Serialize)]
struct Acceptance<'a> {
    token: &'a Secret,
}

/// The invitations of an organization. See [`Client::invitations`].
#[derive(Debug)]
pub struct Invitations<'a> {
    client: &'a Client,
    organization: OrganizationId,
}

impl Client {
    /// Returns the calls about the invitations of an organization.
    pub const fn invitations(&self, organization: OrganizationId) -> Invitations<'_> {
        Invitations { client: self, organization }
    }

    /// Accepts an invitation for the account of the API key. Returns the organization that it joins.
    pub async fn accept_invitation(&self, token: &Secret) -> Result<Organization, Error> {
        let call =
            self.call(Method::POST, &[&API, &V1, &"invitations", &"accept"]).json(&Acceptance { token })?;
        data(&self.send(&call).await?)
    }
}

impl Invitations<'_> {
    /// Lists the open invitations.
    pub fn list(&self) -> List<Invitation> {
        List::new(self.client, &self.path(&[]), Query::default(), BY_LINK, page)
    }

    /// Invites a person. See [`ApiKeys::create`](crate::ApiKeys::create) about retries.
    pub async fn create(&self, invitation: &NewInvitation) -> Result<IssuedInvitation, Error> {
        data(&self.client.send(&self.client.call(Method::POST, &self.path(&[])).json(invitation)?).await?)
    }

    /// Invites 1 to 100 people: all or none.
    pub async fn create_all(&self, invitations: &[NewInvitation]) -> Result<Vec<IssuedInvitation>, Error> {
        data(&self.client.send(&self.client.call(Method::POST, &self.path(&[])).json(&invitations)?).await?)
    }

    /// Makes a new token for an invitation, which ends the earlier one, and begins its time anew.
    pub async fn resend(&self, id: InvitationId) -> Result<IssuedInvitation, Error> {
        let path = self.path(&[&id, &"resend"]);
        data(&self.client.send(&self.client.call(Method::POST, &path)).await?)
    }

    /// Withdraws an invitation.
    pub async fn withdraw(&self, id: InvitationId) -> Result<(), Error> {
        let path = self.path(&[&id]);
        self.client.send(&self.client.call(Method::DELETE, &path)).await?.nothing()
    }

    fn path<'a>(&'a self, rest: &[Segment<'a>]) -> Vec<Segment<'a>> {
        [&[&API as Segment<'_>, &V1, &"organizations", &self.organization, &"invitations"], rest].concat()
    }
}
