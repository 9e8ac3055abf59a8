//! The schema: its version, row-level security, constraints and indexes.

use loggia_sql::Examination;
use sqlx::{Connection, PgConnection};

use crate::schema::restored::is_restored;
use crate::schema::version::look;
use crate::sessions::connection::PostgresOptions;
use crate::sessions::open_error::OpenError;

/// The tables without row-level security: they show the same rows to everyone.
const OF_THE_WHOLE_INSTANCE: [&str; 2] = ["_sqlx_migrations", "instance"];

/// Checks the schema version. Returns `false` if there is no schema to examine.
pub(super) async fn version(
    session: &mut PgConnection,
    options: &PostgresOptions,
    examination: &mut Examination,
) -> Result<bool, OpenError> {
    let (mut reading, version) = look(options).await?;
    let (found, known) = (version.found, version.known);
    let problem = format!("the schema is at version {found} and this program supports version {known}");
    if found < known {
        examination.error(problem, "run `loggia migrate`");
    } else if found > known {
        examination.error(problem, "use the version of loggia that migrated the database, or a newer one");
    } else if is_restored(&mut reading).await.map_err(OpenError::Unreachable)? {
        examination
            .error("the database was restored from a dump of another server", "run `loggia migrate` once");
    }
    reading.close().await.map_err(OpenError::Unreachable)?;
    let exists = "SELECT to_regclass('spaces') IS NOT NULL";
    sqlx::query_scalar(exists).fetch_one(session).await.map_err(OpenError::Unreachable)
}

/// Checks that every table forces row-level security, and has a policy that shows rows.
pub(super) async fn row_security(
    session: &mut PgConnection,
    examination: &mut Examination,
) -> Result<(), sqlx::Error> {
    let tables: Vec<(String, bool, bool)> = sqlx::query_as(
        "SELECT c.relname::text, c.relrowsecurity AND c.relforcerowsecurity,
             EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polpermissive)
         FROM pg_class c, pg_class s
         WHERE s.oid = to_regclass('spaces') AND c.relnamespace = s.relnamespace AND c.relowner = s.relowner
             AND c.relkind IN ('r', 'p') AND c.relname <> ALL ($1)
         ORDER BY 1",
    )
    .bind(OF_THE_WHOLE_INSTANCE.map(str::to_owned).to_vec())
    .fetch_all(session)
    .await?;
    for (table, is_forced, has_policy) in tables {
        if !is_forced {
            examination.error(
                format!("row-level security is not forced on the table {table}"),
                format!("run as its owner: ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY"),
            );
        } else if !has_policy {
            examination.error(
                format!("the table {table} has no policy that shows a row to the service"),
                "restore the last backup into an empty database, and compare its policies",
            );
        }
    }
    Ok(())
}

/// Checks that every constraint holds for all rows.
pub(super) async fn constraints(
    session: &mut PgConnection,
    examination: &mut Examination,
) -> Result<(), sqlx::Error> {
    let invalid: Vec<(String, String)> = sqlx::query_as(
        "SELECT c.conname::text, c.conrelid::regclass::text FROM pg_constraint c
         WHERE NOT c.convalidated AND c.connamespace = (SELECT relnamespace FROM pg_class WHERE oid = to_regclass('spaces'))
         ORDER BY 2, 1",
    )
    .fetch_all(session)
    .await?;
    for (constraint, table) in invalid {
        examination.error(
            format!("the constraint {constraint} of the table {table} is not valid: rows may violate it"),
            format!("run as its owner: ALTER TABLE {table} VALIDATE CONSTRAINT {constraint}, which names the rows that violate it"),
        );
    }
    Ok(())
}

/// Checks that every index is complete.
pub(super) async fn indexes(
    session: &mut PgConnection,
    examination: &mut Examination,
) -> Result<(), sqlx::Error> {
    let invalid: Vec<(String, String)> = sqlx::query_as(
        "SELECT i.indexrelid::regclass::text, i.indrelid::regclass::text FROM pg_index i, pg_class c, pg_class s
         WHERE c.oid = i.indrelid AND s.oid = to_regclass('spaces') AND c.relnamespace = s.relnamespace
             AND NOT (i.indisvalid AND i.indisready)
         ORDER BY 2, 1",
    )
    .fetch_all(session)
    .await?;
    for (index, table) in invalid {
        examination.error(
            format!("the index {index} of the table {table} is not valid: no query uses it, and a unique one permits duplicates"),
            format!(
                "run as its owner: REINDEX INDEX CONCURRENTLY {index}, or DROP INDEX CONCURRENTLY {index} if no migration of loggia made it"
            ),
        );
    }
    Ok(())
}
