//! Arrays of people in a body.

use garde::Validate;
use loggia_domain::roster::MAX_BATCH;

use super::json::Json;
use crate::fault::{Fault, FaultCode, Findings};

/// The limit of people in one call, which is checked before any of them is parsed.
#[derive(Validate)]
struct Batch<'a> {
    #[garde(length(min = 1, max = MAX_BATCH))]
    people: &'a [Json<'a>],
}

/// Splits an array of 1 to [`MAX_BATCH`] people. Returns `None` and adds a validation error for any other value.
pub(crate) fn people<'a>(json: Json<'a>, findings: &mut Findings) -> Option<Vec<Json<'a>>> {
    let people = json.array().map_err(|fault| findings.body(String::new(), fault)).ok()?;
    if (Batch { people: &people }).validate().is_err() {
        let code = if people.is_empty() { FaultCode::TOO_SHORT } else { FaultCode::TOO_LONG };
        findings.body(String::new(), Fault::new(code, format!("must name 1 to {MAX_BATCH} people")));
        return None;
    }
    Some(people)
}
