//! `DELETE /api/v1/api-keys/{keyId}`

use loggia_domain::key::Descendants;

use super::view::RevokedKeyJson;
use crate::api::v1::data;
use crate::pipeline::call::Call;
use crate::problem::Problem;
use crate::wire::response::{Answer, Reply};

pub(crate) const PARAMETERS: &[&str] = &["descendants"];

/// The default for the keys that descend from the revoked one.
pub(crate) const DEFAULT_DESCENDANTS: Descendants = Descendants::Revoke;

pub(crate) async fn handle(mut call: Call) -> Reply {
    let descendants = descendants(&mut call)?;
    let revoked = call.loggia().revoke_own_key(&call.caller, call.key_in_path(0), descendants).await?;
    call.notes.organization(revoked.key.default_scope.organization());
    Answer::ok(&data(RevokedKeyJson::from(&revoked)))
}

/// Parses the parameter `descendants`.
pub(crate) fn descendants(call: &mut Call) -> Result<Descendants, Problem> {
    let choice = call.query.optional(&mut call.findings, "descendants", Descendants::parse);
    Ok(call.findings.accept(choice)?.unwrap_or(DEFAULT_DESCENDANTS))
}
