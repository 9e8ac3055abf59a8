//! Statements with their values, and how they are run: in place, on the thread of whoever asks.

use std::borrow::Cow;
use std::fmt::{Display, Write as _};
use std::time::{Duration, Instant};

use loggia_domain::port::StoreError;
use rusqlite::types::Value;
use rusqlite::{CachedStatement, Connection, Row, Rows, params_from_iter};
use uuid::Uuid;

use crate::error::store_error;

/// How long a statement may run, as far as its text tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cost {
    /// It goes by keys to as many rows as it gives, of which there are a page at most: microseconds, whatever the store holds.
    Bounded,
    /// It may look at many rows for each that it gives: it counts, searches, filters or skips.
    Unbounded,
}

/// A statement and the values of its parameters.
#[derive(Clone, Debug)]
pub(crate) struct Statement {
    text: Cow<'static, str>,
    values: Vec<Value>,
    cost: Cost,
}

/// What a parameter can be. Ids are blobs, as the columns have them.
pub(crate) trait Bind {
    /// The value as SQLite has it.
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

/// A statement whose text is fixed: sqlx holds it against the schema when this is compiled, its parameters too, and never runs it.
///
/// The text must be the whole statement, in one literal or several with `+` between.
macro_rules! fixed {
    ($text:literal $(+ $more:literal)* $(, $value:expr)* $(,)?) => {{
        // Never called: this is for the compiler alone.
        let _checked_against_the_schema = || {
            let _ = sqlx::query!($text $(+ $more)* $(, $value)*);
        };
        $crate::statement::Statement::fixed(
            concat!($text $(, $more)*),
            vec![$($crate::statement::Bind::value(&$value)),*],
        )
    }};
}
pub(crate) use fixed;

impl Statement {
    /// Of [`fixed!`].
    pub(crate) fn fixed(text: &'static str, values: Vec<Value>) -> Self {
        Self { text: Cow::Borrowed(text), values, cost: Cost::Bounded }
    }

    /// The beginning of one that is composed.
    pub(crate) fn new(text: &'static str) -> Self {
        Self { text: Cow::Borrowed(text), values: Vec::new(), cost: Cost::Bounded }
    }

    /// Goes on with more of its text.
    pub(crate) fn push(&mut self, text: impl Display) -> &mut Self {
        // Writing into a String does not fail.
        let _ = write!(self.text.to_mut(), "{text}");
        self
    }

    /// Goes on with a parameter and its value.
    pub(crate) fn push_bind(&mut self, value: impl Bind) -> &mut Self {
        self.text.to_mut().push('?');
        self.values.push(value.value());
        self
    }

    /// Says that it may run long.
    pub(crate) fn unbounded(&mut self) -> &mut Self {
        self.cost = Cost::Unbounded;
        self
    }

    pub(crate) fn cost(&self) -> Cost {
        self.cost
    }

    #[cfg(test)]
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Runs it and reads every row.
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

    /// Runs it and reads the first row, if there is one.
    pub(crate) fn optional<T>(
        &self,
        connection: &Connection,
        read: impl FnOnce(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        self.run(connection, |mut rows| rows.next().map_err(store_error)?.map(read).transpose())
    }

    /// Runs it and reads the one row that there must be.
    pub(crate) fn one<T>(
        &self,
        connection: &Connection,
        read: impl FnOnce(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.optional(connection, read)?.ok_or_else(|| store_error(rusqlite::Error::QueryReturnedNoRows))
    }

    /// Runs it for what it changes, and tells how many rows those were.
    pub(crate) fn execute(&self, connection: &Connection) -> Result<u64, StoreError> {
        let told = Told::begin(&self.text, self.cost);
        let changed = self.prepared(connection)?.execute(params_from_iter(&self.values));
        told.end();
        u64::try_from(changed.map_err(store_error)?).map_err(|error| StoreError::Failed(error.into()))
    }

    fn run<T>(
        &self,
        connection: &Connection,
        read: impl FnOnce(Rows<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let told = Told::begin(&self.text, self.cost);
        let mut prepared = self.prepared(connection)?;
        let outcome = prepared.query(params_from_iter(&self.values)).map_err(store_error).and_then(read);
        told.end();
        outcome
    }

    fn prepared<'c>(&self, connection: &'c Connection) -> Result<CachedStatement<'c>, StoreError> {
        connection.prepare_cached(&self.text).map_err(store_error)
    }
}

/// Runs what has neither parameters nor rows, such as the end of a transaction.
pub(crate) fn run_plain(connection: &Connection, text: &'static str) -> Result<(), rusqlite::Error> {
    let told = Told::begin(text, Cost::Bounded);
    let outcome = connection.execute_batch(text);
    told.end();
    outcome
}

/// Whatever takes longer is told at WARN, as sqlx does it on Postgres.
const SLOW: Duration = Duration::from_secs(1);

/// Tells the log of a statement, never of its values. The target is the one that sqlx has for those of Postgres, so that one filter
/// shows the statements of either store.
struct Told<'s> {
    text: &'s str,
    cost: Cost,
    begun: Instant,
}

impl<'s> Told<'s> {
    fn begin(text: &'s str, cost: Cost) -> Self {
        Self { text, cost, begun: Instant::now() }
    }

    fn end(self) {
        let (elapsed, cost) = (self.begun.elapsed(), self.cost);
        if elapsed >= SLOW {
            tracing::warn!(target: "sqlx::query", { db.statement = self.text, ?elapsed, ?cost }, "slow statement");
        } else {
            tracing::debug!(target: "sqlx::query", { db.statement = self.text, ?elapsed, ?cost }, "statement");
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
    fn what_is_composed_is_run_with_its_values() {
        let connection = Connection::open_in_memory().expect("a database");
        let mut statement = Statement::new("SELECT ");
        statement.push_bind(1).push(" + ").push_bind(41);
        assert_eq!(statement.text(), "SELECT ? + ?");
        let sum = statement.one(&connection, |row| row.get::<_, i64>(0).map_err(store_error));
        assert_eq!(sum.expect("a row"), 42);
        assert_eq!(statement.cost(), Cost::Bounded);
        assert_eq!(statement.unbounded().cost(), Cost::Unbounded);
    }

    #[test]
    fn a_value_too_many_or_too_few_is_an_error() {
        let connection = Connection::open_in_memory().expect("a database");
        for values in [vec![], vec![Value::Integer(1), Value::Integer(2)]] {
            let statement = Statement::fixed("SELECT ?1", values);
            let outcome = statement.optional(&connection, |_| Ok(()));
            assert!(matches!(outcome, Err(StoreError::Failed(_))), "{outcome:?}");
        }
    }
}
