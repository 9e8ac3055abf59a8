//! The capability [`Capability::Instance`]: what an instance that runs as a service of its own asks of its store.
//!
//! A store without it is that of a host that creates its first organization itself, and has a secret of its own for cursors.

use async_trait::async_trait;

use super::error::{Capability, StoreError};

/// The write side of the first start of an instance.
#[async_trait]
pub trait InstanceRows: Send {
    /// Returns `true` if the store has or had an organization. Prevents every other unit of work from creating the first one.
    async fn lock_instance(&mut self) -> Result<bool, StoreError> {
        Err(StoreError::Unsupported(Capability::Instance))
    }
}

/// The read side of the instance.
#[async_trait]
pub trait InstanceViews: Send + Sync {
    /// Returns the secret of the instance: 32 random bytes, generated once for each store and common to all replicas. Cursors are authenticated with it.
    async fn instance_secret(&self) -> Result<[u8; 32], StoreError> {
        Err(StoreError::Unsupported(Capability::Instance))
    }

    /// Returns `true` if there is or was an organization.
    async fn has_organizations(&self) -> Result<bool, StoreError> {
        Err(StoreError::Unsupported(Capability::Instance))
    }
}
