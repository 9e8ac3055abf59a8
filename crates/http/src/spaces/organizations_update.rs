//! `PATCH /api/v1/organizations/{id}`

use loggia_domain::id::OrganizationId;
use loggia_domain::policy::Action;
use loggia_domain::scope::ScopeChoice;
use loggia_domain::service::{Authority, Place};
use loggia_domain::text::OrganizationName;

use super::data;
use super::organizations::OwnOrganizationJson;
use crate::answer::{Answer, Reply};
use crate::call::Call;
use crate::extract::body::text;
use crate::problem::Problem;

pub(crate) async fn handle(mut call: Call) -> Reply {
    let name =
        call.object(|body, findings| body.optional(findings, "name", text(OrganizationName::parse)))?;
    let id = call.id(OrganizationId::parse)?;
    let (organization, role) = call.loggia().organization(&call.caller, id).await?;
    call.notes.organization(Some(id));
    let organization = match name {
        Some(name) => call.loggia().rename_organization(Authority::Caller(&call.caller), id, name).await?,
        None => {
            may_change(&call, id).await?;
            organization
        }
    };
    Answer::ok(&data(OwnOrganizationJson::from(&(organization, role))))
}

/// Without a change, too, the caller must be one who could have made it. To write the old name would undo what others do.
async fn may_change(call: &Call, id: OrganizationId) -> Result<(), Problem> {
    let place = Place::Scope(ScopeChoice::Organization(id));
    let permissions = call.loggia().permissions(&call.caller, place).await?;
    let asked = permissions.into_iter().find(|(action, _)| *action == Action::UpdateOrganization);
    let (_, decision) =
        asked.ok_or_else(|| Problem::internal("nothing is said of renaming organizations"))?;
    Ok(decision?)
}
