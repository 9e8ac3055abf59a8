//! API keys, as this dialect shows them.

use loggia_domain::id::{KeyId, OrganizationId};
use loggia_domain::instant::Timestamp;
use loggia_domain::key::{Ability, ApiKey, KeyPrefix, KeySecret};
use loggia_domain::scope::Reach;
use loggia_domain::service::IssuedKey;
use loggia_domain::text::KeyName;
use schemars::JsonSchema;
use serde::Serialize;

use crate::openapi::{Of, Time};

/// A key without its secret.
#[derive(JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ApiKey")]
pub(crate) struct ApiKeyJson {
    #[schemars(with = "Of<KeyId>")]
    id: String,
    #[schemars(with = "Of<KeyName>")]
    name: String,
    /// How its secret begins; keys of the first versions do not tell.
    #[schemars(with = "Option<Of<KeyPrefix>>")]
    prefix: Option<String>,
    #[schemars(with = "Of<Ability>")]
    ability: &'static str,
    /// The scope of calls that name none; null is the user's personal one.
    #[schemars(with = "Option<Of<OrganizationId>>")]
    default_organization_id: Option<String>,
    /// The one organization that it opens; null is every scope of the user.
    #[schemars(with = "Option<Of<OrganizationId>>")]
    confined_to_organization_id: Option<String>,
    #[schemars(with = "Time")]
    created_at: String,
    #[schemars(with = "Option<Time>")]
    expires_at: Option<String>,
    #[schemars(with = "Option<Time>")]
    revoked_at: Option<String>,
    /// To the hour.
    #[schemars(with = "Option<Time>")]
    last_used_at: Option<String>,
}

/// A new key, with its secret, which no other answer has.
#[derive(JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "IssuedApiKey")]
pub(crate) struct IssuedKeyJson<'a> {
    #[serde(flatten)]
    shown: ApiKeyJson,
    /// The secret, this once.
    #[schemars(with = "Of<KeySecret>")]
    key: &'a str,
}

impl From<&ApiKey> for ApiKeyJson {
    fn from(key: &ApiKey) -> Self {
        Self {
            id: key.id.to_string(),
            name: key.name.to_string(),
            prefix: key.prefix.as_ref().map(KeyPrefix::as_str).map(str::to_owned),
            ability: key.ability.as_str(),
            default_organization_id: key.default_scope.organization().map(|id| id.to_string()),
            confined_to_organization_id: match key.reach {
                Reach::Everywhere => None,
                Reach::Only(organization) => Some(organization.to_string()),
            },
            created_at: key.created_at.to_rfc3339(),
            expires_at: key.expires_at.map(Timestamp::to_rfc3339),
            revoked_at: key.revoked_at.map(Timestamp::to_rfc3339),
            last_used_at: key.last_used_at.map(Timestamp::to_rfc3339),
        }
    }
}

impl<'a> From<&'a IssuedKey> for IssuedKeyJson<'a> {
    fn from(issued: &'a IssuedKey) -> Self {
        Self { shown: (&issued.key).into(), key: issued.secret.expose() }
    }
}
