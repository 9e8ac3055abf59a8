//! The instance: whether it is ready, and its secret.

use loggia_domain::port::StoreError;
use loggia_sql::instance_secret;

use crate::schema::version;
use crate::tenancy::context::TenantContext;
use crate::tenancy::readers::Readers;

pub(crate) async fn check_ready(readers: &Readers) -> Result<(), StoreError> {
    let mut session = readers.enter(&TenantContext::none()).await?;
    let found = version::version(session.connection()).await;
    session.check(found)?.check_current()
}

pub(crate) async fn secret(readers: &Readers) -> Result<[u8; 32], StoreError> {
    let mut session = readers.enter(&TenantContext::none()).await?;
    let secret =
        sqlx::query_scalar!("SELECT secret FROM instance WHERE id = 1").fetch_one(session.connection()).await;
    let secret = session.check(secret)?;
    instance_secret(secret)
}
