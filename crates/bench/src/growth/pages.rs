//! How much of a store a call looks at, which does not depend on how fast the machine is.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use anyhow::{Context, Result};
use sqlx::{Connection as _, PgConnection};

use super::stores::Store;
use crate::connection::Connection;
use crate::process::{Server, bytes_read};
use crate::request::{Call, Request};
use crate::result::Middle;
use crate::stage::serve;
use crate::wrk::per;

/// How many fresh processes are asked; the median counts.
const STARTS: usize = 3;
/// How many requests are counted on Postgres.
const REQUESTS: u32 = 64;

/// Pages that a process which has just started reads from its file for a call: nothing of it is in its cache yet, so these are all that
/// the call looks at, but for those that tell who calls, which another request has read before.
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
    let middle = Middle::of(counts.into_iter().map(|count| per(count, 1)));
    Ok(middle.context("something was counted")?.median)
}

/// What the head of a file of SQLite says.
fn page_size(head: &[u8; 18]) -> u64 {
    let [.., high, low] = *head;
    match u16::from_be_bytes([high, low]) {
        // 65536 does not fit, and 1 stands for it.
        1 => 65_536,
        size => size.into(),
    }
}

/// Pages that Postgres looks at for a call, in its cache or not, and rows that it gives, over all statements of the call.
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
