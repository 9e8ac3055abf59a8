//! Servers are started here for real: each takes a second or two.

mod databases;
mod server;

use sqlx::postgres::PgConnection;
use sqlx::{Connection, Row};

use crate::{Server, ServerOptions};

fn start() -> Server {
    Server::start(&ServerOptions::default()).unwrap()
}

/// What a statement gives, as text: the first column of each row.
async fn ask(url: &str, statement: &'static str) -> Result<Vec<String>, sqlx::Error> {
    let mut connection = PgConnection::connect(url).await?;
    let rows = sqlx::raw_sql(statement).fetch_all(&mut connection).await?;
    connection.close().await?;
    rows.iter().map(|row| row.try_get(0)).collect()
}
