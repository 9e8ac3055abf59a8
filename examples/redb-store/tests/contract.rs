//! The promises that every store keeps, and those that no other store can test for this one.

use std::sync::Arc;

use loggia_testkit::builders::ADA;
use loggia_testkit::contract::Fixture;
use loggia_testkit::{ports, seed};
use redb_store::RedbStore;

async fn fresh() -> Fixture {
    let store = Arc::new(RedbStore::in_memory().expect("a store"));
    Fixture::new(ports(store.clone(), store))
}

loggia_testkit::store_contract!(fresh, without = [keys, stored_responses, invitations, deletion, instance]);

#[tokio::test(flavor = "multi_thread")]
async fn committed_records_are_found_when_the_file_is_reopened() {
    let folder = tempfile::tempdir().expect("a folder");
    let open = || Arc::new(RedbStore::open(&folder.path().join("loggia.redb")).expect("a store"));
    let store = open();
    let user = seed::person(&ports(store.clone(), store.clone()), ADA).await;
    drop(store);
    let store = open();
    let ports = ports(store.clone(), store);
    assert_eq!(ports.views.user(user.id).await.expect("a look-up"), Some(user.clone()));
    assert_eq!(ports.views.account_by_email(&ADA.email()).await.expect("a look-up"), Some(user));
}
