//! The promises that every store keeps.

use loggia_testkit::contract::Fixture;

use crate::support::Temporary;

async fn fresh() -> Fixture {
    let Temporary { store: _, ports, folder } = Temporary::new().await;
    Fixture::new(ports).keeping(folder)
}

loggia_testkit::store_contract!(fresh);
