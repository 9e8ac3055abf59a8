//! The location of the data, as the URL of a database names it.

use std::fmt::{self, Debug, Display};
use std::path::PathBuf;

use loggia_postgres::PostgresOptions;

use crate::usage_errors::{Unusable, unusable};

/// The location of the data. `Display` and `Debug` never show a password.
#[derive(Clone)]
pub(crate) enum Database {
    /// An SQLite file.
    Sqlite(PathBuf),
    /// A database on a Postgres server.
    Postgres(Box<PostgresOptions>),
}

/// The number of sessions that a process opens on Postgres, half of them for writing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Connections(u32);

/// The minimum: one session to read and one to write.
const LEAST_CONNECTIONS: u32 = 2;
/// The maximum. No server does well with more sessions.
const MOST_CONNECTIONS: u32 = 1_000;

impl Database {
    /// Parses a URL.
    pub(crate) fn parse(url: &str) -> Result<Self, Unusable> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            let options = url.parse::<PostgresOptions>();
            return options
                .map(|options| Self::Postgres(Box::new(options)))
                .or_else(|error| unusable(error.to_string()));
        }
        let Some(path) = url.strip_prefix("sqlite://") else {
            return unusable("must begin with sqlite:// or postgres://, for example sqlite://loggia.db");
        };
        if path.is_empty() || path.ends_with('/') {
            return unusable("must name a file, for example sqlite://loggia.db");
        }
        if path.contains(":memory:") {
            return unusable("must name a file: an in-memory store would be lost when the program exits");
        }
        if path.contains('?') {
            return unusable("must be sqlite:// and a path only: options after ? are not supported");
        }
        if path.chars().any(char::is_control) {
            return unusable("must not contain control characters");
        }
        Ok(Self::Sqlite(PathBuf::from(path)))
    }

    /// Parses the URL that a file contains, with or without an end of line behind it.
    pub(crate) fn parse_in(path: &str) -> Result<Self, Unusable> {
        match std::fs::read_to_string(path) {
            Ok(url) => Self::parse(url.trim_end())
                .or_else(|error| unusable(format!("names a file whose URL {error}"))),
            Err(error) => unusable(format!("names a file that cannot be read: {error}")),
        }
    }

    /// Sets the number of sessions, if one is given. Fails if the database is a file.
    pub(crate) fn with_connections(self, connections: Option<Connections>) -> Result<Self, Unusable> {
        match (self, connections) {
            (database, None) => Ok(database),
            (Self::Sqlite(_), Some(_)) => unusable("is for Postgres only"),
            (Self::Postgres(options), Some(Connections(number))) => {
                let writers = number / 2;
                Ok(Self::Postgres(Box::new(options.writers(writers).readers(number - writers))))
            }
        }
    }
}

/// Parses a number of sessions.
pub(crate) fn parse_connections(number: &str) -> Result<Connections, Unusable> {
    match number.parse() {
        Ok(number @ LEAST_CONNECTIONS..=MOST_CONNECTIONS) => Ok(Connections(number)),
        _ => unusable(format!("must be a whole number from {LEAST_CONNECTIONS} to {MOST_CONNECTIONS}")),
    }
}

impl Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "{}", path.display()),
            Self::Postgres(options) => f.write_str(&options.location()),
        }
    }
}

impl Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Database({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(url: &str) -> Result<String, Unusable> {
        Database::parse(url).map(|database| database.to_string())
    }

    #[test]
    fn a_file_is_taken_literally() {
        assert_eq!(shown("sqlite://loggia.db").as_deref(), Ok("loggia.db"));
        assert_eq!(shown("sqlite://a dir/x%20.db").as_deref(), Ok("a dir/x%20.db"));
        for bad in [
            "",
            "loggia.db",
            "sqlite:loggia.db",
            "sqlite://",
            "sqlite://dir/",
            "sqlite://:memory:",
            "sqlite://x.db?mode=ro",
            "Postgres://example.com/l",
            "mysql://example.com/l",
        ] {
            assert!(shown(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_postgres_database_is_shown_without_its_credentials() {
        for (url, place) in [
            ("postgres://ada:geheim@example.com/l", "example.com:5432/l"),
            ("postgresql://ada:geheim@example.com:6432/l?sslmode=disable", "example.com:6432/l"),
        ] {
            let database = Database::parse(url).expect("a database");
            assert_eq!(database.to_string(), place);
            assert_eq!(format!("{database:?}"), format!("Database({place})"));
        }
        for bad in ["postgres://ada:geheim@example.com:port/l", "postgres://ada:geheim@[example.com/l"] {
            let error = shown(bad).expect_err("no address").to_string();
            assert!(error.starts_with("must be such as postgres://") && !error.contains("geheim"), "{error}");
        }
    }

    #[test]
    fn half_of_the_sessions_write() {
        for (number, writers) in [("2", 1), ("3", 1), ("16", 8), ("1000", 500)] {
            let database = Database::parse("postgres://example.com/l").expect("a database");
            let connections = parse_connections(number).expect("a number");
            let Ok(Database::Postgres(options)) = database.with_connections(Some(connections)) else {
                panic!("{number} is for Postgres");
            };
            assert_eq!(options.writer_count(), writers, "{number}");
        }
    }
}
