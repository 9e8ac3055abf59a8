//! `DELETE /api/v1/api-keys/{keyId}`

use loggia_domain::key::Descendants;

use super::data;
use super::view_key::RevokedKeyJson;
use crate::answer::{Answer, Reply};
use crate::call::Call;
use crate::problem::Problem;

pub(crate) const PARAMETERS: &[&str] = &["descendants"];

/// The default for the keys that descend from the revoked one.
pub(crate) const DEFAULT_DESCENDANTS: Descendants = Descendants::Revoke;

pub(crate) async fn handle(mut call: Call) -> Reply {
    let descendants = descendants(&mut call)?;
    let revoked = call.acting().revoke_own_key(call.key_in_path(0), descendants).await?;
    call.notes.organization(revoked.key.default_scope.organization());
    Answer::ok(&data(RevokedKeyJson::from(&revoked)))
}

/// Parses the parameter `descendants`.
pub(super) fn descendants(call: &mut Call) -> Result<Descendants, Problem> {
    let choice = call.query.optional(&mut call.findings, "descendants", Descendants::parse);
    Ok(call.findings.accept(choice)?.unwrap_or(DEFAULT_DESCENDANTS))
}
