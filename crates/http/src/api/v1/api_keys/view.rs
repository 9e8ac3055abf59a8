//! The representation of API keys in this dialect.

use loggia_domain::id::{KeyId, OrganizationId};
use loggia_domain::key::{Ability, ApiKey, KeyPrefix, KeySecret};
use loggia_domain::scope::Reach;
use loggia_domain::service::{IssuedKey, RevokedKey};
use loggia_domain::text::KeyName;
use schemars::JsonSchema;
use serde::Serialize;

use crate::wire::schema::{Of, Time};
use crate::wire::serialization::{IdText, TimeText};

/// An API key without its secret.
#[derive(JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ApiKey")]
pub(crate) struct ApiKeyJson<'a> {
    #[schemars(with = "Of<KeyId>")]
    id: IdText,
    #[schemars(with = "Of<KeyName>")]
    name: &'a str,
    /// The beginning of the secret. Keys of the first versions have none.
    #[schemars(with = "Option<Of<KeyPrefix>>")]
    prefix: Option<&'a str>,
    #[schemars(with = "Of<Ability>")]
    ability: &'static str,
    /// The scope of requests that specify none; null means the user's personal scope.
    #[schemars(with = "Option<Of<OrganizationId>>")]
    default_organization_id: Option<IdText>,
    /// The organization that the key is confined to; null means every scope of the user.
    #[schemars(with = "Option<Of<OrganizationId>>")]
    confined_to_organization_id: Option<IdText>,
    #[schemars(with = "Time")]
    created_at: TimeText,
    #[schemars(with = "Option<Time>")]
    expires_at: Option<TimeText>,
    #[schemars(with = "Option<Time>")]
    revoked_at: Option<TimeText>,
    /// The time of the last use, to the hour.
    #[schemars(with = "Option<Time>")]
    last_used_at: Option<TimeText>,
}

/// A new API key with its secret, which no other response has.
#[derive(JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "IssuedApiKey")]
pub(crate) struct IssuedKeyJson<'a> {
    #[serde(flatten)]
    shown: ApiKeyJson<'a>,
    /// The secret, which is shown only once.
    #[schemars(with = "Of<KeySecret>")]
    key: &'a str,
}

/// A revoked API key.
#[derive(JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "RevokedApiKey")]
pub(crate) struct RevokedKeyJson<'a> {
    #[serde(flatten)]
    shown: ApiKeyJson<'a>,
    /// The number of live descendant keys that this request revoked.
    revoked_descendants: u64,
}

impl<'a> From<&'a RevokedKey> for RevokedKeyJson<'a> {
    fn from(revoked: &'a RevokedKey) -> Self {
        Self { shown: (&revoked.key).into(), revoked_descendants: revoked.descendants }
    }
}

impl<'a> From<&'a ApiKey> for ApiKeyJson<'a> {
    fn from(key: &'a ApiKey) -> Self {
        Self {
            id: key.id.into(),
            name: key.name.as_str(),
            prefix: key.prefix.as_ref().map(KeyPrefix::as_str),
            ability: key.ability.as_str(),
            default_organization_id: key.default_scope.organization().map(Into::into),
            confined_to_organization_id: match key.reach {
                Reach::Everywhere => None,
                Reach::Only(organization) => Some(organization.into()),
            },
            created_at: key.created_at.into(),
            expires_at: key.expires_at.map(Into::into),
            revoked_at: key.revoked_at.map(Into::into),
            last_used_at: key.last_used_at.map(Into::into),
        }
    }
}

impl<'a> From<&'a IssuedKey> for IssuedKeyJson<'a> {
    fn from(issued: &'a IssuedKey) -> Self {
        Self { shown: (&issued.key).into(), key: issued.secret.expose() }
    }
}
