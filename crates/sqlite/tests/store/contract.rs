//! The promises that every store keeps.

use loggia_testkit::contract::Fixture;

use crate::bounds;
use crate::support::Temporary;

/// A store whose statements are held to the bounds that they claim.
async fn fresh() -> Fixture {
    bounds::watch();
    let Temporary { store: _, ports, folder } = Temporary::new().await;
    Fixture::new(ports).keeping(folder)
}

loggia_testkit::store_contract!(fresh);
