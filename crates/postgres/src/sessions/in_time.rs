//! Statements with a client-side timeout.
//!
//! The server itself ends a statement that takes too long, and reports that. If not even that report arrives, the connection is dead
//! without notice: a proxy or firewall has dropped it, or the server's machine is gone. TCP alone would notice after minutes or, with
//! nothing in flight, never.

use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use futures_util::{Stream, TryStreamExt as _};
use sqlx::postgres::{PgQueryResult, PgRow, PgStatement, PgTypeInfo};
use sqlx::{Either, Execute, Executor, PgConnection, Postgres, SqlStr};
use tokio::time::Sleep;

use crate::limits;

type Step = Result<Either<PgQueryResult, PgRow>, sqlx::Error>;
type BoxFuture<'e, T> = Pin<Box<dyn Future<Output = T> + Send + 'e>>;
type BoxStream<'e, T> = Pin<Box<dyn Stream<Item = T> + Send + 'e>>;

/// Returns the longest time between a request and its response: the server responds or reports an error within the statement timeout, and
/// both messages have to travel. `None` if the server sets no timeout.
pub(crate) fn longest_silence(statement_timeout: Duration) -> Option<Duration> {
    (!statement_timeout.is_zero()).then(|| statement_timeout + limits::ON_THE_WAY)
}

/// A connection whose statements fail as if it had broken when a response is not complete in time. It must not be used again after that.
#[derive(Debug)]
pub(crate) struct InTime<'c> {
    pub(crate) connection: &'c mut PgConnection,
    pub(crate) limit: Option<Duration>,
}

impl<'c> InTime<'c> {
    /// Wraps a connection without a timeout.
    pub(crate) fn whenever(connection: &'c mut PgConnection) -> Self {
        Self { connection, limit: None }
    }

    /// Reborrows the connection, for one statement of several.
    pub(crate) fn again(&mut self) -> InTime<'_> {
        InTime { connection: self.connection, limit: self.limit }
    }
}

/// The results of a statement, with a deadline.
struct Steps<'e> {
    steps: BoxStream<'e, Step>,
    limit: Option<Duration>,
    /// Set only once a result is waited for.
    alarm: Option<Pin<Box<Sleep>>>,
    /// The time of the request, if a statement is to be counted for it.
    begun: Option<Instant>,
}

impl Drop for Steps<'_> {
    fn drop(&mut self) {
        if let Some(begun) = self.begun {
            // Without its text: some texts hold ids, see `Recognition`.
            loggia_observe::statement(None, begun, begun.elapsed());
        }
    }
}

impl Stream for Steps<'_> {
    type Item = Step;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Step>> {
        if let Poll::Ready(step) = self.steps.as_mut().poll_next(context) {
            return Poll::Ready(step);
        }
        let Some(limit) = self.limit else { return Poll::Pending };
        let alarm = self.alarm.get_or_insert_with(|| Box::pin(tokio::time::sleep(limit)));
        alarm.as_mut().poll(context).map(|()| {
            let silence = format!("the server did not respond within {limit:?}");
            Some(Err(sqlx::Error::Io(io::Error::new(ErrorKind::TimedOut, silence))))
        })
    }
}

impl<'c> Executor<'c> for InTime<'c> {
    type Database = Postgres;

    fn fetch_many<'e, 'q: 'e, E>(self, query: E) -> BoxStream<'e, Step>
    where
        'c: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        let begun = loggia_observe::when_observed();
        Box::pin(Steps { steps: self.connection.fetch_many(query), limit: self.limit, alarm: None, begun })
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<Option<PgRow>, sqlx::Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        let mut steps = self.fetch_many(query);
        Box::pin(async move {
            let mut found = None;
            // Reads to the end of the response, so that the connection is idle when the row is returned.
            while let Some(step) = steps.try_next().await? {
                if let Either::Right(row) = step {
                    found.get_or_insert(row);
                }
            }
            Ok(found)
        })
    }

    fn prepare_with<'e>(
        self,
        sql: SqlStr,
        parameters: &'e [PgTypeInfo],
    ) -> BoxFuture<'e, Result<PgStatement, sqlx::Error>>
    where
        'c: 'e,
    {
        self.connection.prepare_with(sql, parameters)
    }

    fn describe<'e>(self, sql: SqlStr) -> BoxFuture<'e, Result<sqlx::Describe<Postgres>, sqlx::Error>>
    where
        'c: 'e,
    {
        self.connection.describe(sql)
    }
}
