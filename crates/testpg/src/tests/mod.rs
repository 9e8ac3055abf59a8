//! These tests start real servers, which takes a second or two each.

mod databases;
mod server;

use sqlx::postgres::PgConnection;
use sqlx::{Connection, Row};

use crate::{Server, ServerOptions};

fn start() -> Server {
    Server::start(&ServerOptions::default()).unwrap()
}

/// Runs a statement and returns the first column of each row, as text.
async fn ask(url: &str, statement: &'static str) -> Result<Vec<String>, sqlx::Error> {
    let mut connection = PgConnection::connect(url).await?;
    let rows = sqlx::raw_sql(statement).fetch_all(&mut connection).await?;
    connection.close().await?;
    rows.iter().map(|row| row.try_get(0)).collect()
}
