//! Runs the store contract.

use loggia_testkit::contract::Fixture;

use crate::bounds;
use crate::support::Temporary;

/// Creates a fixture, and checks the bounds of all statements from then on.
async fn fresh() -> Fixture {
    bounds::watch();
    let Temporary { store: _, ports, folder } = Temporary::new().await;
    Fixture::new(ports).keeping(folder)
}

loggia_testkit::store_contract!(fresh);
