//! The compared stores.

use std::sync::Arc;

use loggia_sqlite::SqliteStore;
use loggia_testkit::contract::Fixture;

/// A store and its name in a report.
pub(crate) type Named = (&'static str, Fixture);

/// Returns a fresh, empty store of each kind. The first store is the model that the others are compared with.
///
/// A new store needs another pair here, and nothing else.
pub(crate) async fn stores() -> Vec<Named> {
    vec![
        ("memory", memory()),
        ("SQLite", sqlite().await),
        ("Postgres", loggia_tests::postgres::fresh().await),
    ]
}

/// Returns the model.
pub(crate) fn memory() -> Fixture {
    Fixture::new(loggia_testkit::memory())
}

async fn sqlite() -> Fixture {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Arc::new(SqliteStore::open(folder.path().join("loggia.db")).await.expect("a store"));
    Fixture::new(loggia_testkit::ports(store.clone(), store)).keeping(folder)
}
