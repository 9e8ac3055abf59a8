//! `GET /api/v1/me/permissions`

use std::collections::BTreeMap;

use loggia_domain::id::{ProjectId, SpaceId};
use loggia_domain::policy::{Action, Forbidden};
use loggia_domain::service::{Permission, Place};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

use super::data;
use crate::answer::{Answer, Reply};
use crate::call::Call;
use crate::fault::{Fault, FaultCode};

pub(crate) const PARAMETERS: &[&str] = &["organizationId", "projectId", "spaceId"];

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

pub(crate) async fn handle(mut call: Call) -> Reply {
    let place = read(&mut call);
    let place = call.findings.accept(place)?;
    if let Place::Scope(choice) = place {
        call.note_scope(choice);
    }
    let permissions = call.acting().permissions(place).await?;
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

fn read(call: &mut Call) -> Option<Place> {
    let scope = call.scope_parameter("organizationId");
    let (given, findings) = (&call.query, &mut call.findings);
    let project = given.optional(findings, "projectId", ProjectId::parse);
    let space = given.optional(findings, "spaceId", SpaceId::parse);
    let named: Vec<_> = PARAMETERS.iter().filter(|name| given.get(name).is_some()).collect();
    if named.len() > 1 {
        for name in named {
            let detail = format!("must be the only parameter: send at most one of {}", PARAMETERS.join(", "));
            findings.parameter(name, Fault::new(FaultCode::NOT_TOGETHER, detail));
        }
        return None;
    }
    Some(match (project?, space?) {
        (Some(project), _) => Place::Project(project),
        (_, Some(space)) => Place::Space(space),
        _ => Place::Scope(scope?),
    })
}
