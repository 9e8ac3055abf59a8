//! Runs the store contract.

use loggia_testkit::contract::Fixture;

use crate::support::Temporary;

async fn fresh() -> Fixture {
    let Temporary { store: _, ports, database } = Temporary::new().await;
    Fixture::new(ports).keeping(database)
}

loggia_testkit::store_contract!(fresh);
