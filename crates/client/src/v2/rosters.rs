//! The rosters of projects.

use reqwest::Method;
use serde::Serialize;

use super::V2;
use super::people::{ProjectReference, RosterPerson};
use crate::body::{body, filter};
use crate::call::Segment;
use crate::client::Client;
use crate::error::Error;
use crate::list::{BY_CURSOR, List, numbered};
use crate::macros::record;
use crate::value::{MembershipId, ProjectId, ProjectRole, Timestamp, UserId};

record! {
    /// A membership in a project.
    #[derive(Eq)]
    pub struct Membership {
        /// The id.
        #[serde(rename = "node_id")]
        pub id: MembershipId,
        /// A number for display and sorting.
        #[serde(rename = "id")]
        pub number: u64,
        /// The role.
        pub role: ProjectRole,
        /// The id of the user.
        #[serde(rename = "user_node_id")]
        pub user_id: UserId,
        /// The time of creation.
        #[serde(rename = "createdAt")]
        pub created_at: Timestamp,
        /// The project.
        pub project: ProjectReference,
        /// The user.
        pub member: RosterPerson,
    }
}

body! {
    /// A member to add to a roster: an active member of the project's organization.
    pub struct NewMembership {
        new {
            /// The user.
            user_node_id: UserId,
        }
        set {
            /// Sets the role; by default a member.
            role: ProjectRole,
        }
        clear {}
    }
}

filter! {
    /// The start of a list of memberships.
    pub struct RosterFilter {
        /// Begins at this page instead of the first, 1. It may begin at row 10 000 at most.
        page: u32 = "page",
    }
}

#[derive(Serialize)]
struct Removal {
    user_node_id: UserId,
}

#[derive(Serialize)]
struct RolePatch<'a> {
    role: &'a ProjectRole,
}

/// The roster of a project. See [`Client::roster`].
#[derive(Debug)]
pub struct Roster<'a> {
    client: &'a Client,
    project: ProjectId,
}

impl Client {
    /// Returns the calls about the roster of a project.
    pub const fn roster(&self, project: ProjectId) -> Roster<'_> {
        Roster { client: self, project }
    }
}

impl Roster<'_> {
    /// Lists the memberships.
    pub fn list(&self, filter: &RosterFilter) -> List<Membership> {
        List::new(
            self.client,
            &[&V2, &"projects", &self.project, &"members"],
            filter.query(),
            BY_CURSOR,
            numbered,
        )
    }

    /// Adds a member.
    pub async fn add(&self, member: &NewMembership) -> Result<Membership, Error> {
        self.write(Method::POST, &[&"add-member"], member).await
    }

    /// Adds 1 to 100 members: all or none.
    pub async fn add_all(&self, members: &[NewMembership]) -> Result<Vec<Membership>, Error> {
        self.write(Method::POST, &[&"add-member"], &members).await
    }

    /// Changes the role of a member. The last admin of a roster cannot be demoted.
    pub async fn set_role(&self, user: UserId, role: &ProjectRole) -> Result<Membership, Error> {
        self.write(Method::PATCH, &[&"members", &user], &RolePatch { role }).await
    }

    /// Removes a member, whose open tasks in the project become unassigned. Returns the former membership.
    pub async fn remove(&self, user: UserId) -> Result<Membership, Error> {
        self.write(Method::PATCH, &[&"remove-member"], &Removal { user_node_id: user }).await
    }

    /// Leaves the roster. Returns the former membership.
    pub async fn leave(&self) -> Result<Membership, Error> {
        let path: &[Segment<'_>] = &[&V2, &"projects", &self.project, &"members", &"me"];
        self.client.send(&self.client.call(Method::DELETE, path)).await?.json()
    }

    async fn write<T: serde::de::DeserializeOwned>(
        &self,
        method: Method,
        path: &[Segment<'_>],
        body: &impl Serialize,
    ) -> Result<T, Error> {
        let path = [&[&V2 as Segment<'_>, &"projects", &self.project], path].concat();
        let is_patch = method == Method::PATCH;
        let call = self.client.call(method, &path);
        let call = if is_patch { call.patch(body)? } else { call.json(body)? };
        self.client.send(&call).await?.json()
    }
}
