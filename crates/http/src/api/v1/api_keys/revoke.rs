//! `DELETE /api/v1/api-keys/{keyId}`

use loggia_domain::key::Descendants;
use schemars::json_schema;

use super::view::RevokedKeyJson;
use crate::api::v1::data;
use crate::pipeline::call::Call;
use crate::problem::Problem;
use crate::problem::validation::Fault;
use crate::wire::parameter::{Declaration, Parameter};
use crate::wire::response::{Answer, Reply};

/// The default for the keys that descend from the revoked one.
const DEFAULT_DESCENDANTS: Descendants = Descendants::Revoke;

static DESCENDANTS: Parameter<Descendants> = Parameter::new(
    "descendants",
    "Revokes or keeps the live keys that descend from the revoked key: the keys of any user that it created, that those created, and so on. `revoke` revokes them too. `keep` keeps them; they become descendants of the key that created the revoked key, and are revoked with it.",
    |_| json_schema!({"type": "string", "enum": Descendants::WORDS, "default": DEFAULT_DESCENDANTS.as_str()}),
    |text| Descendants::parse(text).map_err(Fault::from),
);

pub(crate) static PARAMETERS: &[&Declaration] = &[&DESCENDANTS.declaration];

pub(crate) async fn handle(mut call: Call) -> Reply {
    let descendants = descendants(&mut call)?;
    let revoked = call.loggia().revoke_own_key(&call.caller, call.key_in_path(0), descendants).await?;
    call.notes.organization(revoked.key.default_scope.organization());
    Answer::ok(&data(RevokedKeyJson::from(&revoked)))
}

/// Parses the parameter `descendants`.
pub(crate) fn descendants(call: &mut Call) -> Result<Descendants, Problem> {
    let choice = call.query.read(&mut call.findings, &DESCENDANTS);
    Ok(call.findings.accept(choice)?.unwrap_or(DEFAULT_DESCENDANTS))
}
