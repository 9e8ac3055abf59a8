//! The harness of these tests, and how to write one.
//!
//! ```ignore
//! on_every_store!(a_member_makes_a_space, …);
//!
//! async fn a_member_makes_a_space(world: World) {
//!     let response = world.as_member().post("/api/v1/spaces", json!({"name": "Quay"})).await;
//!     assert_eq!(response.status, 201, "{response}");
//! }
//! ```
//!
//! - **Stores.** [`on_every_store!`] turns plain async functions into one test for each store. On SQLite and Postgres (`sqlite::…`,
//!   `postgres::…`) the application is served alone; on the store in memory (`mounted::…`) it is mounted in another application, where
//!   requests and links have a prefix that a test does not see. A function that is not named there is dead code, which the lints report.
//!   Another store is one variant of [`Store`] and one line of the macro. Postgres is the server of `cargo xtask test` or `cargo xtask pg`; each world has a database of its own there.
//! - **World.** Each test has a [`World`](crate::world::World) of its own: a fresh store with people and records, a clock that stands still
//!   (`world.clock`) and ids that repeat. `world.again().await` makes another, unchanged one.
//! - **Callers** are named at the call: `world.as_viewer()`, `world.as_stranger()`, `world.as_nobody()`, or, with an unusual key,
//!   `world.with_key(Who::Member, Key::ReadOnly).await`, or any header value by `world.with_authorization(…)`.
//! - **Requests.** A [`Client`](client::Client) has `get(path)`, `post(path, body)`, `patch(path, body)`, `delete(path)` and
//!   `request(method, path)`; then `.header(name, value)`, `.json(value)`, `.raw(content_type, bytes)`; awaiting sends it.
//! - **Responses.** A [`Response`](response::Response) has `status`, `headers`, `bytes`, `.header(name)`, `.json()`, `.problem()` (which
//!   checks the form that all problems share), `.is(status, json)` and `.field_errors()`.
//!
//! The requests do not go through the HTTP parser, so these tests do not cover it.

use std::sync::Arc;

use actix_web::rt::System;
use loggia_sqlite::SqliteStore;
use loggia_testkit::contract::Fixture;

use crate::world::World;

pub(crate) mod client;
pub(crate) mod response;

/// The stores that every test runs on.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Store {
    Memory,
    Sqlite,
    Postgres,
    /// The one in memory, with the application mounted in another one instead of alone. Both could be tested on each store; one of each
    /// finds what differs, in a third less time.
    Mounted,
}

impl Store {
    /// Creates a new, empty store.
    pub(crate) async fn fresh(self) -> Fixture {
        match self {
            Self::Memory | Self::Mounted => Fixture::new(loggia_testkit::memory()),
            Self::Sqlite => {
                let folder = tempfile::tempdir().expect("a folder");
                let store = SqliteStore::open(folder.path().join("loggia.db")).await.expect("a store");
                let store = Arc::new(store);
                Fixture::new(loggia_testkit::ports(store.clone(), store)).keeping(folder)
            }
            Self::Postgres => loggia_tests::postgres::fresh().await,
        }
    }
}

/// Makes a test for each store of each of these functions.
macro_rules! on_every_store {
    ($($test:ident),+ $(,)?) => {
        $crate::harness::on_every_store! { @sqlite Sqlite $($test)+ }
        $crate::harness::on_every_store! { @postgres Postgres $($test)+ }
        $crate::harness::on_every_store! { @mounted Mounted $($test)+ }
    };
    (@$name:ident $store:ident $($test:ident)+) => {
        mod $name {
            $(
                #[test]
                fn $test() {
                    $crate::harness::run($crate::harness::Store::$store, super::$test);
                }
            )+
        }
    };
}
pub(crate) use on_every_store;

/// Runs a test in a world of its own.
pub(crate) fn run(store: Store, test: impl AsyncFnOnce(World)) {
    System::new().block_on(async {
        let world = World::on(store).await;
        test(world).await;
    });
}
