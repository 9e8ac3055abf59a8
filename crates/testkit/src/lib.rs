//! What tests of Loggia stand on: a [store in memory](memory::MemoryStore), a clock, ids and secrets that repeat,
//! [`builders`] of sound values, [`seed`]s that put them into any store, and the [`contract`] that every store keeps.
//!
//! # Running the contract on a store
//! Write an async function that makes a fresh, empty store, and name it to [`store_contract!`]. Each promise becomes one
//! test, with a store and a runtime (two workers) of its own:
//!
//! ```
//! # use std::sync::Arc;
//! # use loggia_testkit::memory::MemoryStore;
//! use loggia_testkit::contract::Fixture;
//!
//! async fn fresh() -> Fixture {
//!     let store = Arc::new(MemoryStore::new());
//!     // `.keeping(guard)` holds on to what the store lives in, a temporary directory for instance.
//!     Fixture::new(loggia_testkit::ports(store.clone(), store))
//! }
//!
//! loggia_testkit::store_contract!(fresh);
//! # fn main() {}
//! ```
//!
//! Corrupt rows ([`loggia_domain::port::StoreError::Corrupt`]) can only be made with a store's own means, so each store
//! tests by itself that it reports them.

pub mod ambient;
pub mod builders;
pub mod contract;
pub mod memory;
pub mod seed;
pub mod totals;

pub use ambient::{SequentialIds, TestClock, TestSecrets, memory, ports};
