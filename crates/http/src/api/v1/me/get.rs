//! `GET /api/v1/me`

use loggia_domain::id::{KeyId, OrganizationId, UserId};
use loggia_domain::key::{Ability, ApiKey, Caller};
use loggia_domain::scope::{Reach, Scope};
use loggia_domain::service::Me;
use loggia_domain::text::{AvatarUrl, EmailAddress, KeyName, PersonName, Username};
use loggia_domain::user::{Member, Profile, User, UserKind};
use schemars::JsonSchema;
use serde::Serialize;

use crate::api::v1::data;
use crate::api::v1::organizations::list::position;
use crate::api::v1::organizations::view::OwnOrganizationJson;
use crate::api::v1::pages::{self, RequestedPage};
use crate::pipeline::call::Call;
use crate::pipeline::handler::handler;
use crate::pipeline::request::Request;
use crate::problem::Problem;
use crate::wire::response::{Answer, Reply};
use crate::wire::schema::{Of, Time};
use crate::wire::serialization::{IdText, TimeText};

/// The user, the key and the scopes of the request.
#[derive(JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Me")]
pub(crate) struct MeJson<'a> {
    user: UserJson<'a>,
    key: Option<KeyJson<'a>>,
    #[schemars(with = "Vec<Of<Ability>>", extend("maxItems" = Ability::WORDS.len()))]
    abilities: Vec<&'static str>,
    /// The scope of requests that specify none.
    default_scope: ScopeJson,
    /// The default scope, if the user still has a membership there; then the personal scope, if the key reaches it; then the scopes of the
    /// `organizations` of this page.
    scopes: Vec<ScopeJson>,
    /// A page of the organizations that the key can access, ordered by id, which is the order of their creation.
    organizations: Vec<OwnOrganizationJson<'a>>,
}

/// The user, with the profile of the default scope.
#[derive(JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Oneself")]
pub(crate) struct UserJson<'a> {
    #[schemars(with = "Of<UserId>")]
    id: IdText,
    #[schemars(with = "Of<UserKind>")]
    kind: &'static str,
    /// `false` for an organization's own person or machine.
    account: bool,
    /// The e-mail address; a machine has none.
    #[schemars(with = "Option<Of<EmailAddress>>")]
    email: Option<&'a str>,
    #[schemars(with = "Option<Of<PersonName>>")]
    first_name: Option<&'a str>,
    #[schemars(with = "Option<Of<PersonName>>")]
    last_name: Option<&'a str>,
    #[schemars(extend("maxLength" = Profile::MAX_FULL_NAME))]
    full_name: Option<String>,
    #[schemars(with = "Option<Of<Username>>")]
    username: Option<&'a str>,
    #[schemars(with = "Option<Of<AvatarUrl>>")]
    avatar: Option<&'a str>,
    #[schemars(with = "Time")]
    created_at: TimeText,
}

#[derive(JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "OwnKey")]
struct KeyJson<'a> {
    #[schemars(with = "Of<KeyId>")]
    id: IdText,
    #[schemars(with = "Of<KeyName>")]
    name: &'a str,
    #[schemars(with = "Time")]
    created_at: TimeText,
    #[schemars(with = "Option<Time>")]
    expires_at: Option<TimeText>,
}

/// The owner of the records in a scope.
#[derive(JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
enum ScopeKind {
    Organization,
    Personal,
}

/// A scope. A personal scope has no organization.
#[derive(JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Scope")]
struct ScopeJson {
    kind: ScopeKind,
    #[schemars(with = "Option<Of<OrganizationId>>")]
    organization_id: Option<IdText>,
}

impl From<Scope> for ScopeJson {
    fn from(scope: Scope) -> Self {
        let kind = if scope.organization().is_some() { ScopeKind::Organization } else { ScopeKind::Personal };
        Self { kind, organization_id: scope.organization().map(Into::into) }
    }
}

impl<'a> From<&'a ApiKey> for KeyJson<'a> {
    fn from(key: &'a ApiKey) -> Self {
        Self {
            id: key.id.into(),
            name: key.name.as_str(),
            created_at: key.created_at.into(),
            expires_at: key.expires_at.map(Into::into),
        }
    }
}

impl<'a> UserJson<'a> {
    /// Shows a user with the profile of a membership: that of the default scope, if the user has access to it.
    pub(super) fn new(user: &'a User, member: Option<&'a Member>) -> Self {
        let profile = member.map(|member| &member.profile);
        Self {
            id: user.id.into(),
            kind: user.kind.as_str(),
            account: user.home.is_none(),
            email: user.email.as_ref().map(EmailAddress::as_str),
            first_name: profile.map(|profile| profile.first_name.as_str()),
            last_name: profile.map(|profile| profile.last_name.as_str()),
            full_name: profile.map(Profile::full_name),
            username: profile.and_then(|profile| profile.username.as_ref()).map(Username::as_str),
            avatar: profile.and_then(|profile| profile.avatar.as_ref()).map(AvatarUrl::as_str),
            created_at: user.created_at.into(),
        }
    }
}

/// Returns the scopes. The default scope and the personal one are on every page; the others are those of the page's organizations.
fn scopes(me: &Me, caller: &Caller) -> Vec<ScopeJson> {
    let default = me.member.as_ref().map(|_| caller.default_scope);
    let personal = (caller.reach == Reach::Everywhere).then_some(Scope::Personal(me.user.id));
    let page = me.organizations.items.iter();
    let organizations = page.map(|(organization, _)| Scope::Organization(organization.id));
    let others = personal.into_iter().chain(organizations).filter(|scope| Some(*scope) != default);
    default.into_iter().chain(others).map(ScopeJson::from).collect()
}

handler!(parse, run);

fn parse(request: &mut Request<'_>) -> Result<RequestedPage, Problem> {
    let list = format!("me {:?}", request.caller.viewer());
    let requested = pages::requested_page(request, list);
    request.errors.accept(requested)
}

async fn run(requested: RequestedPage, call: Call) -> Reply {
    let caller = call.caller;
    let me = call.acting().me(&requested.request).await?;
    let answer = Answer::ok(&data(MeJson {
        user: UserJson::new(&me.user, me.member.as_ref()),
        key: me.key.as_ref().map(KeyJson::from),
        abilities: caller.ability.included().iter().copied().map(Ability::as_str).collect(),
        default_scope: caller.default_scope.into(),
        scopes: scopes(&me, &caller),
        organizations: me.organizations.items.iter().map(OwnOrganizationJson::from).collect(),
    }))?;
    pages::linked(answer, &call, "/api/v1/me", &requested, &me.organizations, position)
}
