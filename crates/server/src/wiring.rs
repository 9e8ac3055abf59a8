//! Joins the store, the machine and the use cases.

mod file;
pub(crate) mod moving;

use std::fmt::{self, Display};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use loggia_demo::Pace;
use loggia_domain::port::Views;
use loggia_domain::service::{Loggia, LoggiaBuilder};
use loggia_http::Limits;
use loggia_observe::usage::{PoolUsage, SizeCounts};
use loggia_postgres::{OpenError, PostgresOptions, PostgresStore, ServerFacts};
use loggia_sqlite::SqliteStore;

use self::file::FileSizes;
use crate::database::Database;
#[cfg(unix)]
pub(crate) use file::files_of_store;

/// An open store.
#[derive(Clone, Debug)]
pub(crate) struct OpenStore {
    opened: Opened,
    /// The location of the store.
    pub(crate) location: Location,
}

#[derive(Clone, Debug)]
enum Opened {
    Sqlite(SqliteStore),
    Postgres { store: PostgresStore, readers: u32, writers: u32 },
}

/// The location of a store, for messages that are read elsewhere than where the program runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Location {
    /// The absolute path of the file.
    File(PathBuf),
    /// The server and the database, without the login.
    Server(String),
}

/// The versions of a store's schema before and after a migration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Migrated {
    /// The last migration that had been applied, or 0 if there was none.
    pub(crate) from: i64,
    /// The last migration that is applied now.
    pub(crate) to: i64,
}

impl OpenStore {
    /// Opens the store. Creates its file if there is none, and applies missing migrations if that is allowed.
    pub(crate) async fn prepare(database: &Database) -> anyhow::Result<Self> {
        let location = Location::from_database(database)?;
        let opened = match database {
            Database::Sqlite(path) => Opened::Sqlite(file::prepare(path).await?),
            Database::Postgres(options) => {
                let store = PostgresStore::open(options).await.with_context(|| cannot_use(&location))?;
                Opened::Postgres { store, readers: options.reader_count(), writers: options.writer_count() }
            }
        };
        Ok(Self { opened, location })
    }

    /// Opens a store that `serve`, `bootstrap`, `demo` or `migrate` has made, without changing its schema: a command that only looks
    /// something up must neither create a file nor migrate one while a server uses it.
    pub(crate) async fn existing(database: &Database) -> anyhow::Result<Self> {
        let location = Location::from_database(database)?;
        let opened = match database {
            Database::Sqlite(path) => Opened::Sqlite(file::existing(path).await?),
            Database::Postgres(options) => {
                let store = match PostgresStore::open_existing(options).await {
                    // The error's own message says that the login may not migrate, which was not tried here.
                    Err(OpenError::SchemaBehind(version)) => {
                        bail!(wrong_schema(&location, version.found, version.known))
                    }
                    opened => opened.with_context(|| cannot_use(&location))?,
                };
                Opened::Postgres { store, readers: options.reader_count(), writers: options.writer_count() }
            }
        };
        Ok(Self { opened, location })
    }

    /// Returns the use cases on this store.
    pub(crate) fn loggia(&self) -> Loggia {
        self.builder().build()
    }

    /// Returns a builder of the use cases on this store.
    pub(crate) fn builder(&self) -> LoggiaBuilder {
        match &self.opened {
            Opened::Sqlite(store) => Loggia::on(Arc::new(store.clone())).with_system(),
            Opened::Postgres { store, .. } => Loggia::on(Arc::new(store.clone())).with_system(),
        }
    }

    /// Returns the store's reading side.
    pub(crate) fn views(&self) -> Arc<dyn Views> {
        match &self.opened {
            Opened::Sqlite(store) => Arc::new(store.clone()),
            Opened::Postgres { store, .. } => Arc::new(store.clone()),
        }
    }

    /// Returns the limits of HTTP that suit the store.
    pub(crate) fn limits(&self) -> Limits {
        match &self.opened {
            // Long reads use half of the connections at most, and twice as many calls have a permit, so that the others are ready. A quick
            // read is done at once and keeps no call waiting. Writes wait for the disk, and the more of them wait, the more are committed
            // together.
            Opened::Sqlite(store) => Limits {
                reads_at_once: times(2, store.reader_count()),
                long_reads_at_once: times(1, store.reader_count()),
                writes_at_once: 128,
                ..Limits::default()
            },
            Opened::Postgres { readers, writers, .. } => on_sessions(*readers, *writers),
        }
    }

    /// Returns the number of use cases that `loggia demo` runs at the same time.
    pub(crate) fn pace(&self) -> Pace {
        match &self.opened {
            // Units of work begin in the order of the requests. There are enough of them to fill a group that is committed together, and no
            // more: each waits for the writer no longer than a caller would.
            Opened::Sqlite(_) => Pace { numbering: 64, others: 64 },
            Opened::Postgres { writers, .. } => Pace { numbering: 1, others: times(1, *writers) },
        }
    }

    /// Returns the number of file descriptors that the store needs, each reader and writer with all of its files.
    pub(crate) fn descriptors(&self) -> u64 {
        match &self.opened {
            Opened::Sqlite(store) => descriptors_of_file(store.reader_count()),
            Opened::Postgres { readers, writers, .. } => descriptors_of_sessions(*readers, *writers),
        }
    }

