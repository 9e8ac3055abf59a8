//! The store at rest, while no process serves it.

use sqlx::Connection;
use sqlx::postgres::PgConnection;
use sqlx::sqlite::SqliteConnection;

use crate::harness::{Engine, Home, block_on, checked_copy};

/// Checks that a killed process left a whole SQLite file. Postgres recovers nothing here: its server goes on.
pub(super) fn assert_whole(home: &Home) {
    if home.engine() == Engine::Sqlite {
        checked_copy(home.path());
    }
}

/// Returns the names of all spaces in order.
pub(super) fn names_of_spaces(home: &Home) -> Vec<String> {
    const NAMES: &str = "SELECT name FROM spaces WHERE name NOT LIKE 'alone-%'";
    let url = home.database_url();
    let mut names: Vec<String> = block_on(async {
        match home.engine() {
            Engine::Sqlite => {
                let mut connection = SqliteConnection::connect(&url).await.unwrap();
                sqlx::query_scalar(NAMES).fetch_all(&mut connection).await.unwrap()
            }
            Engine::Postgres => {
                let mut connection = PgConnection::connect(&url).await.unwrap();
                sqlx::query_scalar(NAMES).fetch_all(&mut connection).await.unwrap()
            }
        }
    });
    names.sort_unstable();
    names
}
