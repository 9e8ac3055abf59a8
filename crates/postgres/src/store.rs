//! The store itself: a database that was opened.

use async_trait::async_trait;
use loggia_domain::instant::Timestamp;
use loggia_domain::key::Caller;
use loggia_domain::port::{Store, StoreError, UnitOfWork};
use sqlx::{Connection, Row};

use crate::connection::PostgresOptions;
use crate::defects;
use crate::error::{OpenError, store_error};
use crate::migration::{self, SchemaVersion};
use crate::role;
use crate::session::Readers;
use crate::tenancy::TenantContext;
use crate::transaction::{Recognition, Writers};
use crate::unit_of_work::PostgresUnitOfWork;

/// Loggia's store in a Postgres database. Clones share the sessions; any number of processes may use one database.
#[derive(Clone, Debug)]
pub struct PostgresStore {
    pub(crate) writers: Writers,
    pub(crate) readers: Readers,
}

/// What an operator should know of a server, and what only its settings say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerFacts {
    /// Its version, as it tells it.
    pub version: String,
    /// Whether it writes what it acknowledges to the disk. Without, a crash of the machine loses or damages data.
    pub fsync: bool,
    /// What is wrong with this version, if something that concerns this program is known to be.
    pub known_defect: Option<&'static str>,
    /// Whether the login is a superuser: the service drops to a role without rights, but whoever knows the password has all.
    pub login_is_superuser: bool,
}

impl PostgresStore {
    /// Opens the database, and brings its schema up to date if the login may do that.
    ///
    /// # Errors
    /// [`OpenError`]; [`OpenError::SchemaBehind`] if the schema is too old and the login may not change it.
    pub async fn open(options: &PostgresOptions) -> Result<Self, OpenError> {
        migration::migrate_if_needed(options).await?;
        Self::open_existing(options).await
    }

    /// Opens a database whose schema must be the one that this program knows.
    ///
    /// # Errors
    /// [`OpenError`].
    pub async fn open_existing(options: &PostgresOptions) -> Result<Self, OpenError> {
        let (mut login, version) = migration::look(options).await?;
        version.require_current()?;
        if migration::is_restored(&mut login).await.map_err(OpenError::Unreachable)? {
            return Err(OpenError::Restored);
        }
        login.close().await.map_err(OpenError::Unreachable)?;
        // The pools would only tell that no session is to be had; this one tells why.
        let mut session = options.connect_as_service().await?;
        role::check(&mut session).await.map_err(|error| role::cannot_be_taken(error, options))?;
        session.close().await.map_err(OpenError::Unreachable)?;
        Ok(Self { writers: options.writer_pool(), readers: options.reader_pool() })
    }

    /// Which schema the database has, and which one this program knows.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn schema_version(&self) -> Result<SchemaVersion, StoreError> {
        let mut session = self.readers.enter(&TenantContext::none()).await?;
        let version = migration::version(session.connection()).await;
        session.told(version)
    }

    /// Asks the server about itself.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn server_facts(&self) -> Result<ServerFacts, StoreError> {
        let mut session = self.readers.enter(&TenantContext::none()).await?;
        let row = sqlx::query(
            "SELECT current_setting('server_version'), current_setting('fsync') = 'on',
                 (SELECT rolsuper FROM pg_roles WHERE rolname = session_user)",
        )
        .fetch_one(session.connection())
        .await;
        let row = session.told(row)?;
        Ok(ServerFacts {
            version: row.try_get(0).map_err(store_error)?,
            known_defect: session.connection().connection.server_version_num().and_then(defects::known),
            fsync: row.try_get(1).map_err(store_error)?,
            login_is_superuser: row.try_get(2).map_err(store_error)?,
        })
    }

    /// Waits for what is under way and closes the sessions. What is asked afterwards is refused as unavailable.
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
