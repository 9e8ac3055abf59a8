//! The instance: whether it is ready, and its secret.

use loggia_domain::port::StoreError;
use loggia_sql::instance_secret;

use crate::schema::migration;
use crate::sessions::readers::Readers;
use crate::statement::fixed;

pub(crate) async fn check_ready(readers: &Readers) -> Result<(), StoreError> {
    let version = migration::version(readers).await?;
    version.check_current()
}

pub(crate) async fn secret(readers: &Readers) -> Result<[u8; 32], StoreError> {
    let secret: Vec<u8> = readers.value(fixed!(Key, "SELECT secret FROM instance WHERE id = 1")).await?;
    instance_secret(secret)
}
