//! The instance: whether it is ready, and its secret.

use loggia_domain::port::StoreError;

use crate::migration::{self, SchemaVersion};
use crate::readers::Readers;
use crate::statement::fixed;

/// The file's schema is not the one that this program knows.
#[derive(Debug, thiserror::Error)]
#[error("the database has schema {}, and this program needs {}; `loggia migrate` migrates an older one", .0.found, .0.known)]
struct WrongSchema(SchemaVersion);

pub(crate) async fn check_ready(readers: &Readers) -> Result<(), StoreError> {
    let version = migration::version(readers).await?;
    if version.is_current() {
        Ok(())
    } else {
        Err(StoreError::Unavailable(Some(WrongSchema(version).into())))
    }
}

pub(crate) async fn secret(readers: &Readers) -> Result<[u8; 32], StoreError> {
    let secret: Vec<u8> = readers.value(fixed!(Key, "SELECT secret FROM instance WHERE id = 1")).await?;
    secret.try_into().map_err(|_| StoreError::Corrupt("instance 1: secret does not have 32 bytes".into()))
}
