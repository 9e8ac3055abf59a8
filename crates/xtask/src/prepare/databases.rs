//! Empty databases with a schema.

use std::path::Path;

use anyhow::{Context, Result};
use loggia_testpg::{TestDatabase, TestDatabases};
use sqlx::migrate::Migrator;
use sqlx::postgres::PgConnection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection};

/// A database with a schema, which exists until this is dropped.
pub(super) enum Prepared {
    /// The URL of a file in the scratch folder.
    Sqlite(String),
    Postgres(TestDatabase),
}

impl Prepared {
    pub(super) fn url(&self) -> &str {
        match self {
            Self::Sqlite(url) => url,
            Self::Postgres(database) => database.url(),
        }
    }
}

pub(super) async fn sqlite(scratch: &Path, migrations: &Path) -> Result<Prepared> {
    let file = scratch.join("prepared.db");
    let options = SqliteConnectOptions::new().filename(&file).create_if_missing(true);
    let mut connection: SqliteConnection = options.connect().await?;
    migrator(migrations).await?.run(&mut connection).await?;
    connection.close().await?;
    Ok(Prepared::Sqlite(format!("sqlite://{}", file.display())))
}

pub(super) async fn postgres(server: &str, migrations: &Path) -> Result<Prepared> {
    let database = TestDatabases::at(server).fresh_empty().await?;
    let mut connection = PgConnection::connect(database.url()).await?;
    migrator(migrations).await?.run(&mut connection).await?;
    connection.close().await?;
    Ok(Prepared::Postgres(database))
}

async fn migrator(folder: &Path) -> Result<Migrator> {
    Migrator::new(folder)
        .await
        .with_context(|| format!("the migrations in {} cannot be read", folder.display()))
}
