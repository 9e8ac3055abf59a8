//! Tests of the contract on the store in memory.

use std::sync::Arc;

use loggia_testkit::contract::Fixture;
use loggia_testkit::memory::MemoryStore;

async fn fresh() -> Fixture {
    let store = Arc::new(MemoryStore::new());
    Fixture::new(loggia_testkit::ports(store.clone(), store))
}

loggia_testkit::store_contract!(fresh);
