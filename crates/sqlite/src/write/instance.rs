//! The first start of the instance, as a unit of work makes it once.

use async_trait::async_trait;
use loggia_domain::port::{InstanceRows, StoreError};

use crate::statement::fixed;
use crate::write::unit_of_work::SqliteUnitOfWork;

#[async_trait]
impl InstanceRows for SqliteUnitOfWork {
    async fn lock_instance(&mut self) -> Result<bool, StoreError> {
        self.one_value(&fixed!(Key, r#"SELECT has_organizations AS "any!: bool" FROM instance WHERE id = 1"#))
    }
}
