//! A database for each test.

mod error;
mod janitor;
mod template;
mod url;

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};
use tokio::sync::{Mutex, OnceCell};

use janitor::Janitor;
use url::with_database;

pub use error::DatabaseError;

/// The environment variable with the URL of a running server, as a user who may create databases.
pub const URL_VARIABLE: &str = "TEST_DATABASE_URL";

/// Returns the value of [`URL_VARIABLE`], or `None` if it is unset or empty.
#[expect(clippy::disallowed_methods, reason = "a setting of the tests; the service has nothing of it")]
pub fn url_from_env() -> Option<String> {
    std::env::var(URL_VARIABLE).ok().filter(|url| !url.is_empty())
}

/// Creates databases on one server; a handle that can be cloned and shared.
///
/// Tests run in several processes at once, and each test has a runtime of its own. So a connection lives no longer than the call that
/// needs it, except that of the janitor, which has a thread and a runtime of its own.
#[derive(Debug, Clone)]
pub struct TestDatabases {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    admin_url: String,
    janitor: OnceCell<Janitor>,
    /// The names of templates that are known to exist.
    templates: Mutex<BTreeSet<String>>,
}

/// A database for one test. Dropping this drops the database and ends its sessions.
#[derive(Debug)]
pub struct TestDatabase {
    name: String,
    url: String,
    server: TestDatabases,
}

impl TestDatabases {
    /// Returns the handle for the server that the environment names; all handles of a process share one.
    ///
    /// # Panics
    /// Panics if the environment names no server: a test that needs Postgres must not pass without one.
    #[expect(clippy::panic, reason = "called by tests, which must fail with these words and not be skipped")]
    pub fn from_env() -> Self {
        static OF_THE_PROCESS: OnceLock<TestDatabases> = OnceLock::new();
        let url = || required(url_from_env()).unwrap_or_else(|advice| panic!("{advice}"));
        OF_THE_PROCESS.get_or_init(|| Self::at(&url())).clone()
    }

    /// Creates a handle for the server of a URL, whichever database that names. Dropping the last clone waits until all its databases are
    /// dropped.
    pub fn at(url: &str) -> Self {
        let admin_url = with_database(url, "postgres");
        let shared = Shared { admin_url, janitor: OnceCell::new(), templates: Mutex::default() };
        Self { shared: Arc::new(shared) }
    }

    /// Creates a database as a copy of the template for this fingerprint, which must cover everything that `prepare` does (such as the
    /// checksums of the migrations).
    ///
    /// The first of all processes to ask for it creates the template: `prepare` gets the URL of an empty database and fills it. It must
    /// close its connections; any that are left are ended. Objects outside of databases, such as roles, stay on the server. Settings and
    /// privileges of the database itself (`ALTER DATABASE … SET`, `GRANT … ON DATABASE`) are not copied.
    pub async fn fresh<P, F, E>(&self, fingerprint: &str, prepare: P) -> Result<TestDatabase, DatabaseError>
    where
        P: FnOnce(String) -> F,
        F: Future<Output = Result<(), E>>,
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let template = template::name(fingerprint);
        {
            let mut known = self.shared.templates.lock().await;
            if !known.contains(&template) {
                template::ensure(&self.shared.admin_url, &template, prepare).await?;
                known.insert(template.clone());
            }
        }
        self.create(&template).await
    }

    /// Creates an empty database.
    pub async fn fresh_empty(&self) -> Result<TestDatabase, DatabaseError> {
        self.create("template0").await
    }

    async fn create(&self, template: &str) -> Result<TestDatabase, DatabaseError> {
        let admin_url = &self.shared.admin_url;
        let janitor = self.shared.janitor.get_or_try_init(|| Janitor::start(admin_url)).await?;
        let name = janitor.next_name();
        // Created first, so that the database is dropped even if this is cancelled after the creation.
        let database = TestDatabase { url: with_database(admin_url, &name), name, server: self.clone() };
        let mut connection = connect(admin_url).await?;
        let statement =
            format!("CREATE DATABASE \"{}\" TEMPLATE \"{template}\" ENCODING 'UTF8'", database.name);
        execute(&mut connection, statement, "creating a database").await?;
        connection.close().await.map_err(DatabaseError::during("closing a connection"))?;
        Ok(database)
    }
}

impl TestDatabase {
    /// Returns its URL, for the user who created it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the URL of the server's database `postgres`, for the same user.
    pub fn admin_url(&self) -> &str {
        &self.server.shared.admin_url
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if let Some(janitor) = self.server.shared.janitor.get() {
            janitor.drop_later(std::mem::take(&mut self.name));
        }
    }
}

/// Returns the URL, or an error that says how to get a server.
fn required(url: Option<String>) -> Result<String, String> {
    url.ok_or_else(|| {
        format!("{URL_VARIABLE} is not set: run `cargo xtask test`, or `cargo xtask pg` beside your work")
    })
}

async fn connect(url: &str) -> Result<PgConnection, DatabaseError> {
    let during = "connecting to the server for test databases";
    let options: PgConnectOptions = url.parse().map_err(DatabaseError::during(during))?;
    options.application_name(janitor::APPLICATION).connect().await.map_err(DatabaseError::during(during))
}

/// Runs a statement whose names come from this crate.
async fn execute(
    connection: &mut PgConnection,
    statement: String,
    during: &'static str,
) -> Result<(), DatabaseError> {
    let done = sqlx::raw_sql(AssertSqlSafe(statement)).execute(connection).await;
    done.map(|_| ()).map_err(DatabaseError::during(during))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_without_a_server_says_how_to_start_one() {
        let advice = required(None).expect_err("nothing to connect to");
        assert!(advice.starts_with("TEST_DATABASE_URL is not set: run `cargo xtask test`"), "{advice}");
        assert_eq!(required(Some("postgres://here".to_owned())).as_deref(), Ok("postgres://here"));
    }
}
