//! The test kit of Loggia: a [store in memory](memory::MemoryStore), a deterministic clock, ids and secrets, [`builders`] of valid
//! records, [`seed`]s that insert them into any store, the [`contract`] that every store fulfils, and the [`intercept`]ing store that injects
//! faults into any of them.
//!
//! # Running the contract on a store
//! Write an async function that creates an empty store, and pass its name to [`store_contract!`]. Each promise becomes one test, with a
//! store and a runtime (two workers) of its own:
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
//! Corrupt rows ([`loggia_domain::port::StoreError::Corrupt`]) cannot be written through the ports, so each store tests for itself that
//! it reports them.

pub mod ambient;
pub mod builders;
pub mod contract;
pub mod doomed;
pub mod intercept;
pub mod memory;
pub mod seed;
pub mod totals;

pub use ambient::{SequentialIds, TestClock, TestSecrets, memory, ports};
