//! `GET /api/v1/me/permissions`

use std::collections::BTreeMap;

use loggia_domain::id::{ProjectId, SpaceId};
use loggia_domain::policy::{Action, Forbidden};
use loggia_domain::service::{Permission, PermissionTarget};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

use crate::api::v1::data;
use crate::api::v1::pages::ORGANIZATION;
use crate::pipeline::call::Call;
use crate::pipeline::handler::handler;
use crate::pipeline::request::Request;
use crate::problem::validation::ValueError;
use crate::problem::{FieldErrorCode, Problem};
use crate::wire::parameter::{Declaration, Parameter, schema_of};
use crate::wire::response::{Answer, Reply};

pub(super) static PROJECT: Parameter<ProjectId> = Parameter::new(
    "projectId",
    "Returns permissions for this project. Must be the only parameter.",
    schema_of::<ProjectId>,
    |text| ProjectId::parse(text).map_err(ValueError::from),
);

pub(super) static SPACE: Parameter<SpaceId> = Parameter::new(
    "spaceId",
    "Returns permissions for this space. Must be the only parameter.",
    schema_of::<SpaceId>,
    |text| SpaceId::parse(text).map_err(ValueError::from),
);

pub(crate) static PARAMETERS: &[&Declaration] =
    &[&ORGANIZATION.declaration, &PROJECT.declaration, &SPACE.declaration];

/// The permissions, by the names of the actions.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "Permissions")]
pub(crate) struct PermissionsJson {
    #[schemars(extend("propertyNames" = json!({"enum": Action::WORDS})))]
    actions: BTreeMap<&'static str, PermissionJson>,
}

#[derive(JsonSchema, Serialize)]
#[schemars(rename = "Permission")]
struct PermissionJson {
    allowed: bool,
    /// The reason why the action is not allowed.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Reason>,
}

handler!(parse, run);

fn parse(request: &mut Request<'_>) -> Result<PermissionTarget, Problem> {
    let target = read(request);
    request.errors.accept(target)
}

async fn run(target: PermissionTarget, call: Call) -> Reply {
    if let PermissionTarget::Scope(choice) = target {
        call.note_scope(choice);
    }
    let permissions = call.acting().permissions(target).await?;
    Answer::ok(&data(PermissionsJson { actions: permissions.into_iter().map(shown).collect() }))
}

fn shown((action, decision): Permission) -> (&'static str, PermissionJson) {
    let reason = decision.err().map(reason);
    (action.as_str(), PermissionJson { allowed: reason.is_none(), reason })
}

/// The reason why an action is not allowed: the role is too low, the key lacks the ability, the caller has no membership in the scope, the
/// key is confined to one organization, or the instance leaves the creation of organizations to its operator.
#[derive(Clone, Copy, JsonSchema, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[schemars(inline)]
enum Reason {
    Role,
    Ability,
    NotInScope,
    Reach,
    CreationClosed,
}

fn reason(forbidden: Forbidden) -> Reason {
    match forbidden {
        Forbidden::Role => Reason::Role,
        Forbidden::Ability(_) => Reason::Ability,
        Forbidden::NotInScope => Reason::NotInScope,
        Forbidden::Reach => Reason::Reach,
        Forbidden::CreationClosed => Reason::CreationClosed,
    }
}

fn read(request: &mut Request<'_>) -> Option<PermissionTarget> {
    let scope = request.scope_parameter(&ORGANIZATION);
    let (given, errors) = (&request.query, &mut request.errors);
    let project = given.read(errors, &PROJECT);
    let space = given.read(errors, &SPACE);
    let names: Vec<_> = PARAMETERS.iter().map(|parameter| parameter.name).collect();
    let named: Vec<_> = names.iter().filter(|name| given.get(name).is_some()).collect();
    if named.len() > 1 {
        for name in named {
            let detail = format!("must be the only parameter: send at most one of {}", names.join(", "));
            errors.parameter(name, ValueError::new(FieldErrorCode::NOT_TOGETHER, detail));
        }
        return None;
    }
    Some(match (project?, space?) {
        (Some(project), _) => PermissionTarget::Project(project),
        (_, Some(space)) => PermissionTarget::Space(space),
        _ => PermissionTarget::Scope(scope?),
    })
}
