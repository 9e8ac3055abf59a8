//! The schema of Loggia's stores: the SQL files in this package's folders `sqlite` and `postgres`, embedded.
//!
//! Both engines have the same migrations by number and name. The stores apply them: `loggia-sqlite` when a file is opened, and
//! `loggia_postgres::migrate` on demand. A released migration never changes, since its checksum is recorded in every database.

use sqlx::migrate::Migrator;

/// The migrations of a SQLite file. They run in one transaction.
pub static SQLITE: Migrator = sqlx::migrate!("./sqlite");

/// The migrations of a Postgres database.
pub static POSTGRES: Migrator = sqlx::migrate!("./postgres");
