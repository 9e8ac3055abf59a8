//! Runs the store contract.

use loggia_domain::port::InstanceViews;
use loggia_postgres::{PostgresStore, migrate};
use loggia_testkit::contract::Fixture;
use loggia_testpg::TestDatabases;

use crate::support::{Temporary, options};

/// Creates a store on a copy of one migrated database. The copies would share their secret, so each gets another one.
async fn fresh() -> Fixture {
    let temporary = Temporary::new().await;
    let secret = "UPDATE instance SET secret = uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())";
    temporary.execute(secret).await.expect("a secret");
    let Temporary { store: _, ports, database } = temporary;
    Fixture::new(ports).keeping(database)
}

loggia_testkit::store_contract!(fresh);

#[tokio::test]
async fn separately_migrated_databases_have_different_secrets() {
    let mut secrets = Vec::new();
    for _ in 0..2 {
        let database = TestDatabases::from_env().fresh_empty().await.expect("a database");
        migrate(&database.url().parse().expect("a URL")).await.expect("a schema");
        let store = PostgresStore::open_existing(&options(&database)).await.expect("a store");
        secrets.push(store.instance_secret().await.expect("a secret"));
    }
    assert_ne!(secrets[0], secrets[1]);
}
