//! Statements with their parameters, and running them.

use std::borrow::Cow;
use std::fmt::{Display, Write as _};
use std::time::{Duration, Instant};

use loggia_domain::port::StoreError;
use rusqlite::types::Value;
use rusqlite::{CachedStatement, Connection, Row, Rows, params_from_iter};
use uuid::Uuid;

use crate::error::store_error;

/// The bound on the number of rows that a statement reads or writes. Each statement declares its bound, and tests compare it with the
/// statement's query plan (`tests/store/bounds.rs`). A statement with a bound takes microseconds, whatever the size of the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bound {
    /// Every table is searched by all columns of a unique key: for one row, or for one row per id of a batch. The projects of an
    /// invitation, at most 100, are searched by its key.
    Key,
    /// A LIMIT, on rows that an index delivers in the requested order.
    Limit,
    /// A LIMIT, on rows that are sorted first; how many are sorted was checked beforehand.
    Counted,
    /// A read of the schema or the table of migrations, and of nothing that callers write.
    Schema,
    /// Unbounded: it counts, searches, filters or skips, or changes any number of rows.
    None,
}

/// A statement and the values of its parameters.
#[derive(Clone, Debug)]
pub(crate) struct Statement {
    text: Cow<'static, str>,
    values: Vec<Value>,
    bound: Bound,
    /// Whether rows that do not match may lie between those that do, so that a LIMIT does not bound it.
    is_scattered: bool,
}

/// A type that can be bound to a parameter. Ids are bound as blobs, as the columns store them.
pub(crate) trait Bind {
    /// Returns SQLite's form of the value.
    fn value(&self) -> Value;
}

impl Bind for i64 {
    fn value(&self) -> Value {
        Value::Integer(*self)
    }
}

impl Bind for bool {
    fn value(&self) -> Value {
        Value::Integer((*self).into())
    }
}

impl Bind for Uuid {
    fn value(&self) -> Value {
        Value::Blob(self.as_bytes().to_vec())
    }
}

impl Bind for &str {
    fn value(&self) -> Value {
        Value::Text((*self).to_owned())
    }
}

impl Bind for String {
    fn value(&self) -> Value {
        Value::Text(self.clone())
    }
}

impl Bind for &[u8] {
    fn value(&self) -> Value {
        Value::Blob(self.to_vec())
    }
}

impl Bind for Vec<u8> {
    fn value(&self) -> Value {
        Value::Blob(self.clone())
    }
}

impl<T: Bind> Bind for Option<T> {
    fn value(&self) -> Value {
        self.as_ref().map_or(Value::Null, T::value)
    }
}

/// A statement with a fixed text. sqlx checks the text and its parameters against the schema at compile time, and never runs it.
///
/// The first argument is the [`Bound`] of the statement. The text must be the whole statement, in one literal or several with `+`
/// between.
macro_rules! fixed {
    ($bound:ident, $text:literal $(+ $more:literal)* $(, $value:expr)* $(,)?) => {{
        // Never called: it exists for the compile-time check alone.
        let _checked_against_the_schema = || {
            let _ = sqlx::query!($text $(+ $more)* $(, $value)*);
        };
        $crate::statement::Statement::fixed(
            $crate::statement::Bound::$bound,
            concat!($text $(, $more)*),
            vec![$($crate::statement::Bind::value(&$value)),*],
        )
    }};
}
pub(crate) use fixed;

impl Statement {
    /// Creates the statement of [`fixed!`].
    pub(crate) fn fixed(bound: Bound, text: &'static str, values: Vec<Value>) -> Self {
        Self { text: Cow::Borrowed(text), values, bound, is_scattered: false }
    }

    /// Begins a composed statement. It has no bound until [`Self::by_key`] or [`Self::limit`] gives it one.
    pub(crate) fn new(text: &'static str) -> Self {
        Self::fixed(Bound::None, text, Vec::new())
    }

    /// Appends text.
    pub(crate) fn push(&mut self, text: impl Display) -> &mut Self {
        // Writing to a `String` does not fail.
        let _ = write!(self.text.to_mut(), "{text}");
        self
    }

    /// Appends a parameter and binds its value.
    pub(crate) fn push_bind(&mut self, value: impl Bind) -> &mut Self {
        self.text.to_mut().push('?');
        self.values.push(value.value());
        self
    }

    /// Declares that the statement searches every table by a unique key.
    pub(crate) fn by_key(mut self) -> Self {
        self.bound = Bound::Key;
        self
    }

    /// Appends a LIMIT, which bounds the statement unless it is scattered.
    pub(crate) fn limit(&mut self, rows: u32) -> &mut Self {
        self.bound = Bound::Limit;
        self.push(" LIMIT ").push_bind(i64::from(rows))
    }

    /// Declares that the number of rows to sort before the LIMIT was checked.
    pub(crate) fn counted(&mut self) -> &mut Self {
        self.bound = Bound::Counted;
        self
    }

    /// Declares that rows which do not match may lie between those that do: nothing bounds how many rows are read.
    pub(crate) fn scattered(&mut self) -> &mut Self {
        self.is_scattered = true;
        self
    }

    /// Returns the bound of the statement.
    pub(crate) fn bound(&self) -> Bound {
        if self.is_scattered { Bound::None } else { self.bound }
    }

    /// Returns `true` if the statement runs on the caller's thread, which requires a bound.
    pub(crate) fn runs_in_place(&self) -> bool {
        self.bound() != Bound::None
    }

