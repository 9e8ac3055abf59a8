//! The engines of a store, and the location of such a store.

use loggia_testpg::TestDatabase;

/// An engine. Only a setting chooses it, and the outcome of a test must not depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    /// An SQLite file.
    Sqlite,
    /// A database on the Postgres server of the tests.
    Postgres,
}

/// Makes a test for each engine of each of these functions.
macro_rules! on_every_engine {
    ($($test:ident),+ $(,)?) => {
        $crate::harness::on_every_engine! { @sqlite Sqlite $($test)+ }
        $crate::harness::on_every_engine! { @postgres Postgres $($test)+ }
    };
    (@$name:ident $engine:ident $($test:ident)+) => {
        mod $name {
            $(
                #[test]
                fn $test() {
                    super::$test($crate::harness::Home::on($crate::harness::Engine::$engine));
                }
            )+
        }
    };
}
pub(crate) use on_every_engine;

/// Creates an empty Postgres database: the program applies the migrations itself.
pub(crate) fn empty_database() -> TestDatabase {
    block_on(loggia_tests::postgres::empty_database())
}

/// Awaits a future in a test without a runtime.
pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}
