//! The first start of the instance, as a unit of work makes it once.

use async_trait::async_trait;
use loggia_domain::port::{InstanceRows, StoreError};

use crate::write::unit_of_work::PostgresUnitOfWork;

#[async_trait]
impl InstanceRows for PostgresUnitOfWork {
    async fn lock_instance(&mut self) -> Result<bool, StoreError> {
        let found =
            sqlx::query_scalar!("SELECT has_organizations FROM instance WHERE id = 1 FOR NO KEY UPDATE")
                .fetch_one(self.connection())
                .await;
        self.check(found).await
    }
}
