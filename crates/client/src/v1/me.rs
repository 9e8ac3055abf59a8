//! The user and the key of a request.

use reqwest::Method;

use super::organizations::Organization;
use super::permissions::{PermissionQuery, Permissions};
use super::{API, V1, data};
use crate::body::body;
use crate::call::{Query, Reply, Segment};
use crate::client::Client;
use crate::error::Error;
use crate::list::{BY_LINK, Contents, List, linked};
use crate::macros::record;
use crate::value::{Ability, ApiKeyId, AvailableScope, OrganizationId, Timestamp, UserId, UserKind};

record! {
    /// The user and the key of a request, and what the key can access.
    #[serde(rename_all = "camelCase")]
    pub struct Me {
        /// The user.
        pub user: Oneself,
        /// The key of the request; `None` if the service knows its callers by other means.
        pub key: Option<OwnKey>,
        /// The ability of the key.
        pub abilities: Vec<Ability>,
        /// The scope of requests that name none.
        pub default_scope: AvailableScope,
        /// The default scope, the personal scope if the key reaches it, and those of `organizations`.
        pub scopes: Vec<AvailableScope>,
        /// The first organizations that the key can access; [`CurrentUser::organizations`] lists all.
        pub organizations: Vec<Organization>,
    }
}

record! {
    /// The current user.
    #[serde(rename_all = "camelCase")]
    pub struct Oneself {
        /// The id.
        pub id: UserId,
        /// The kind.
        pub kind: UserKind,
        /// Whether this is an account; if not, the user belongs to one organization.
        pub account: bool,
        /// The e-mail address; a machine has none.
        pub email: Option<String>,
        /// The first name.
        pub first_name: Option<String>,
        /// The last name.
        pub last_name: Option<String>,
        /// Both names.
        pub full_name: Option<String>,
        /// The short name in the organization that the key is confined to.
        pub username: Option<String>,
        /// The URL of a picture.
        pub avatar: Option<String>,
        /// The time of creation.
        pub created_at: Timestamp,
    }
}

record! {
    /// The API key of a request.
    #[serde(rename_all = "camelCase")]
    pub struct OwnKey {
        /// The id.
        pub id: ApiKeyId,
        /// The name, such as the key's purpose.
        pub name: String,
        /// The time of creation.
        pub created_at: Timestamp,
        /// When the key ends, if it does.
        pub expires_at: Option<Timestamp>,
    }
}

body! {
    /// Changes of the profile of the current user.
    #[derive(Default)]
    #[serde(rename_all = "camelCase")]
    pub struct OneselfPatch {
        new {}
        set {
            /// Changes the first name.
            first_name: String,
            /// Changes the last name.
            last_name: String,
        }
        clear {
            /// Changes the `https` or `http` URL of the picture.
            avatar / clear_avatar: String,
        }
    }
}

/// The current user. See [`Client::me`].
#[derive(Debug)]
pub struct CurrentUser<'a>(&'a Client);

impl Client {
    /// Returns the calls about the user and the key of the requests.
    pub const fn me(&self) -> CurrentUser<'_> {
        CurrentUser(self)
    }
}

impl CurrentUser<'_> {
    /// Reads the user and the key, and what the key can access.
    pub async fn get(&self) -> Result<Me, Error> {
        data(&self.0.send(&self.0.call(Method::GET, &[&API, &V1, &"me"])).await?)
    }

    /// Lists the organizations that the key can access, in the order of their creation.
    pub fn organizations(&self) -> List<Organization> {
        List::new(self.0, &[&API, &V1, &"me"], Query::default(), BY_LINK, |reply| {
            Ok(organizations(data(reply)?, reply))
        })
    }

    /// Changes the profile of the account.
    pub async fn update(&self, patch: &OneselfPatch) -> Result<Oneself, Error> {
        data(&self.0.send(&self.0.call(Method::PATCH, &[&API, &V1, &"me"]).patch(patch)?).await?)
    }

    /// Reads what the caller may do in a scope, with a project or with a space.
    pub async fn permissions(&self, query: PermissionQuery) -> Result<Permissions, Error> {
        let call = self.0.call(Method::GET, &[&API, &V1, &"me", &"permissions"]).query(&query.query());
        data(&self.0.send(&call).await?)
    }

    /// Leaves an organization. The last admin cannot.
    pub async fn leave(&self, organization: OrganizationId) -> Result<(), Error> {
        let path: &[Segment<'_>] = &[&API, &V1, &"me", &"organizations", &organization];
        self.0.send(&self.0.call(Method::DELETE, path)).await?.nothing()
    }
}

fn organizations(me: Me, reply: &Reply) -> Contents<Organization> {
    linked(me.organizations, reply)
}
