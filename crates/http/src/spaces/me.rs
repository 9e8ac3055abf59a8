//! `GET /api/v1/me`

use loggia_domain::key::{Ability, ApiKey, Caller};
use loggia_domain::scope::{Reach, Scope};
use loggia_domain::service::Me;
use loggia_domain::text::{AvatarUrl, EmailAddress, Username};
use serde::Serialize;

use super::data;
use super::organizations::OwnOrganizationJson;
use crate::answer::{Answer, Reply};
use crate::call::Call;

/// Who calls, with which key, and where to.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MeJson {
    user: UserJson,
    key: Option<KeyJson>,
    abilities: Vec<&'static str>,
    /// The scope of calls that name none.
    default_scope: ScopeJson,
    /// Every scope that the key opens.
    scopes: Vec<ScopeJson>,
    organizations: Vec<OwnOrganizationJson>,
}

/// The user, with the profile that the default scope shows.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct UserJson {
    id: String,
    kind: &'static str,
    /// A machine has none.
    email: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    full_name: Option<String>,
    username: Option<String>,
    avatar: Option<String>,
    created_at: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct KeyJson {
    id: String,
    name: String,
    created_at: String,
    expires_at: Option<String>,
}

/// A scope; a personal one has no organization.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ScopeJson {
    kind: &'static str,
    organization_id: Option<String>,
}

impl From<Scope> for ScopeJson {
    fn from(scope: Scope) -> Self {
        let kind = if scope.organization().is_some() { "organization" } else { "personal" };
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
