//! The members of an organization.

use reqwest::Method;

use super::{API, V1, data, versioned};
use crate::body::{body, filter};
use crate::call::{Call, Segment};
use crate::client::Client;
use crate::error::Error;
use crate::list::{BY_LINK, List, data as page};
use crate::macros::{open_enum, record};
use crate::value::versioned::sealed::Sealed;
use crate::value::{
    Expected, OrganizationId, OrganizationRole, Record, Timestamp, UserId, UserKind, Versioned,
};

record! {
    /// A member of an organization.
    #[serde(rename_all = "camelCase")]
    pub struct Member {
        /// The id of the user.
        pub id: UserId,
        /// The kind of the user.
        pub kind: UserKind,
        /// Whether the user is an account; if not, the user belongs to the organization.
        pub account: bool,
        /// The e-mail address; a machine has none.
        pub email: Option<String>,
        /// The role in the organization.
        pub role: OrganizationRole,
        /// Whether the membership is active.
        pub active: bool,
        /// The first name.
        pub first_name: String,
        /// The last name.
        pub last_name: String,
        /// Both names.
        pub full_name: String,
        /// A short name, unique in the organization.
        pub username: Option<String>,
        /// The number of the employee, unique in the organization.
        pub employee_number: Option<String>,
        /// The URL of a picture.
        pub avatar: Option<String>,
        /// The time of creation.
        pub created_at: Timestamp,
        /// The time of the last change.
        pub updated_at: Timestamp,
    }
}

impl Sealed for Member {}

impl Record for Member {
    type Id = UserId;

    fn record_id(&self) -> UserId {
        self.id
    }
}

body! {
    /// A person or a machine to add to an organization, to which the new user will belong. Accounts are invited instead.
    #[serde(rename_all = "camelCase")]
    pub struct NewMember {
        new {
            /// The first name.
            first_name: String,
            /// The last name.
            last_name: String,
        }
        set {
            /// Sets the kind; by default a person, who must have an e-mail address. A machine has none.
            kind: UserKind,
            /// Sets the role; by default a member.
            role: OrganizationRole,
        }
        clear {
            /// Sets the e-mail address.
            email / clear_email: String,
            /// Sets the short name, unique in the organization.
            username / clear_username: String,
            /// Sets the number of the employee, unique in the organization.
            employee_number / clear_employee_number: String,
            /// Sets the `https` or `http` URL of a picture.
            avatar / clear_avatar: String,
        }
    }
}

body! {
    /// Changes of a member.
    #[derive(Default)]
    #[serde(rename_all = "camelCase")]
    pub struct MemberPatch {
        new {}
        set {
            /// Changes the role.
            role: OrganizationRole,
            /// Reactivates or deactivates the membership.
            active: bool,
            /// Changes the first name; not of an account.
            first_name: String,
            /// Changes the last name; not of an account.
            last_name: String,
            /// Changes the e-mail address; not of an account.
            email: String,
        }
        clear {
            /// Changes the short name.
            username / clear_username: String,
            /// Changes the number of the employee.
            employee_number / clear_employee_number: String,
            /// Changes the `https` or `http` URL of the picture; not of an account.
            avatar / clear_avatar: String,
        }
    }
}

open_enum! {
    /// The order of a list of members.
    pub enum MemberOrder {
        /// By name.
        Name = "name",
        /// By name, descending.
        NameDescending = "-name",
        /// The oldest first.
        CreatedAt = "createdAt",
        /// The newest first.
        CreatedAtDescending = "-createdAt",
    }
}

filter! {
    /// The filters and the order of a list of members.
    pub struct MemberFilter {
        /// Lists only members with this role.
        role: OrganizationRole = "role",
        /// Lists only active members, or only others.
        active: bool = "active",
        /// Lists only members with this text in their names.
        search: String = "search",
        /// Sets the order; by default by name.
        order: MemberOrder = "sort",
        /// Skips this number of members, at most 10 000.
        offset: u32 = "offset",
        /// Counts all members of the list: see [`Page::total`](crate::Page::total).
        count: bool = "count",
    }
}

/// The members of an organization. See [`Client::members`].
#[derive(Debug)]
pub struct Members<'a> {
    client: &'a Client,
    organization: OrganizationId,
}

impl Client {
    /// Returns the calls about the members of an organization.
    pub const fn members(&self, organization: OrganizationId) -> Members<'_> {
        Members { client: self, organization }
    }
}

impl Members<'_> {
    /// Lists the members.
    pub fn list(&self, filter: &MemberFilter) -> List<Member> {
        List::new(self.client, &self.path(&[]), filter.query(), BY_LINK, page)
    }

    /// Adds one of the organization's own people or machines.
    pub async fn add(&self, member: &NewMember) -> Result<Versioned<Member>, Error> {
        let call = self.client.call(Method::POST, &self.path(&[])).json(member)?;
        versioned(&self.client.send(&call).await?)
    }

    /// Adds 1 to 100 of the organization's own people or machines: all or none.
    pub async fn add_all(&self, members: &[NewMember]) -> Result<Vec<Member>, Error> {
        let call = self.client.call(Method::POST, &self.path(&[])).json(&members)?;
        data(&self.client.send(&call).await?)
    }

    /// Reads a member.
    pub async fn get(&self, user: UserId) -> Result<Versioned<Member>, Error> {
        versioned(&self.client.send(&self.call(Method::GET, user)).await?)
    }

    /// Reads a member if it has changed. Returns `None` if it has not.
    pub async fn refresh(&self, known: &Versioned<Member>) -> Result<Option<Versioned<Member>>, Error> {
        self.client.refresh(self.call(Method::GET, known.id), known.etag(), versioned).await
    }

    /// Changes a member of this version.
    pub async fn update(
        &self,
        expected: impl Into<Expected<UserId>>,
        patch: &MemberPatch,
    ) -> Result<Versioned<Member>, Error> {
        let expected = expected.into();
        let call = self.call(Method::PATCH, expected.id).expecting(expected).patch(patch)?;
        versioned(&self.client.send(&call).await?)
    }

    /// Deactivates a member of this version, who loses access at once.
    pub async fn deactivate(
        &self,
        expected: impl Into<Expected<UserId>>,
    ) -> Result<Versioned<Member>, Error> {
        let expected = expected.into();
        versioned(&self.client.send(&self.call(Method::DELETE, expected.id).expecting(expected)).await?)
    }

    /// Erases one of the organization's own people or machines for good: profile, keys and access. There is no way back.
    pub async fn erase(&self, user: UserId) -> Result<Member, Error> {
        let path = self.path(&[&user, &"erase"]);
        data(&self.client.send(&self.client.call(Method::POST, &path)).await?)
    }

    fn path<'a>(&'a self, rest: &[Segment<'a>]) -> Vec<Segment<'a>> {
        [&[&API as Segment<'_>, &V1, &"organizations", &self.organization, &"members"], rest].concat()
    }

    fn call(&self, method: Method, user: UserId) -> Call {
        let path = self.path(&[&user]);
        self.client.call(method, &path)
    }
}
