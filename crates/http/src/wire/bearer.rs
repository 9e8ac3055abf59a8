//! The API key of a request (RFC 6750 §2.1).

use actix_web::http::header::{AUTHORIZATION, HeaderMap};
use loggia_domain::key::KeySecret;

use crate::problem::Problem;
use crate::problem::from_domain::{invalid_key, unauthenticated};

/// Parses the key of the one `Authorization` header. The scheme's name is case-insensitive.
pub(crate) fn key(headers: &HeaderMap) -> Result<KeySecret, Problem> {
    let mut values = headers.get_all(AUTHORIZATION);
    let Some(value) = values.next() else { return Err(unauthenticated()) };
    if values.next().is_some() {
        return Err(invalid_key());
    }
    let text = value.to_str().map_err(|_| invalid_key())?;
    let (scheme, token) = text.split_once(' ').unwrap_or((text, ""));
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(unauthenticated());
    }
    KeySecret::parse(token.trim_matches(' ')).map_err(|_| invalid_key())
}
