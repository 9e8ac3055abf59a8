//! `GET /api/v1/me`

use loggia_domain::id::{KeyId, OrganizationId, UserId};
use loggia_domain::key::{Ability, ApiKey, Caller};
use loggia_domain::scope::{Reach, Scope};
use loggia_domain::service::Me;
use loggia_domain::text::{AvatarUrl, EmailAddress, KeyName, PersonName, Username};
use loggia_domain::user::UserKind;
use schemars::JsonSchema;
use serde::Serialize;

use super::data;
use super::organizations::OwnOrganizationJson;
use crate::answer::{Answer, Reply};
use crate::call::Call;
use crate::openapi::{Of, Time};

/// Who calls, with which key, and where to.
#[derive(JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Me")]
pub(crate) struct MeJson {
    user: UserJson,
    key: Option<KeyJson>,
    #[schemars(with = "Vec<Of<Ability>>")]
    abilities: Vec<&'static str>,
    /// The scope of calls that name none.
    default_scope: ScopeJson,
    /// Every scope that the key opens.
    scopes: Vec<ScopeJson>,
    organizations: Vec<OwnOrganizationJson>,
}

/// The user, with the profile that the default scope shows.
#[derive(JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Oneself")]
struct UserJson {
    #[schemars(with = "Of<UserId>")]
    id: String,
    #[schemars(with = "Of<UserKind>")]
    kind: &'static str,
    /// A machine has none.
    #[schemars(with = "Option<Of<EmailAddress>>")]
    email: Option<String>,
    #[schemars(with = "Option<Of<PersonName>>")]
    first_name: Option<String>,
    #[schemars(with = "Option<Of<PersonName>>")]
    last_name: Option<String>,
    full_name: Option<String>,
    #[schemars(with = "Option<Of<Username>>")]
    username: Option<String>,
    #[schemars(with = "Option<Of<AvatarUrl>>")]
    avatar: Option<String>,
    #[schemars(with = "Time")]
    created_at: String,
}

#[derive(JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "OwnKey")]
struct KeyJson {
    #[schemars(with = "Of<KeyId>")]
    id: String,
    #[schemars(with = "Of<KeyName>")]
    name: String,
    #[schemars(with = "Time")]
    created_at: String,
    #[schemars(with = "Option<Time>")]
    expires_at: Option<String>,
}

/// Who owns what is in a scope.
#[derive(JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
enum ScopeKind {
    Organization,
    Personal,
}

/// A scope; a personal one has no organization.
#[derive(JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Scope")]
struct ScopeJson {
    kind: ScopeKind,
    #[schemars(with = "Option<Of<OrganizationId>>")]
    organization_id: Option<String>,
}

impl From<Scope> for ScopeJson {
    fn from(scope: Scope) -> Self {
        let kind = if scope.organization().is_some() { ScopeKind::Organization } else { ScopeKind::Personal };
        Self { kind, organization_id: scope.organization().map(|id| id.to_string()) }
    }
}

impl From<&ApiKey> for KeyJson {
    fn from(key: &ApiKey) -> Self {
        Self {
            id: key.id.to_string(),
            name: key.name.to_string(),
            created_at: key.created_at.to_rfc3339(),
            expires_at: key.expires_at.map(|time| time.to_rfc3339()),
        }
    }
}

fn user_json(me: &Me) -> UserJson {
    let profile = me.member.as_ref().map(|member| &member.profile);
    UserJson {
        id: me.user.id.to_string(),
        kind: me.user.kind.as_str(),
        email: me.user.email.as_ref().map(EmailAddress::as_str).map(str::to_owned),
        first_name: profile.map(|profile| profile.first_name.to_string()),
        last_name: profile.map(|profile| profile.last_name.to_string()),
        full_name: profile.map(loggia_domain::user::Profile::full_name),
        username: profile.and_then(|profile| profile.username.as_ref()).map(Username::to_string),
        avatar: profile.and_then(|profile| profile.avatar.as_ref()).map(AvatarUrl::as_str).map(str::to_owned),
        created_at: me.user.created_at.to_rfc3339(),
    }
}

fn scopes(me: &Me, caller: &Caller) -> Vec<ScopeJson> {
    let organizations = me.organizations.iter().map(|(organization, _)| Scope::Organization(organization.id));
    let personal = matches!(caller.reach, Reach::Everywhere).then_some(Scope::Personal(me.user.id));
    organizations.chain(personal).map(ScopeJson::from).collect()
}

pub(crate) async fn get(mut call: Call) -> Reply {
    call.checked()?;
    let caller = call.caller;
    let me = call.loggia().me(&caller).await?;
    Answer::ok(&data(MeJson {
        user: user_json(&me),
        key: me.key.as_ref().map(KeyJson::from),
        abilities: caller.ability.included().iter().copied().map(Ability::as_str).collect(),
        default_scope: caller.default_scope.into(),
        scopes: scopes(&me, &caller),
        organizations: me.organizations.iter().map(OwnOrganizationJson::from).collect(),
    }))
}
