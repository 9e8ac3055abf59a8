//! The number of pages and rows that a call reads, which does not depend on the machine's speed.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use anyhow::{Context, Result};
use sqlx::{Connection as _, PgConnection};

use super::stores::Store;
use crate::connection::Connection;
use crate::process::{Server, bytes_read};
use crate::request::{Call, Request};
use crate::result::Summary;
use crate::stage::serve;
use crate::wrk::per;

/// The number of fresh processes that are measured; the median counts.
const STARTS: usize = 3;
/// The number of requests that are counted on Postgres.
const REQUESTS: u32 = 64;

/// Returns the number of pages that a fresh process reads from its file for a call. Its cache is empty, so these are all pages of the
/// call, except for those that identify the caller, which another request has read before.
pub(super) fn of_file(loggia: &Path, store: &Store, call: &Call) -> Result<f64> {
    let file = store.url.strip_prefix("sqlite://").context("a file has a URL of its own")?;
    let mut head = [0; 18];
    File::open(file)?.read_exact(&mut head)?;
    let page = page_size(&head);
    let request = call.requests.first().context("a call has requests")?.bytes(0);
    let me = Request::new("GET", "/api/v1/me", &store.key, "", None).bytes(0);
    let mut counts = Vec::with_capacity(STARTS);
    for _ in 0..STARTS {
        let server = serve(loggia, &store.url, None)?;
        let mut connection = Connection::open(&server.address)?;
        for _ in 0..2 {
            connection.send(&me)?;
        }
        let before = bytes_read(server.pid())?;
        connection.send(&request)?;
        counts.push((bytes_read(server.pid())? - before) / page);
    }
    let summary = Summary::from_samples(counts.into_iter().map(|count| per(count, 1)));
    Ok(summary.context("something was counted")?.median)
}

/// Returns the page size in the header of a SQLite file.
fn page_size(head: &[u8; 18]) -> u64 {
    let [.., high, low] = *head;
    match u16::from_be_bytes([high, low]) {
        // 65536 does not fit into two bytes, and 1 stands for it.
        1 => 65_536,
        size => size.into(),
    }
}

/// Returns the number of pages that Postgres reads for a call, from its cache or not, and of rows that it returns, over all statements of
/// the call.
pub(super) async fn of_server(
    admin: &str,
    store: &Store,
    server: &Server,
    call: &Call,
) -> Result<(f64, f64)> {
    let mut statistics = PgConnection::connect(admin).await?;
    for statement in
        ["CREATE EXTENSION IF NOT EXISTS pg_stat_statements", "SELECT pg_stat_statements_reset()"]
    {
        sqlx::raw_sql(statement).execute(&mut statistics).await.context("pg_stat_statements is not there")?;
    }
    let mut connection = Connection::open(&server.address)?;
    for (_, request) in (0..REQUESTS).zip(call.requests.iter().cycle()) {
        connection.send(&request.bytes(0))?;
    }
    let (_, database) = store.url.rsplit_once('/').context("the URL names a database")?;
    let (pages, rows): (i64, i64) = sqlx::query_as(
        "SELECT coalesce(sum(shared_blks_hit + shared_blks_read), 0)::bigint, coalesce(sum(rows), 0)::bigint \
         FROM pg_stat_statements JOIN pg_database ON pg_database.oid = dbid WHERE datname = $1",
    )
    .bind(database)
    .fetch_one(&mut statistics)
    .await?;
    statistics.close().await?;
    let each = |count: i64| Ok::<_, anyhow::Error>(per(u64::try_from(count)?, REQUESTS.into()));
    Ok((each(pages)?, each(rows)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_size_of_a_page_is_in_the_head() {
        let head = |high, low| {
            let mut head = [0; 18];
            (head[16], head[17]) = (high, low);
            head
        };
        assert_eq!([page_size(&head(16, 0)), page_size(&head(0, 1))], [4_096, 65_536]);
    }
}
