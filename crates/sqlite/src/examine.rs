//! Checks of a store's file for an operator, which change nothing.

use std::path::Path;

use loggia_domain::instant::Timestamp;
use loggia_sql::{Examination, SchemaVersion};
use rusqlite::{Connection, OpenFlags};

use crate::error::OpenError;
use crate::schema::content::{Content, look};
use crate::schema::migration::known_version;
use crate::sessions::connection::SqliteOptions;

/// The maximum number of problems that one check reports.
const MAX_PROBLEMS: usize = 10;
/// The maximum time in microseconds by which a record may be newer than now: clocks are set forward and back by that much.
const AHEAD: i64 = 60_000_000;
/// The size in bytes from which the write-ahead log is a finding. A log that is checkpointed stays far smaller.
const LONG_LOG: u64 = 256 * 1024 * 1024;

/// Examines the file of a store: its schema version, its integrity, its foreign keys, its write-ahead log, and its clock against `now`.
///
/// May run beside a server. Reads the whole file, which takes seconds for each gigabyte.
pub async fn examine(options: &SqliteOptions, now: Timestamp) -> Examination {
    let mut examination = Examination::default();
    examination.begin("store");
    match look(options).await {
        Ok(Content::Nothing) => {
            examination
                .error("the file is empty", "run `loggia migrate`, or restore a backup if there was data");
            return examination;
        }
        Ok(_) => {}
        Err(error) => {
            examination.error(in_full(&error), advice(&error));
            return examination;
        }
    }
    let path = options.path().to_owned();
    let examined = tokio::task::spawn_blocking(move || {
        let mut examination = Examination::default();
        if let Err(error) = content(&path, now, &mut examination) {
            examination.error(format!("the file cannot be read: {error}"), RESTORE);
        }
        examination
    });
    match examined.await {
        Ok(examined) => examination.append(examined),
        Err(error) => examination.error(format!("the checks did not end: {error}"), "run the command again"),
    }
    examination
}

const RESTORE: &str =
    "stop the server, keep a copy of the file with its -wal and -shm, and restore the last backup";

fn in_full(error: &OpenError) -> String {
    match std::error::Error::source(error) {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}

fn advice(error: &OpenError) -> &'static str {
    match error {
        OpenError::Busy(_) => "end the process that has locked the file, and run the command again",
        OpenError::File(_) => {
            "check that the path is right and that this user may read the file and its folder; restore the last backup if the file is \
             damaged"
        }
        OpenError::Foreign | OpenError::Unreleased => "name another file with --database-url",
        OpenError::Library { .. } => "use a build of loggia with its own SQLite",
        OpenError::Migration(_) => "run `loggia migrate`",
        OpenError::Unfinished => "run `loggia copy` again",
        OpenError::ForeignLog { .. } => "do what the message says: docs/operations/backup.md explains it",
    }
}

fn content(path: &Path, now: Timestamp, examination: &mut Examination) -> Result<(), rusqlite::Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.execute_batch(
        "PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY; PRAGMA busy_timeout = 4000",
    )?;

    examination.begin("integrity");
    integrity(&connection, examination)?;
    examination.begin("foreign keys");
    foreign_keys(&connection, examination)?;
    examination.begin("schema version");
    let last = "SELECT coalesce(max(version), 0) FROM _sqlx_migrations WHERE success";
    schema(connection.query_row(last, (), |row| row.get(0))?, examination);
    examination.begin("write-ahead log");
    log(&connection, path, examination)?;
    examination.begin("clock");
    clock(&connection, now, examination)
}

fn integrity(connection: &Connection, examination: &mut Examination) -> Result<(), rusqlite::Error> {
    let mut statement = connection.prepare(&format!("PRAGMA integrity_check({MAX_PROBLEMS})"))?;
    let lines = statement.query_map((), |row| row.get::<_, String>(0))?;
    for line in lines {
        let line = line?;
        if line != "ok" {
            examination.error(format!("the file is damaged: {line}"), RESTORE);
        }
    }
    Ok(())
}

fn foreign_keys(connection: &Connection, examination: &mut Examination) -> Result<(), rusqlite::Error> {
    let mut statement = connection.prepare(
        "SELECT \"table\", parent, count(*) FROM pragma_foreign_key_check GROUP BY \"table\", parent ORDER BY 1, 2",
    )?;
    let rows = statement.query_map((), |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, i64>(2)?))
    })?;
    for row in rows {
        let (table, parent, number) = row?;
        examination.error(
            format!("{number} rows of the table {table} refer to rows of {parent} that do not exist"),
            RESTORE,
        );
    }
    Ok(())
}

fn schema(found: i64, examination: &mut Examination) {
    let SchemaVersion { found, known } = SchemaVersion { found, known: known_version() };
    let problem = format!("the schema is at version {found} and this program supports version {known}");
    if found < known {
        examination.error(problem, "run `loggia migrate`; `loggia serve` does so too when it starts");
    } else if found > known {
        examination.error(problem, "use the version of loggia that migrated the store, or a newer one");
    }
}

fn log(connection: &Connection, path: &Path, examination: &mut Examination) -> Result<(), rusqlite::Error> {
    let mode: String = connection.query_row("PRAGMA journal_mode", (), |row| row.get(0))?;
    if mode != "wal" {
        examination.warning(
            format!("the journal mode is {mode} and not wal: another program has changed it"),
            "start `loggia serve`, which switches the write-ahead log on again",
        );
    }
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    let length = std::fs::metadata(name).map_or(0, |log| log.len());
    if length >= LONG_LOG {
        examination.warning(
            format!("the write-ahead log has {} MiB: something keeps it from being checkpointed", length >> 20),
            "end programs that hold the file open for reading, such as a backup or a shell, or restart the server",
        );
    }
    Ok(())
}

fn clock(
    connection: &Connection,
    now: Timestamp,
    examination: &mut Examination,
) -> Result<(), rusqlite::Error> {
    let last = "SELECT coalesce(max(at), 0) FROM (SELECT at FROM events ORDER BY position DESC LIMIT 1)";
    let at: i64 = connection.query_row(last, (), |row| row.get(0))?;
    let ahead = at.saturating_sub(now.micros());
    if ahead > AHEAD {
        examination.warning(
            format!("the last change was made {} s in the future: the machine's clock was set back", ahead / 1_000_000),
            "set the clock and keep it in step with NTP; new records are ordered before existing ones until then",
        );
    }
    Ok(())
}
