//! The machine, and the Postgres server that is measured on it.

use std::num::NonZero;
use std::thread;

use anyhow::{Context, Result};
use sqlx::{Connection as _, PgConnection};

use crate::limit::pgbench::INSERTS;
use crate::result::Machine;

/// Returns a description of the machine.
pub(crate) async fn describe(postgres_url: &str) -> Result<Machine> {
    let processors = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = processors.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    Ok(Machine {
        processor: model.map_or_else(|| "unknown".to_owned(), |(_, name)| name.to_owned()),
        cores: thread::available_parallelism().map_or(1, NonZero::get),
        kernel: std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default().trim().to_owned(),
        postgres: postgres_version(postgres_url).await?,
    })
}

/// Returns the server's version, such as `15.20`.
pub(crate) async fn postgres_version(url: &str) -> Result<String> {
    let mut connection = PgConnection::connect(url).await.context("Postgres does not respond")?;
    let version = "SELECT split_part(current_setting('server_version'), ' ', 1)";
    let version: String = sqlx::query_scalar(version).fetch_one(&mut connection).await?;
    connection.close().await?;
    Ok(version)
}

/// Creates a database on the server, replacing an earlier one, and returns its URL.
pub(crate) async fn new_database(url: &str) -> Result<String> {
    let mut connection = PgConnection::connect(url).await?;
    for statement in [
        "DROP DATABASE IF EXISTS loggia_bench",
        "CREATE DATABASE loggia_bench ENCODING 'UTF8' TEMPLATE template0",
    ] {
        sqlx::raw_sql(statement).execute(&mut connection).await?;
    }
    connection.close().await?;
    let (server, _) = url.rsplit_once('/').context("the URL names a database")?;
    Ok(format!("{server}/loggia_bench"))
}

/// Runs now what the server would otherwise do later, in the middle of a measurement: vacuum, analyze and a checkpoint. Creates the table
/// of inserts first.
pub(crate) async fn settle(url: &str) -> Result<()> {
    let mut connection = PgConnection::connect(url).await?;
    for statement in [INSERTS, "VACUUM ANALYZE", "CHECKPOINT"] {
        sqlx::raw_sql(statement).execute(&mut connection).await?;
    }
    connection.close().await?;
    Ok(())
}
