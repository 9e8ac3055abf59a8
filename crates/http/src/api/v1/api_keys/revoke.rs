//! `DELETE /api/v1/api-keys/{keyId}`

use loggia_domain::id::KeyId;
use loggia_domain::key::Descendants;
use schemars::json_schema;

use super::view::RevokedKeyJson;
use crate::api::v1::data;
use crate::pipeline::call::Call;
use crate::pipeline::handler::handler;
use crate::pipeline::request::Request;
use crate::problem::Problem;
use crate::problem::validation::ValueError;
use crate::wire::parameter::{Declaration, Parameter};
use crate::wire::response::{Answer, Reply};

/// The default for the keys that descend from the revoked one.
const DEFAULT_DESCENDANTS: Descendants = Descendants::Revoke;

static DESCENDANTS: Parameter<Descendants> = Parameter::new(
    "descendants",
    "Revokes or keeps the live keys that descend from the revoked key: the keys of any user that it created, that those created, and so on. `revoke` revokes them too. `keep` keeps them; they become descendants of the key that created the revoked key, and are revoked with it.",
    |_| json_schema!({"type": "string", "enum": Descendants::WORDS, "default": DEFAULT_DESCENDANTS.as_str()}),
    |text| Descendants::parse(text).map_err(ValueError::from),
);

pub(crate) static PARAMETERS: &[&Declaration] = &[&DESCENDANTS.declaration];

handler!(parse, run);

fn parse(request: &mut Request<'_>) -> Result<(KeyId, Descendants), Problem> {
    let descendants = descendants(request)?;
    Ok((request.key_in_path(0), descendants))
}

async fn run((id, descendants): (KeyId, Descendants), call: Call) -> Reply {
    let revoked = call.acting().revoke_own_key(id, descendants).await?;
    call.notes.organization(revoked.key.default_scope.organization());
    Answer::ok(&data(RevokedKeyJson::from(&revoked)))
}

/// Parses the parameter `descendants`.
pub(crate) fn descendants(request: &mut Request<'_>) -> Result<Descendants, Problem> {
    let choice = request.query.read(&mut request.errors, &DESCENDANTS);
    Ok(request.errors.accept(choice)?.unwrap_or(DEFAULT_DESCENDANTS))
}
