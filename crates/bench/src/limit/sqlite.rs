//! SQLite's limit: prepared statements in a loop on one thread of this process, with nothing in between.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};
use uuid::Uuid;

use crate::bare::statements::sqlite as statements;
use crate::wrk::per;

/// A file to read and write, and the values of the statements' parameters.
pub(crate) struct SqliteLimit {
    connection: Connection,
    user: Value,
    scope: Value,
    project: Value,
    spaces: Vec<Value>,
}

/// The work of one iteration of the loop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Loop {
    /// Reads a space.
    Space,
    /// Reads a page of spaces.
    Spaces,
    /// Reads a roster and its count.
    Roster,
    /// Inserts one row, with a commit that reaches the disk.
    Insert,
}

fn blob(id: &str) -> Result<Value> {
    Ok(Value::Blob(Uuid::parse_str(id)?.as_bytes().to_vec()))
}

impl SqliteLimit {
    /// Opens a file that no other process writes: a copy.
    pub(crate) fn open(
        file: &Path,
        user: &str,
        scope: &str,
        project: &str,
        spaces: &[String],
    ) -> Result<Self> {
        let connection = Connection::open(file)?;
        // The service's own settings: a commit reaches the disk.
        connection
            .execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA mmap_size = 0;")?;
        let spaces = spaces.iter().map(|id| blob(id)).collect::<Result<_>>()?;
        Ok(Self { connection, user: blob(user)?, scope: blob(scope)?, project: blob(project)?, spaces })
    }

    /// Runs the loop and returns the iterations per second.
    pub(crate) fn run(&self, what: Loop, duration: Duration) -> Result<f64> {
        let began = Instant::now();
        let mut iterations: u64 = 0;
        while began.elapsed() < duration {
            self.iterate(what, iterations)?;
            iterations += 1;
        }
        let micros = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
        Ok(per(iterations, micros) * 1_000_000.0)
    }

    fn iterate(&self, what: Loop, iteration: u64) -> Result<()> {
        let (user, rows) = (self.user.clone(), Value::Integer(21));
        match what {
            Loop::Space => {
                let at = usize::try_from(iteration).unwrap_or_default() % self.spaces.len().max(1);
                let space = self.spaces.get(at).context("there are spaces")?.clone();
                self.read(statements::SPACE, [user, space])
            }
            Loop::Spaces => self.read(statements::SPACES, [self.scope.clone(), user, rows]),
            Loop::Roster => self.read(statements::ROSTER, [user, self.project.clone(), rows]),
            Loop::Insert => {
                let mut insert = self.connection.prepare_cached(
                    "INSERT INTO spaces (scope_id, id, name, name_key, description, project_id, status, priority, strength, \
                     created_by, created_at, updated_at, revision) \
                     VALUES (?1, randomblob(16), 'Space', 'space', NULL, NULL, 'Active', 3, 0, ?2, 1, 1, 1)",
                )?;
                insert.execute([&self.scope, &self.user])?;
                Ok(())
            }
        }
    }

    /// Runs a statement and reads every value of every row.
    fn read(&self, statement: &str, values: impl IntoIterator<Item = Value>) -> Result<()> {
        let mut statement = self.connection.prepare_cached(statement)?;
        let columns = statement.column_count();
        let mut rows = statement.query(params_from_iter(values))?;
        while let Some(row) = rows.next()? {
            for column in 0..columns {
                std::hint::black_box(row.get_ref(column)?);
            }
        }
        Ok(())
    }
}
