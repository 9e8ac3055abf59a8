//! Stored responses.

use loggia_domain::once::KeptAnswer;
use loggia_domain::port::{Kept, StoreError};
use uuid::Uuid;

use super::scope_of;
use crate::error::{RowName, Sound};

/// A row of `kept_answers`.
#[derive(Debug)]
pub(crate) struct KeptRow {
    pub(crate) fingerprint: Vec<u8>,
    pub(crate) done_in: Option<Uuid>,
    pub(crate) answer: Option<Vec<u8>>,
}

impl KeptRow {
    /// Decodes the row. `user` is the user whom it belongs to.
    pub(crate) fn decode(self, user: Uuid) -> Result<Kept, StoreError> {
        let row = RowName { table: "kept_answers", id: user };
        let fingerprint: Result<[u8; 32], _> = self.fingerprint.as_slice().try_into();
        Ok(Kept {
            fingerprint: fingerprint.sound(row, "fingerprint")?,
            scope: self.done_in.map(|id| scope_of(user, id)),
            answer: self.answer.map_or(KeptAnswer::Withheld, KeptAnswer::Shown),
        })
    }
}
