//! API keys: those of the current user, and those that an organization's admins issue for its own people and machines.

use reqwest::Method;
use serde::{Deserialize, Serialize};

use super::{API, V1, data};
use crate::body::body;
use crate::call::{Query, Segment};
use crate::client::Client;
use crate::error::Error;
use crate::list::{BY_LINK, List, data as page};
use crate::macros::record;
use crate::value::{
    Ability, ApiKeyId, Descendants, OrganizationId, Scope, Secret, TimeOrDate, Timestamp, UserId,
};

record! {
    /// An API key, without its secret.
    #[serde(rename_all = "camelCase")]
    pub struct ApiKey {
        /// The id.
        pub id: ApiKeyId,
        /// The name, such as the key's purpose.
        pub name: String,
        /// The beginning of the secret, by which a key is recognized.
        pub prefix: Option<String>,
        /// The ability of the key.
        pub ability: Ability,
        /// The organization that is the default scope of requests; `None` for the personal scope.
        pub default_organization_id: Option<OrganizationId>,
        /// The only organization that the key reaches, if it is confined to one.
        pub confined_to_organization_id: Option<OrganizationId>,
        /// The time of creation.
        pub created_at: Timestamp,
        /// When the key ends, if it does.
        pub expires_at: Option<Timestamp>,
        /// When the key was revoked.
        pub revoked_at: Option<Timestamp>,
        /// When the key was last used, to the hour.
        pub last_used_at: Option<Timestamp>,
    }
}

/// A new API key with its secret, which no other response contains.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[non_exhaustive]
pub struct IssuedApiKey {
    /// The key as it is listed.
    #[serde(flatten)]
    pub record: ApiKey,
    /// The secret: what [`Client::new`] takes.
    pub key: Secret,
}

/// A revoked API key.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RevokedApiKey {
    /// The key as it is listed.
    #[serde(flatten)]
    pub record: ApiKey,
    /// The number of keys that were revoked with it.
    pub revoked_descendants: u64,
}

body! {
    /// An API key to create for the current user.
    #[serde(rename_all = "camelCase")]
    pub struct NewApiKey {
        new {
            /// The name.
            name: String,
        }
        set {
            /// Sets what the key may do; by default what the creating key may.
            ability: Ability,
            /// Sets the default scope; by default that of the creating key.
            default_organization_id: Scope,
            /// Confines the key to its default organization.
            confined_to_organization: bool,
        }
        clear {
            /// Sets when the key ends: no later than the key that creates it.
            expires_at / clear_expires_at: TimeOrDate,
        }
    }
}

body! {
    /// An API key to create for an organization's own person or machine.
    #[serde(rename_all = "camelCase")]
    pub struct NewMemberApiKey {
        new {
            /// The name.
            name: String,
        }
        set {
            /// Sets what the key may do.
            ability: Ability,
        }
        clear {
            /// Sets when the key ends.
            expires_at / clear_expires_at: TimeOrDate,
        }
    }
}

body! {
    /// The options for replacing an API key.
    #[derive(Default)]
    #[serde(rename_all = "camelCase")]
    pub struct Rotation {
        new {}
        set {
            /// Sets for how many seconds the old key stays valid: at most 604 800, by default 86 400.
            overlap_seconds: u32,
        }
        clear {}
    }
}

/// The API keys of the current user. See [`Client::api_keys`].
#[derive(Debug)]
pub struct ApiKeys<'a>(&'a Client);

/// The API keys of a member. See [`Client::member_api_keys`].
#[derive(Debug)]
pub struct MemberApiKeys<'a> {
    client: &'a Client,
    organization: OrganizationId,
    user: UserId,
}

impl Client {
    /// Returns the calls about the API keys of the current user.
    pub const fn api_keys(&self) -> ApiKeys<'_> {
        ApiKeys(self)
    }

    /// Returns the calls about the API keys of an organization's own person or machine.
    pub const fn member_api_keys(&self, organization: OrganizationId, user: UserId) -> MemberApiKeys<'_> {
        MemberApiKeys { client: self, organization, user }
    }
}

impl ApiKeys<'_> {
    /// Lists the keys.
    pub fn list(&self) -> List<ApiKey> {
        List::new(self.0, &[&API, &V1, &"api-keys"], Query::default(), BY_LINK, page)
    }

    /// Creates a key.
    ///
    /// The service does not store a response with a secret. If the connection breaks after the key was created, a retry gets
    /// `SECRET_ALREADY_SHOWN`: revoke the key, and create another.
    pub async fn create(&self, key: &NewApiKey) -> Result<IssuedApiKey, Error> {
        data(&self.0.send(&self.0.call(Method::POST, &[&API, &V1, &"api-keys"]).json(key)?).await?)
    }

    /// Replaces a key by a new one. The old key stays valid for a while.
    pub async fn rotate(&self, id: ApiKeyId, rotation: &Rotation) -> Result<IssuedApiKey, Error> {
        let path: &[Segment<'_>] = &[&API, &V1, &"api-keys", &id, &"rotate"];
        data(&self.0.send(&self.0.call(Method::POST, path).json(rotation)?).await?)
    }

    /// Revokes a key, at once and everywhere.
    pub async fn revoke(&self, id: ApiKeyId, descendants: Descendants) -> Result<RevokedApiKey, Error> {
        revoke(self.0, &[&API, &V1, &"api-keys", &id], descendants).await
    }
}

impl MemberApiKeys<'_> {
    /// Lists the keys.
    pub fn list(&self) -> List<ApiKey> {
        List::new(self.client, &self.path(&[]), Query::default(), BY_LINK, page)
    }

    /// Creates a key, which reaches this organization alone. See [`ApiKeys::create`] about retries.
    pub async fn create(&self, key: &NewMemberApiKey) -> Result<IssuedApiKey, Error> {
        data(&self.client.send(&self.client.call(Method::POST, &self.path(&[])).json(key)?).await?)
    }

    /// Revokes a key, at once and everywhere.
    pub async fn revoke(&self, id: ApiKeyId, descendants: Descendants) -> Result<RevokedApiKey, Error> {
        revoke(self.client, &self.path(&[&id]), descendants).await
    }

    fn path<'a>(&'a self, rest: &[Segment<'a>]) -> Vec<Segment<'a>> {
        [
            &[
                &API as Segment<'_>,
                &V1,
                &"organizations",
                &self.organization,
                &"members",
                &self.user,
                &"api-keys",
            ],
            rest,
        ]
        .concat()
    }
}

async fn revoke(
    client: &Client,
    path: &[Segment<'_>],
    descendants: Descendants,
) -> Result<RevokedApiKey, Error> {
    let mut query = Query::default();
    query.set("descendants", descendants);
    data(&client.send(&client.call(Method::DELETE, path).query(&query)).await?)
}
