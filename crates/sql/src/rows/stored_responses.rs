//! Stored responses.

use loggia_domain::once::StoredResponse;
use loggia_domain::port::{Kept, StoreError};
use loggia_domain::scope::Scope;
use uuid::Uuid;

use crate::corrupt::{RowName, Sound};

/// Decodes a stored response of `user`, or fails with [`StoreError::Corrupt`] if the fingerprint does not have 32 bytes.
pub fn decode_stored_response(
    user: Uuid,
    fingerprint: &[u8],
    scope: Option<Scope>,
    response: Option<Vec<u8>>,
) -> Result<Kept, StoreError> {
    let row = RowName { table: "stored_responses", id: user };
    Ok(Kept {
        fingerprint: fingerprint.try_into().sound(row, "fingerprint")?,
        scope,
        answer: response.map_or(StoredResponse::Withheld, StoredResponse::Shown),
    })
}

/// Returns the bytes to store of a response, or `None` if it is withheld.
pub fn response_bytes(response: &StoredResponse) -> Option<&[u8]> {
    match response {
        StoredResponse::Shown(body) => Some(body),
        StoredResponse::Withheld => None,
    }
}
