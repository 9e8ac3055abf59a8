//! The instance: its secret and its first start.

use std::hash::{BuildHasher, RandomState};

use async_trait::async_trait;
use loggia_domain::port::{InstanceRows, InstanceViews, StoreError};
use sha2::{Digest, Sha256};

use super::MemoryStore;
use super::unit::MemoryUnit;

/// Returns another secret for each store. It authenticates the cursors of one process only, so what the standard library seeds its hash
/// maps with is random enough.
pub(super) fn new_secret() -> [u8; 32] {
    Sha256::digest(RandomState::new().hash_one(0_u8).to_be_bytes()).into()
}

#[async_trait]
impl InstanceRows for MemoryUnit {
    async fn lock_instance(&mut self) -> Result<bool, StoreError> {
        Ok(self.tables.had_organizations)
    }
}

#[async_trait]
impl InstanceViews for MemoryStore {
    async fn instance_secret(&self) -> Result<[u8; 32], StoreError> {
        Ok(self.secret)
    }

    async fn has_organizations(&self) -> Result<bool, StoreError> {
        Ok(self.read().had_organizations)
    }
}
