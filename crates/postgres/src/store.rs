//! The store: an open database and its sessions.

use async_trait::async_trait;
use loggia_domain::instant::Timestamp;
use loggia_domain::key::Caller;
use loggia_domain::port::{Store, StoreError, UnitOfWork};
use loggia_observe::usage::PoolUsage;
use loggia_sql::SchemaVersion;
use sqlx::{Connection, Row};

use crate::error::store_error;
use crate::schema::{migration, restored, version};
use crate::sessions::connection::PostgresOptions;
use crate::sessions::defects;
use crate::sessions::open_error::{OpenError, service_error};
use crate::sessions::role;
use crate::sessions::transaction::{Recognition, Writers};
use crate::tenancy::context::TenantContext;
use crate::tenancy::readers::Readers;
use crate::write::unit_of_work::PostgresUnitOfWork;

/// A store in a Postgres database. Clones share the sessions; any number of processes may use one database.
#[derive(Clone, Debug)]
pub struct PostgresStore {
    pub(crate) writers: Writers,
    pub(crate) readers: Readers,
}

/// Facts about a server that an operator should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerFacts {
    /// The version, as the server reports it.
    pub version: String,
    /// Whether `fsync` is on. Otherwise a crash of the machine loses or damages acknowledged data.
    pub fsync: bool,
    /// A known defect of this version that affects this program.
    pub known_defect: Option<&'static str>,
    /// Whether the login is a superuser: the service takes a role with few privileges, but the login's password gives all of them.
    pub login_is_superuser: bool,
}

impl PostgresStore {
    /// Opens the database, and migrates its schema if the login is allowed to.
    ///
    /// # Errors
    /// Fails with an [`OpenError`]; [`OpenError::SchemaBehind`] if the schema is too old and the login may not change it.
    pub async fn open(options: &PostgresOptions) -> Result<Self, OpenError> {
        migration::migrate_if_needed(options).await?;
        Self::open_existing(options).await
    }

    /// Opens a database whose schema must be the one that this program knows.
    ///
    /// # Errors
    /// Fails with an [`OpenError`]; [`OpenError::SchemaBehind`] or [`OpenError::SchemaAhead`] if the schema is another one.
    pub async fn open_existing(options: &PostgresOptions) -> Result<Self, OpenError> {
        let (mut login, found) = version::look(options).await?;
        version::require_current(found)?;
        if restored::is_restored(&mut login).await.map_err(OpenError::Unreachable)? {
            return Err(OpenError::Restored);
        }
        if version::is_unfinished(&mut login).await.map_err(OpenError::Unreachable)? {
            return Err(OpenError::Unfinished);
        }
        login.close().await.map_err(OpenError::Unreachable)?;
        // The pools would only report that no session is available; this session reports the reason.
        let mut session = options.connect_as_service().await?;
        role::check(&mut session).await.map_err(|error| service_error(error, options.login()))?;
        session.close().await.map_err(OpenError::Unreachable)?;
        Ok(Self {
            writers: Writers::new(options.writer_pool()),
            readers: Readers::new(options.reader_pool()),
        })
    }

    /// Returns the schema version of the database, and the one that this program knows.
    ///
    /// # Errors
    /// Fails with a [`StoreError`] if the database cannot be read.
    pub async fn schema_version(&self) -> Result<SchemaVersion, StoreError> {
        let mut session = self.readers.enter(&TenantContext::none()).await?;
        let found = version::version(session.connection()).await;
        session.check(found)
    }

    /// Queries the server's version and settings.
    ///
    /// # Errors
    /// Fails with a [`StoreError`] if the database cannot be read.
    pub async fn server_facts(&self) -> Result<ServerFacts, StoreError> {
        let mut session = self.readers.enter(&TenantContext::none()).await?;
        let row = sqlx::query(
            "SELECT current_setting('server_version'), current_setting('fsync') = 'on',
                 (SELECT rolsuper FROM pg_roles WHERE rolname = session_user)",
        )
        .fetch_one(session.connection())
        .await;
        let row = session.check(row)?;
        Ok(ServerFacts {
            version: row.try_get(0).map_err(store_error)?,
            known_defect: session.connection().connection.server_version_num().and_then(defects::known),
            fsync: row.try_get(1).map_err(store_error)?,
            login_is_superuser: row.try_get(2).map_err(store_error)?,
        })
    }

    /// Returns the use of the sessions: those that read, and those that write. It takes no statement.
    pub fn pools(&self) -> [PoolUsage; 2] {
        [self.readers.pool.usage("postgres_readers"), self.writers.pool.usage("postgres_writers")]
    }

    /// Waits for calls in flight and closes the sessions. Later calls fail as unavailable.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writers.close().await;
    }
}

#[async_trait]
impl Store for PostgresStore {
    async fn begin(&self) -> Result<Box<dyn UnitOfWork>, StoreError> {
        let transaction = self.writers.begin(None).await?;
        Ok(Box::new(PostgresUnitOfWork::new(transaction, None)))
    }

    async fn begin_for(&self, caller: &Caller, now: Timestamp) -> Result<Box<dyn UnitOfWork>, StoreError> {
        let recognition = Some(Recognition::new(caller, now));
        let transaction = self.writers.begin(recognition).await?;
        Ok(Box::new(PostgresUnitOfWork::new(transaction, recognition)))
    }
}
