//! Statements that are not waited for without end.
//!
//! The server itself ends a statement that takes too long, and says so. Where nothing at all is heard, not even that, the connection is
//! dead and nobody has told: whoever stands between has forgotten it, or the other machine is gone. TCP alone would notice after
//! minutes or, where nothing is under way, never.

use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::{Stream, TryStreamExt as _};
use sqlx::postgres::{PgQueryResult, PgRow, PgStatement, PgTypeInfo};
use sqlx::{Either, Execute, Executor, PgConnection, Postgres, SqlStr};
use tokio::time::Sleep;

use crate::limits;

type Step = Result<Either<PgQueryResult, PgRow>, sqlx::Error>;
type BoxFuture<'e, T> = Pin<Box<dyn Future<Output = T> + Send + 'e>>;
type BoxStream<'e, T> = Pin<Box<dyn Stream<Item = T> + Send + 'e>>;

/// For how long after what was sent something must have been heard: the server gives an answer or an error within the time of a
/// statement, and both have to travel. `None` where the server sets no bound.
pub(crate) fn longest_silence(statement_timeout: Duration) -> Option<Duration> {
    (!statement_timeout.is_zero()).then(|| statement_timeout + limits::ON_THE_WAY)
}

/// A connection whose statements end as if it had broken when all of their answer is not there in time. It must not be used again then.
#[derive(Debug)]
pub(crate) struct InTime<'c> {
    pub(crate) connection: &'c mut PgConnection,
    pub(crate) limit: Option<Duration>,
}

impl<'c> InTime<'c> {
    /// A connection that is waited for as long as it takes.
    pub(crate) fn whenever(connection: &'c mut PgConnection) -> Self {
        Self { connection, limit: None }
    }

    /// The same connection, for one statement of several.
    pub(crate) fn again(&mut self) -> InTime<'_> {
        InTime { connection: self.connection, limit: self.limit }
    }
}

/// What a statement gives, up to a moment.
struct Steps<'e> {
    steps: BoxStream<'e, Step>,
    limit: Option<Duration>,
    /// Set only once something is waited for.
    alarm: Option<Pin<Box<Sleep>>>,
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
            let silence = format!("nothing was heard from the server for {limit:?}");
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
        Box::pin(Steps { steps: self.connection.fetch_many(query), limit: self.limit, alarm: None })
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<Option<PgRow>, sqlx::Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        let mut steps = self.fetch_many(query);
        Box::pin(async move {
            let mut found = None;
            // To the end of the answer, so that the connection is at rest when the row is given.
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
