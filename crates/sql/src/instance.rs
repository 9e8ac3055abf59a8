//! The version of a schema, and the one row about the whole instance.

use loggia_domain::port::StoreError;

/// The schema version of a store, and the one that this program knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SchemaVersion {
    /// The last migration that was applied to the store; 0 if none was.
    pub found: i64,
    /// The last migration that this program knows.
    pub known: i64,
}

/// The store's schema is not the one that this program knows.
#[derive(Debug, thiserror::Error)]
#[error("the database has schema {}, and this program needs {}; `loggia migrate` migrates an older one", .0.found, .0.known)]
struct WrongSchema(SchemaVersion);

impl SchemaVersion {
    /// Returns `true` if this program can use the store without a migration.
    pub fn is_current(self) -> bool {
        self.found == self.known
    }

    /// Checks that this program can use the store without a migration.
    ///
    /// # Errors
    /// Fails with [`StoreError::Unavailable`] otherwise.
    pub fn check_current(self) -> Result<(), StoreError> {
        if self.is_current() { Ok(()) } else { Err(StoreError::Unavailable(Some(WrongSchema(self).into()))) }
    }
}

/// Returns the secret of the instance, of which a store has 32 bytes.
///
/// # Errors
/// Fails with [`StoreError::Corrupt`] if the stored bytes are more or fewer.
pub fn instance_secret(stored: Vec<u8>) -> Result<[u8; 32], StoreError> {
    stored.try_into().map_err(|_| StoreError::Corrupt("instance 1: secret does not have 32 bytes".into()))
}
