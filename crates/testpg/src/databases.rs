//! A database of its own for each test.

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

/// The environment variable with the URL of a running server, for a user who may create databases.
pub const URL_VARIABLE: &str = "TEST_DATABASE_URL";

/// What [`URL_VARIABLE`] says, if it is set.
#[expect(clippy::disallowed_methods, reason = "a setting of the tests; the service has nothing of it")]
pub fn url_from_env() -> Option<String> {
    std::env::var(URL_VARIABLE).ok().filter(|url| !url.is_empty())
}

/// Makes databases on one server; a handle that can be cloned and shared.
///
/// Tests run in several processes at once, and each test has a runtime of its own. So a connection lives no longer than the call that
/// needs it, but for that of the janitor, who has a thread and a runtime for himself.
#[derive(Debug, Clone)]
pub struct TestDatabases {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    admin_url: String,
    janitor: OnceCell<Janitor>,
    /// The templates that are known to be there.
    templates: Mutex<BTreeSet<String>>,
}

/// One database, dropped after use with whoever is still connected to it.
#[derive(Debug)]
pub struct TestDatabase {
    name: String,
    url: String,
    server: TestDatabases,
}

impl TestDatabases {
    /// On the server that the environment names; all of a process share one.
    ///
    /// # Panics
    /// If it names none: a test that needs Postgres must not pass without.
    #[expect(clippy::panic, reason = "called by tests, which must fail with these words and not be skipped")]
    pub fn from_env() -> Self {
        static OF_THE_PROCESS: OnceLock<TestDatabases> = OnceLock::new();
        let url = || required(url_from_env()).unwrap_or_else(|advice| panic!("{advice}"));
        OF_THE_PROCESS.get_or_init(|| Self::at(&url())).clone()
    }

    /// On the server of a URL, whichever database that names. When the last handle goes, it waits until all its databases are dropped.
    pub fn at(url: &str) -> Self {
        let admin_url = with_database(url, "postgres");
        let shared = Shared { admin_url, janitor: OnceCell::new(), templates: Mutex::default() };
        Self { shared: Arc::new(shared) }
    }

    /// A copy of the template for a fingerprint, which names all that `prepare` does (such as the checksums of the migrations).
    ///
    /// The first of all processes to ask makes the template: `prepare` gets the URL of an empty database and fills it. It must close
    /// its connections; those that are left are ended. What belongs to no database, such as roles, stays on the server; and
    /// what Postgres keeps beside a database (`ALTER DATABASE … SET`, `GRANT … ON DATABASE`) is not copied.
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

    /// A database with nothing in it.
    pub async fn fresh_empty(&self) -> Result<TestDatabase, DatabaseError> {
        self.create("template0").await
    }

    async fn create(&self, template: &str) -> Result<TestDatabase, DatabaseError> {
        let admin_url = &self.shared.admin_url;
        let janitor = self.shared.janitor.get_or_try_init(|| Janitor::start(admin_url)).await?;
        let name = janitor.next_name();
        // Made first, so that what is created is dropped also if this is cancelled after the creation.
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
    /// Its URL, for the user that made it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The URL of the server's database `postgres`, for the same user.
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

/// The URL, or what to do where there is none.
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

/// Runs a statement whose names are of our own making.
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
    fn without_a_server_a_test_is_told_what_to_do() {
        let advice = required(None).expect_err("nothing to connect to");
        assert!(advice.starts_with("TEST_DATABASE_URL is not set: run `cargo xtask test`"), "{advice}");
        assert_eq!(required(Some("postgres://here".to_owned())).as_deref(), Ok("postgres://here"));
    }
}