    /// Returns the name of the store's engine.
    pub(crate) const fn engine(&self) -> &'static str {
        match &self.opened {
            Opened::Sqlite(_) => "sqlite",
            Opened::Postgres { .. } => "postgres",
        }
    }

    /// Returns the use of the store's connections.
    pub(crate) fn pools(&self) -> [PoolUsage; 2] {
        match &self.opened {
            Opened::Sqlite(store) => store.pools(),
            Opened::Postgres { store, .. } => store.pools(),
        }
    }

    /// Returns how many units of work were committed together, or `None` if each is committed by itself.
    pub(crate) fn commit_groups(&self) -> Option<SizeCounts> {
        match &self.opened {
            Opened::Sqlite(store) => Some(store.commit_groups()),
            Opened::Postgres { .. } => None,
        }
    }

    /// Returns the sizes of the store's files, or `None` if it is a database on a server.
    pub(crate) fn files(&self) -> Option<FileSizes> {
        match &self.location {
            Location::File(path) => Some(file::sizes(path)),
            Location::Server(_) => None,
        }
    }

    /// Returns what an operator should know of the database server, or `None` for a file.
    pub(crate) async fn server_facts(&self) -> anyhow::Result<Option<ServerFacts>> {
        match &self.opened {
            Opened::Sqlite(_) => Ok(None),
            Opened::Postgres { store, .. } => {
                Ok(Some(store.server_facts().await.with_context(|| cannot_use(&self.location))?))
            }
        }
    }

    /// Copies what was committed into the store's own file, so that a copy of that file alone has it. A server of databases has no such
    /// file. A failure is logged: nothing is lost by it.
    pub(crate) async fn settle(&self) {
        if let Opened::Sqlite(store) = &self.opened
            && let Err(error) = store.checkpoint().await
        {
            tracing::warn!(%error, "the write-ahead log could not be copied into the database file");
        }
    }

    /// Waits for the work in flight and closes the store.
    pub(crate) async fn close(&self) {
        match &self.opened {
            Opened::Sqlite(store) => store.close().await,
            Opened::Postgres { store, .. } => store.close().await,
        }
    }
}

/// Returns the number of file descriptors that a file takes with that many readers.
pub(crate) fn descriptors_of_file(readers: u32) -> u64 {
    // A reader or writer has the file, its log and their index, and may have one for sorting; so may the connection of migrations.
    4 * (u64::from(readers) + 2)
}

/// Returns the number of file descriptors that that many sessions take.
pub(crate) fn descriptors_of_sessions(readers: u32, writers: u32) -> u64 {
    // A new session may be opened while the one that it replaces is being closed.
    2 * (u64::from(readers) + u64::from(writers))
}

/// Returns the limits for that many sessions. While half of the calls use a session, the other half wait for one; more calls would wait
/// longer than they are allowed to. Long reads have three quarters of the sessions that read, so that a quick read finds one beside them.
fn on_sessions(readers: u32, writers: u32) -> Limits {
    Limits {
        reads_at_once: times(2, readers),
        long_reads_at_once: times(1, readers - readers.div_ceil(4)).max(1),
        writes_at_once: times(2, writers),
        ..Limits::default()
    }
}

fn times(factor: usize, number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX).saturating_mul(factor)
}

/// Returns the absolute path of a store's file, which need not exist. Fails with the reason if no store can be there.
pub(crate) fn usable_path(path: &Path) -> anyhow::Result<PathBuf> {
    file::usable_path(path)
}

/// Applies the migrations that a store lacks. Fails with the reason if that is not possible.
pub(crate) async fn migrate(database: &Database) -> anyhow::Result<Migrated> {
    let location = Location::from_database(database)?;
    match database {
        Database::Sqlite(path) => file::migrate(path).await,
        Database::Postgres(options) => migrate_server(options).await.with_context(|| cannot_use(&location)),
    }
}

async fn migrate_server(options: &PostgresOptions) -> Result<Migrated, OpenError> {
    // Opening the store as it is fails with the version found, if migrations are missing. Any other failure is left to the migration.
    let behind = match PostgresStore::open_existing(options).await {
        Err(OpenError::SchemaBehind(version)) => Some(version.found),
        Ok(store) => {
            store.close().await;
            None
        }
        Err(_) => None,
    };
    let to = loggia_postgres::migrate(options).await?.found;
    Ok(Migrated { from: behind.unwrap_or(to), to })
}

impl Location {
    /// Returns the location that the settings name.
    pub(crate) fn from_database(database: &Database) -> anyhow::Result<Self> {
        Ok(match database {
            Database::Sqlite(path) => Self::File(file::absolute(path)?),
            Database::Postgres(options) => Self::Server(options.location()),
        })
    }
}

impl Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Server(location) => f.write_str(location),
        }
    }
}

/// Returns the beginning of the message about a store that cannot be used.
fn cannot_use(location: &Location) -> String {
    format!("cannot use the store at {location}")
}

/// Returns the message about a store whose schema is not the one that this program knows.
fn wrong_schema(location: &Location, found: i64, known: i64) -> String {
    let help = if found < known { "run `loggia migrate`" } else { "use a newer version of loggia" };
    format!(
        "the schema of {location} is at version {found} and this program supports version {known}: {help}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_reads_leave_a_session_to_short_calls() {
        assert_eq!(on_sessions(8, 8).long_reads_at_once, 6);
        for readers in 2..100 {
            let long = on_sessions(readers, 1).long_reads_at_once;
            assert!(long >= 1 && long < times(1, readers), "{long} of {readers}");
        }
        assert_eq!(on_sessions(1, 1).long_reads_at_once, 1, "there is no other");
    }
}
