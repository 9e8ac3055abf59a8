//! The unit of work: it owns the one connection that writes, from beginning to end.

use async_trait::async_trait;
use loggia_domain::port::{Settlement, StoreError, UnitOfWork};
use rusqlite::{Connection, Row};
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::task::block_in_place;
use uuid::Uuid;

use crate::columns::{Column, Columns, FromRow};
use crate::sessions::writer::WriterGuard;
use crate::statement::Statement;

/// A unit of work. Its statements run in place: with no other writer, only its commit waits for the disk. While an unbounded statement
/// runs, the other tasks of this thread move to another one.
///
/// Dropping it without a commit rolls back what it has written.
pub(crate) struct SqliteUnitOfWork {
    guard: WriterGuard,
}

impl SqliteUnitOfWork {
    pub(crate) fn new(guard: WriterGuard) -> Self {
        Self { guard }
    }

    /// Runs a statement and returns the number of changed rows.
    pub(crate) fn execute(&mut self, statement: &Statement) -> Result<u64, StoreError> {
        self.run(statement, |connection| statement.execute(connection))
    }

    /// Runs a statement and returns its rows as records.
    pub(crate) fn records<R: FromRow>(&mut self, statement: &Statement) -> Result<Vec<R>, StoreError> {
        let read = |row: &Row<'_>| Columns::new(row).record();
        self.run(statement, |connection| statement.all(connection, read))
    }

    /// Runs a statement and returns its first row as a record, if there is one.
    pub(crate) fn record<R: FromRow>(&mut self, statement: &Statement) -> Result<Option<R>, StoreError> {
        let read = |row: &Row<'_>| Columns::new(row).record();
        self.run(statement, |connection| statement.optional(connection, read))
    }

    /// Runs a statement that always returns one row, and returns that as a record.
    pub(crate) fn one_record<R: FromRow>(&mut self, statement: &Statement) -> Result<R, StoreError> {
        let read = |row: &Row<'_>| Columns::new(row).record();
        self.run(statement, |connection| statement.one(connection, read))
    }

    /// Runs a statement and returns the values of its one column.
    pub(crate) fn values<T: Column>(&mut self, statement: &Statement) -> Result<Vec<T>, StoreError> {
        let read = |row: &Row<'_>| Columns::new(row).value();
        self.run(statement, |connection| statement.all(connection, read))
    }

    /// Runs a statement and returns the value in its first row, if there is one.
    pub(crate) fn value<T: Column>(&mut self, statement: &Statement) -> Result<Option<T>, StoreError> {
        let read = |row: &Row<'_>| Columns::new(row).value();
        self.run(statement, |connection| statement.optional(connection, read))
    }

    /// Runs a statement that always returns one value, and returns that.
    pub(crate) fn one_value<T: Column>(&mut self, statement: &Statement) -> Result<T, StoreError> {
        let read = |row: &Row<'_>| Columns::new(row).value();
        self.run(statement, |connection| statement.one(connection, read))
    }

    fn run<T>(
        &mut self,
        statement: &Statement,
        work: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        if statement.runs_in_place() {
            return self.guard.work(work);
        }
        let flavor = Handle::try_current().map(|runtime| runtime.runtime_flavor());
        match flavor {
            Ok(RuntimeFlavor::MultiThread) => block_in_place(|| self.guard.work(work)),
            // The runtime has no other thread.
            _ => self.guard.work(work),
        }
    }
}

#[async_trait]
impl UnitOfWork for SqliteUnitOfWork {
    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        self.guard.commit().await
    }

    fn settlement(&self) -> Option<Settlement> {
        self.guard.settlement()
    }
}

/// Encodes ids as one parameter: a JSON array of hex strings, which `unhex(value)` over `json_each` decodes into blobs.
pub(crate) fn id_list(ids: impl Iterator<Item = Uuid>) -> String {
    let quoted: Vec<String> = ids.map(|id| format!("\"{}\"", id.simple())).collect();
    format!("[{}]", quoted.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_listed_as_json() {
        assert_eq!(id_list(std::iter::empty()), "[]");
        let ids = [Uuid::nil(), Uuid::max()];
        assert_eq!(id_list(ids.into_iter()), format!("[\"{}\",\"{}\"]", "0".repeat(32), "f".repeat(32)));
    }
}
