//! `PATCH /v2/projects/{node_id}/remove-member`

use loggia_domain::id::{ProjectId, UserId};
use loggia_domain::port::MembershipView;
use schemars::JsonSchema;
use serde::Serialize;

use crate::api::v2::people::user;
use crate::api::v2::projects::view::MembershipJson;
use crate::pipeline::call::Call;
use crate::pipeline::handler::handler;
use crate::pipeline::request::Request;
use crate::problem::from_domain::roster_problem;
use crate::problem::validation::{ValidationErrors, ValueError};
use crate::problem::{FieldErrorCode, Problem};
use crate::wire::body::Fields;
use crate::wire::response::{Answer, Reply};
use crate::wire::schema::Shape;

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

handler!(parse, run);

/// The user to remove, and the name of the field that names the user.
#[derive(Clone)]
struct Command {
    id: ProjectId,
    user: UserId,
    field: &'static str,
}

fn parse(request: &mut Request<'_>) -> Result<Command, Problem> {
    let (field, user) = request.object(read)?;
    Ok(Command { id: request.id(ProjectId::parse)?, user, field })
}

async fn run(Command { id, user, field }: Command, call: Call) -> Reply {
    let removed = call.acting().remove_from_roster(id, user).await;
    let removed = removed.map_err(|error| roster_problem(error, |_| format!("/{field}")))?;
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
fn read(body: &mut Fields<'_>, errors: &mut ValidationErrors) -> Option<(&'static str, UserId)> {
    let hint = "is unknown; send the user's node id as member_node_id";
    body.refuse(errors, "member_id", ValueError::new(FieldErrorCode::UNKNOWN_FIELD, hint));
    let member = body.optional(errors, "member_node_id", user);
    let other = body.optional(errors, "user_node_id", user);
    match (member?, other?) {
        (Some(member), Some(other)) if member != other => {
            let detail = "must be equal to member_node_id, or omitted";
            errors.body("/user_node_id".to_owned(), ValueError::new(FieldErrorCode::CONTRADICTION, detail));
            None
        }
        (Some(user), _) => Some(("member_node_id", user)),
        (None, Some(user)) => Some(("user_node_id", user)),
        (None, None) => {
            errors
                .body("/member_node_id".to_owned(), ValueError::new(FieldErrorCode::REQUIRED, "is required"));
            None
        }
    }
}
