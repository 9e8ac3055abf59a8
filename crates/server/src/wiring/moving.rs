//! The stores between which data is moved.

use anyhow::{Context, bail};
use loggia_domain::id::OrganizationId;
use loggia_moving::{InstanceWriter, OrganizationWriter, RowReader};
use loggia_postgres::moving::{PostgresImport, PostgresRows};
use loggia_sqlite::moving::{SqliteImport, SqliteRows};
use loggia_sqlite::{OpenError as SqliteError, SqliteOptions, SqliteStore};

use super::{Location, OpenStore, cannot_use, file};
use crate::database::Database;

/// Reads the rows of one organization. A server may run on the store.
pub(crate) async fn organization(
    database: &Database,
    organization: OrganizationId,
) -> anyhow::Result<Box<dyn RowReader>> {
    // Opening the store checks its schema and its files.
    let open = OpenStore::existing(database).await?;
    let rows: Box<dyn RowReader> = match database {
        Database::Sqlite(path) => {
            let rows = SqliteRows::of_organization(&SqliteOptions::new(path), organization);
            Box::new(rows.with_context(|| cannot_use(&open.location))?)
        }
        Database::Postgres(options) => {
            let rows = PostgresRows::of_organization(options, organization).await;
            Box::new(rows.with_context(|| cannot_use(&open.location))?)
        }
    };
    open.close().await;
    Ok(rows)
}

/// Begins the import of an organization. Creates the store if there is none. A server may run on it.
pub(crate) async fn importer(
    database: &Database,
    organization: OrganizationId,
) -> anyhow::Result<Box<dyn OrganizationWriter>> {
    let open = OpenStore::prepare(database).await?;
    let location = open.location.clone();
    open.close().await;
    Ok(match database {
        Database::Sqlite(path) => {
            let begun = SqliteImport::begin(&SqliteOptions::new(path), organization).await;
            let begun = begun.with_context(|| cannot_use(&location))?;
            Box::new(begun.with_context(|| cannot_use(&location))?)
        }
        Database::Postgres(options) => {
            let begun = PostgresImport::begin(options, organization).await;
            Box::new(begun.with_context(|| cannot_use(&location))?)
        }
    })
}

/// Opens the source of a copy, which nobody else may use.
pub(crate) async fn source(database: &Database) -> anyhow::Result<Box<dyn RowReader>> {
    let open = OpenStore::existing(database).await?;
    let location = open.location.clone();
    open.close().await;
    Ok(match database {
        Database::Sqlite(path) => Box::new(alone(&SqliteOptions::new(path), &location)?),
        Database::Postgres(options) => {
            let rows = PostgresRows::of_instance(options).await;
            Box::new(rows.with_context(|| cannot_use(&location))?)
        }
    })
}

/// Opens the target of a copy, which nobody else may use. Creates a store if there is none.
pub(crate) async fn target(database: &Database) -> anyhow::Result<Box<dyn InstanceWriter>> {
    let location = Location::from_database(database)?;
    Ok(match database {
        Database::Sqlite(path) => {
            let options = SqliteOptions::new(path);
            if path.exists() && path.metadata().is_ok_and(|file| file.len() > 0) {
                // A store of another version is left as it is.
                match SqliteStore::open_existing(&options).await {
                    Ok(store) => {
                        let version = store.schema_version().await;
                        store.close().await;
                        let version = version.with_context(|| cannot_use(&location))?;
                        if version.found == 0 {
                            // An earlier copy was interrupted before the file had a schema.
                            file::prepare(path).await?.close().await;
                        } else if !version.is_current() {
                            bail!(super::wrong_schema(&location, version.found, version.known));
                        }
                    }
                    Err(SqliteError::Unfinished) => {}
                    Err(error) => return Err(error).with_context(|| cannot_use(&location)),
                }
            } else {
                file::prepare(path).await?.close().await;
            }
            Box::new(alone(&options, &location)?)
        }
        Database::Postgres(options) => {
            let rows = PostgresRows::target(options).await;
            Box::new(rows.with_context(|| cannot_use(&location))?)
        }
    })
}

/// Opens a file that nobody else has open.
fn alone(options: &SqliteOptions, location: &Location) -> anyhow::Result<SqliteRows> {
    match SqliteRows::alone(options) {
        Err(SqliteError::Busy(error)) => {
            let why =
                format!("another process has {location} open: stop the server and every command on it first");
            Err(anyhow::anyhow!(error).context(why))
        }
        opened => opened.with_context(|| cannot_use(location)),
    }
}