    #[cfg(test)]
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Runs the statement and reads every row.
    pub(crate) fn all<T>(
        &self,
        connection: &Connection,
        mut read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        self.run(connection, |mut rows| {
            let mut found = Vec::new();
            while let Some(row) = rows.next().map_err(store_error)? {
                found.push(read(row)?);
            }
            Ok(found)
        })
    }

    /// Runs the statement and reads the first row, if there is one.
    pub(crate) fn optional<T>(
        &self,
        connection: &Connection,
        read: impl FnOnce(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        self.run(connection, |mut rows| rows.next().map_err(store_error)?.map(read).transpose())
    }

    /// Runs the statement and reads its first row.
    ///
    /// Fails with [`StoreError::Failed`] if there is none.
    pub(crate) fn one<T>(
        &self,
        connection: &Connection,
        read: impl FnOnce(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.optional(connection, read)?.ok_or_else(|| store_error(rusqlite::Error::QueryReturnedNoRows))
    }

    /// Runs the statement and returns the number of changed rows.
    pub(crate) fn execute(&self, connection: &Connection) -> Result<u64, StoreError> {
        let trace = StatementTrace::begin(&self.text, self.bound());
        let changed = self.prepared(connection)?.execute(params_from_iter(&self.values));
        trace.end();
        u64::try_from(changed.map_err(store_error)?).map_err(|error| StoreError::Failed(error.into()))
    }

    fn run<T>(
        &self,
        connection: &Connection,
        read: impl FnOnce(Rows<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let trace = StatementTrace::begin(&self.text, self.bound());
        let mut prepared = self.prepared(connection)?;
        let outcome = prepared.query(params_from_iter(&self.values)).map_err(store_error).and_then(read);
        trace.end();
        outcome
    }

    fn prepared<'c>(&self, connection: &'c Connection) -> Result<CachedStatement<'c>, StoreError> {
        connection.prepare_cached(&self.text).map_err(store_error)
    }
}

/// Runs a text without parameters and rows, such as the end of a transaction.
pub(crate) fn run_plain(connection: &Connection, text: &'static str) -> Result<(), rusqlite::Error> {
    let trace = StatementTrace::begin(text, Bound::Key);
    let outcome = connection.execute_batch(text);
    trace.end();
    outcome
}

/// A statement that takes at least as long is logged at WARN, as sqlx does on Postgres.
const SLOW: Duration = Duration::from_secs(1);

/// Logs a statement's text, never its values. The target is the one that sqlx uses on Postgres, so that one filter shows the statements
/// of either store.
struct StatementTrace<'s> {
    text: &'s str,
    bound: Bound,
    begun: Instant,
}

impl<'s> StatementTrace<'s> {
    fn begin(text: &'s str, bound: Bound) -> Self {
        Self { text, bound, begun: Instant::now() }
    }

    fn end(self) {
        let (elapsed, bound) = (self.begun.elapsed(), self.bound);
        loggia_observe::statement(Some(self.text), self.begun, elapsed);
        if elapsed >= SLOW {
            tracing::warn!(target: "sqlx::query", { db.statement = self.text, ?elapsed, ?bound }, "slow statement");
        } else {
            tracing::debug!(target: "sqlx::query", { db.statement = self.text, ?elapsed, ?bound }, "statement");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_bound_as_the_columns_have_them() {
        assert_eq!(Uuid::max().value(), Value::Blob(vec![0xff; 16]));
        assert_eq!(true.value(), Value::Integer(1));
        assert_eq!(None::<i64>.value(), Value::Null);
        assert_eq!(Some("quay").value(), Value::Text("quay".into()));
        assert_eq!(b"quay".as_slice().value(), Value::Blob(b"quay".to_vec()));
    }

    #[test]
    fn a_composed_statement_runs_with_its_bound_values() {
        let connection = Connection::open_in_memory().expect("a database");
        let mut statement = Statement::new("SELECT ");
        statement.push_bind(1).push(" + ").push_bind(41);
        assert_eq!(statement.text(), "SELECT ? + ?");
        let sum = statement.one(&connection, |row| row.get::<_, i64>(0).map_err(store_error));
        assert_eq!(sum.expect("a row"), 42);
    }

    #[test]
    fn an_unbounded_statement_does_not_run_in_place() {
        let bare = || Statement::new("SELECT 1");
        assert_eq!(bare().bound(), Bound::None);
        assert_eq!(bare().by_key().bound(), Bound::Key);
        assert_eq!(bare().limit(2).bound(), Bound::Limit);
        assert_eq!(bare().limit(2).text(), "SELECT 1 LIMIT ?");
        assert_eq!(bare().scattered().limit(2).bound(), Bound::None);
        assert_eq!(bare().limit(2).scattered().bound(), Bound::None);
        assert!(!bare().runs_in_place() && bare().by_key().runs_in_place());
    }

    #[test]
    fn a_value_too_many_or_too_few_is_an_error() {
        let connection = Connection::open_in_memory().expect("a database");
        for values in [vec![], vec![Value::Integer(1), Value::Integer(2)]] {
            let statement = Statement::fixed(Bound::Key, "SELECT ?1", values);
            let outcome = statement.optional(&connection, |_| Ok(()));
            assert!(matches!(outcome, Err(StoreError::Failed(_))), "{outcome:?}");
        }
    }
}
