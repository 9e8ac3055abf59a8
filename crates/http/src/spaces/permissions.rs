//! `GET /api/v1/me/permissions`

use std::collections::BTreeMap;

use loggia_domain::id::{ProjectId, SpaceId};
use loggia_domain::policy::Forbidden;
use loggia_domain::service::{Permission, Place};
use serde::Serialize;

use super::data;
use crate::answer::{Answer, Reply};
use crate::call::Call;
use crate::fault::Fault;

pub(crate) const PARAMETERS: &[&str] = &["organizationId", "projectId", "spaceId"];

/// What may be done, by the names of the actions.
#[derive(Serialize)]
struct PermissionsJson {
    actions: BTreeMap<&'static str, PermissionJson>,
}

#[derive(Serialize)]
struct PermissionJson {
    allowed: bool,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
}

pub(crate) async fn handle(mut call: Call) -> Reply {
    let place = read(&mut call);
    let place = call.findings.accept(place)?;
    if let Place::Scope(choice) = place {
        call.note_scope(choice);
    }
    let permissions = call.loggia().permissions(&call.caller, place).await?;
    Answer::ok(&data(PermissionsJson { actions: permissions.into_iter().map(shown).collect() }))
}

fn shown((action, decision): Permission) -> (&'static str, PermissionJson) {
    let reason = decision.err().map(reason);
    (action.as_str(), PermissionJson { allowed: reason.is_none(), reason })
}

fn reason(forbidden: Forbidden) -> &'static str {
    match forbidden {
        Forbidden::Role => "ROLE",
        Forbidden::Ability(_) => "ABILITY",
        Forbidden::NotInScope => "NOT_IN_SCOPE",
        Forbidden::Reach => "REACH",
        Forbidden::CreationClosed => "CREATION_CLOSED",
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
            let detail = format!("must stand alone: give one of {}, or none", PARAMETERS.join(", "));
            findings.parameter(name, Fault::new("NOT_TOGETHER", detail));
        }
        return None;
    }
    Some(match (project?, space?) {
        (Some(project), _) => Place::Project(project),
        (_, Some(space)) => Place::Space(space),
        _ => Place::Scope(scope?),
    })
}
