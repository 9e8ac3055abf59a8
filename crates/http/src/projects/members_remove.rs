//! `PATCH /v2/projects/{node_id}/remove-member`

use loggia_domain::id::{ProjectId, UserId};
use loggia_domain::port::MembershipView;
use schemars::JsonSchema;
use serde::Serialize;

use super::people::user;
use super::view::MembershipJson;
use crate::answer::{Answer, Reply};
use crate::call::Call;
use crate::extract::body::Fields;
use crate::fault::{Fault, FaultCode, Findings};
use crate::openapi::Shape;
use crate::refusal::roster_problem;

/// The membership as it was before the removal.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "MembershipRemoved")]
pub(crate) struct Removed<'a> {
    #[schemars(extend("const" = "PROJECT_MEMBER_REMOVED"))]
    message: &'static str,
    #[serde(flatten)]
    membership: MembershipJson<'a>,
}

impl<'a> From<&'a MembershipView> for Removed<'a> {
    fn from(view: &'a MembershipView) -> Self {
        Self { message: "PROJECT_MEMBER_REMOVED", membership: view.into() }
    }
}

pub(crate) async fn handle(mut call: Call) -> Reply {
    let (name, user) = call.object(read)?;
    let id = call.id(ProjectId::parse)?;
    let removed = call.acting().remove_from_roster(id, user).await;
    let removed = removed.map_err(|error| roster_problem(error, |_| format!("/{name}")))?;
    call.note_project(Some(&removed.project));
    Answer::ok(&Removed::from(&removed))
}

/// Returns the shape of the body, as [`read`] reads it.
pub(crate) fn body() -> Shape {
    Fields::describing(read)
        .rule("minProperties", 1)
        // Both fields are accepted if they are equal, which no schema can express.
        .rule("maxProperties", 1)
}

/// Parses the user, and the name of the field that names the user.
fn read(body: &mut Fields<'_>, findings: &mut Findings) -> Option<(&'static str, UserId)> {
    let hint = "is unknown; send the user's node id as member_node_id";
    body.refuse(findings, "member_id", Fault::new(FaultCode::UNKNOWN_FIELD, hint));
    let member = body.optional(findings, "member_node_id", user);
    let other = body.optional(findings, "user_node_id", user);
    match (member?, other?) {
        (Some(member), Some(other)) if member != other => {
            let detail = "must be equal to member_node_id, or omitted";
            findings.body("/user_node_id".to_owned(), Fault::new(FaultCode::CONTRADICTION, detail));
            None
        }
        (Some(user), _) => Some(("member_node_id", user)),
        (None, Some(user)) => Some(("user_node_id", user)),
        (None, None) => {
            findings.body("/member_node_id".to_owned(), Fault::new(FaultCode::REQUIRED, "is required"));
            None
        }
    }
}
