//! The identity of a request with an idempotency key.

use actix_web::HttpRequest;
use actix_web::http::header::CONTENT_TYPE;
use loggia_domain::id::OrganizationId;
use loggia_domain::key::{Ability, Caller};
use loggia_domain::once::Claim;
use sha2::{Digest as _, Sha256};

use crate::operation::Operation;
use crate::problem::validation::ValidationErrors;
use crate::wire::idempotency_key;

/// Returns the reservation that the request asks for, if it has an idempotency key.
///
/// Returns `None` for an API key that only reads, and for a path with a malformed id: such requests are refused like any other.
pub(crate) fn claim(
    operation: &Operation,
    path: &[String],
    request: &HttpRequest,
    caller: &Caller,
    body: &[u8],
    errors: &mut ValidationErrors,
) -> Option<Claim> {
    if !operation.takes_idempotency_key() {
        return None;
    }
    let key = idempotency_key::key(request.headers(), errors)?;
    let writes = caller.ability.included().contains(&Ability::Write);
    let names_something = path.iter().all(|value| OrganizationId::parse(value).is_ok());
    (writes && names_something).then(|| Claim {
        operation: format!("{} {}", operation.method, request.match_info().unprocessed()),
        key,
        fingerprint: fingerprint(request, body),
    })
}

/// Returns a digest of the other parts of the request that the response depends on: media type, query and body. Each part is hashed with
/// its length, so that no two requests concatenate to the same bytes.
fn fingerprint(request: &HttpRequest, body: &[u8]) -> [u8; 32] {
    // The media type is ignored if there is no body.
    let media_type = request.headers().get(CONTENT_TYPE).filter(|_| !body.is_empty());
    let media_type = media_type.map(|value| value.as_bytes()).unwrap_or_default();
    let mut digest = Sha256::new();
    for part in [media_type, request.query_string().as_bytes(), body] {
        digest.update(part.len().to_be_bytes());
        digest.update(part);
    }
    digest.finalize().into()
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn a_fingerprint_distinguishes_the_parts_of_a_request() {
        let fingerprint_of = |media_type: &str, query: &str, body: &str| {
            let uri = format!("/api/v1/spaces?{query}");
            let request = TestRequest::with_uri(&uri).insert_header((CONTENT_TYPE, media_type));
            fingerprint(&request.to_http_request(), body.as_bytes())
        };
        let known = fingerprint_of("application/json", "dottie=true", "{}");
        assert_eq!(known, fingerprint_of("application/json", "dottie=true", "{}"));
        for other in [
            fingerprint_of("application/merge-patch+json", "dottie=true", "{}"),
            fingerprint_of("application/json", "dottie=false", "{}"),
            fingerprint_of("application/json", "dottie=true", "{ }"),
            fingerprint_of("application/json", "dottie=true{}", ""),
            fingerprint_of("application/json", "", "dottie=true{}"),
        ] {
            assert_ne!(known, other);
        }
        assert_eq!(
            fingerprint_of("text/plain", "", ""),
            fingerprint_of("application/json", "", ""),
            "there is no body"
        );
    }
}
