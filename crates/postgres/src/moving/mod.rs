//! Whole rows of every table, read and written in bulk: for exporting and importing an organization, and for copying an instance. See
//! [`loggia_sql::moving`].
//!
//! An organization is exported and imported as the service, behind row-level security, beside any number of replicas. An instance is copied
//! by the login that owns the tables, while nobody else uses the database.

mod copy;
mod import;
mod rows;
mod statements;
mod values;

use std::time::Duration;

use loggia_domain::id::OrganizationId;
use loggia_sql::moving::{TABLES, TOTALS};
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

use crate::error::is_lock_timeout;
use crate::schema::lock::exclude_others;
use crate::schema::migration::migrate;
use crate::schema::version::{look, require_current};
use crate::sessions::connection::PostgresOptions;
use crate::sessions::open_error::OpenError;

pub use import::PostgresImport;

/// The rows of a store, in one snapshot.
///
/// The schema must be the one that this program knows.
#[derive(Debug)]
pub struct PostgresRows {
    session: PgConnection,
    /// The organization whose rows are read; `None` for all rows.
    organization: Option<Uuid>,
}

/// The number of times that it is asked whether other sessions are open, and the pause between them: a closed one ends some time later.
const TRIES: u32 = 20;
const PAUSE: Duration = Duration::from_millis(100);

/// Begins a transaction in which statements may take any time.
const LONG: &str = "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0";

impl PostgresRows {
    /// Reads the rows of one organization, as they are now. Others may use the store meanwhile.
    ///
    /// # Errors
    /// Fails with an [`OpenError`] if the database cannot be read.
    pub async fn of_organization(
        options: &PostgresOptions,
        organization: OrganizationId,
    ) -> Result<Self, OpenError> {
        let mut session = options.connect_as_service().await?;
        let begin = format!("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY; {LONG}");
        execute(&mut session, begin).await?;
        let organization = organization.as_uuid();
        enter(&mut session, organization).await.map_err(OpenError::Unreachable)?;
        Ok(Self { session, organization: Some(organization) })
    }

    /// Reads all rows, as the login that owns the tables. No other session of Loggia may be open, and none can read or write until the rows are
    /// dropped.
    ///
    /// # Errors
    /// Fails with [`OpenError::InUse`] if another session of Loggia is open, with [`OpenError::NotTheOwner`] if the login may not read
    /// every row, and otherwise with an [`OpenError`] if the database cannot be read.
    pub async fn of_instance(options: &PostgresOptions) -> Result<Self, OpenError> {
        let mut session = alone(options).await?;
        let names: Vec<&str> =
            TABLES.iter().map(|table| table.name).chain([TOTALS.name, "instance"]).collect();
        let begin = format!(
            "BEGIN ISOLATION LEVEL REPEATABLE READ; {LONG}; SET LOCAL lock_timeout = '2s'; LOCK TABLE {} IN EXCLUSIVE MODE",
            names.join(", ")
        );
        execute(&mut session, begin).await?;
        // The transaction is never committed, so the tables stay as they are.
        force(&mut session, "NO FORCE").await.map_err(OpenError::Unreachable)?;
        Ok(Self { session, organization: None })
    }

    /// Opens the target of a copy, as the login that owns the tables. A database that has no organization is migrated first. No other session
    /// of Loggia may be open.
    ///
    /// # Errors
    /// Fails with an [`OpenError`], as [`Self::of_instance`] does.
    pub async fn target(options: &PostgresOptions) -> Result<Self, OpenError> {
        prepare(options).await?;
        let mut session = alone(options).await?;
        exclude_others(&mut session).await?;
        // Commits reach the disk in their order, and the last one waits for it.
        let settings = "SET lock_timeout = '2s'; SET synchronous_commit = off";
        execute(&mut session, settings.to_owned()).await?;
        Ok(Self { session, organization: None })
    }
}

/// Migrates a database without organizations. One with another schema is left as it is.
async fn prepare(options: &PostgresOptions) -> Result<(), OpenError> {
    let (mut login, found) = look(options).await?;
    let is_used = found.found > 0
        && sqlx::query_scalar("SELECT has_organizations FROM instance")
            .fetch_one(&mut login)
            .await
            .map_err(OpenError::Unreachable)?;
    login.close().await.map_err(OpenError::Unreachable)?;
    if found.found < found.known && !is_used {
        migrate(options).await.map(|_| ())
    } else {
        require_current(found)
    }
}

/// Connects as the login itself. Fails if another session of this program is open in the database, or if the login could not see all rows.
async fn alone(options: &PostgresOptions) -> Result<PgConnection, OpenError> {
    let mut session = options.connect().await?;
    let mut tries = 0;
    while has_others(&mut session).await.map_err(OpenError::Unreachable)? {
        tries += 1;
        if tries > TRIES {
            return Err(OpenError::InUse);
        }
        tokio::time::sleep(PAUSE).await;
    }
    let is_owner: bool = sqlx::query_scalar(
        "SELECT pg_has_role(c.relowner, 'USAGE') FROM pg_class c WHERE c.oid = to_regclass('scopes')",
    )
    .fetch_optional(&mut session)
    .await
    .map_err(OpenError::Unreachable)?
    .unwrap_or(false);
    if !is_owner {
        return Err(OpenError::NotTheOwner { login: options.login().to_owned() });
    }
    Ok(session)
}

/// Returns `true` if another session of this program is open in the database.
async fn has_others(session: &mut PgConnection) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT EXISTS (SELECT FROM pg_stat_activity
             WHERE datname = current_database() AND application_name = 'loggia' AND pid <> pg_backend_pid())",
    )
    .fetch_one(session)
    .await
}

/// Forces row-level security on the tables' owner too, or lets the owner see all rows. Sessions of the service refuse to work on tables
/// where it is not forced.
async fn force(session: &mut PgConnection, how: &str) -> Result<(), sqlx::Error> {
    for table in TABLES.iter().copied().chain([&TOTALS]) {
        let sql = format!("ALTER TABLE {} {how} ROW LEVEL SECURITY", table.name);
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut *session).await?;
    }
    Ok(())
}

/// Grants the session one organization until the end of the transaction.
async fn enter(session: &mut PgConnection, organization: Uuid) -> Result<(), sqlx::Error> {
    sqlx::query(
        "SELECT set_config('loggia.scopes', $1::uuid[]::text, true), set_config('loggia.person', '', true)",
    )
    .bind(vec![organization])
    .execute(session)
    .await
    .map(|_| ())
}

async fn execute(session: &mut PgConnection, sql: String) -> Result<(), OpenError> {
    let done = sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(session).await;
    done.map(|_| ()).map_err(|error| {
        if is_lock_timeout(&error) { OpenError::InUse } else { OpenError::Unreachable(error) }
    })
}
