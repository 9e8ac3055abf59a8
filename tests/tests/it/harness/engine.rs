//! The engines that a store can be on, and where such a store is.

use loggia_testpg::TestDatabase;

/// An engine. A setting chooses it, and nothing that a story tells may depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    /// A file of SQLite's.
    Sqlite,
    /// A database on the Postgres server of the tests.
    Postgres,
}

/// Makes one test for each engine of each of these functions.
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

/// A database of Postgres' with nothing in it: the program brings its schema itself.
pub(crate) fn empty_database() -> TestDatabase {
    block_on(loggia_tests::postgres::empty_database())
}

/// Waits for something, in a test that has no runtime.
pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}
