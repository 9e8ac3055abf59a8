//! Stored responses.

use loggia_domain::once::KeptAnswer;
use loggia_domain::port::{Kept, StoreError};
use uuid::Uuid;

use super::scope;
use crate::columns::record;
use crate::error::{RowName, Sound};

record! {
    /// A row of `kept_answers`, with the kind of the scope in `done_in`.
    KeptRow {
        fingerprint: Vec<u8>,
        done_in: Option<Uuid>,
        done_in_kind: Option<String>,
        answer: Option<Vec<u8>>,
    }
}

impl KeptRow {
    /// Decodes the row. `user` is the user whom it belongs to.
    pub(crate) fn decode(self, user: Uuid) -> Result<Kept, StoreError> {
        let row = RowName { table: "kept_answers", id: user };
        let fingerprint: Result<[u8; 32], _> = self.fingerprint.as_slice().try_into();
        Ok(Kept {
            fingerprint: fingerprint.sound(row, "fingerprint")?,
            scope: match (self.done_in, self.done_in_kind) {
                (Some(id), Some(kind)) => Some(scope(id, &kind)?),
                _ => None,
            },
            answer: self.answer.map_or(KeptAnswer::Withheld, KeptAnswer::Shown),
        })
    }
}
