//! A service on a socket, with a database that belongs to the test and can fail.

use std::sync::Arc;
use std::time::Duration;

use loggia_domain::port::Ports;
use loggia_domain::service::{Bootstrap, Loggia};
use loggia_domain::text::{KeyName, OrganizationName};
use loggia_http::{HttpApp, Limits};
use loggia_postgres::{PostgresOptions, PostgresStore, migrate};
use loggia_testkit::SequentialIds;
use loggia_testkit::builders::ADA;
use loggia_testpg::{Server, ServerOptions};
use sqlx::Connection;
use sqlx::postgres::{PgConnectOptions, PgConnection};

use crate::wire::{Serving, becomes};

/// The time limit for sessions, statements and locks in tests that are not about these limits, since the machine is shared.
const TIMEOUT: Duration = Duration::from_secs(20);

/// A running service.
pub(crate) struct RunningService {
    pub(crate) serving: Serving,
    /// A key of an admin, whose organization is empty.
    pub(crate) key: String,
    /// The URL of the database, which avoids the service's connection.
    pub(crate) url: String,
}

impl RunningService {
    /// Starts a service with the program's own time limits on an empty database. `port` may be that of a proxy before the server.
    pub(crate) async fn open(server_url: String, port: u16) -> Self {
        Self::with(by_port(&server_url, port).parse().unwrap(), server_url, Limits::default()).await
    }

    /// Starts a service whose requests end after `request_seconds`; see [`Self::open`] for the rest.
    pub(crate) async fn hasty(server_url: String, port: u16, request_seconds: u64) -> Self {
        let limits = Limits { request_seconds, ..Limits::default() };
        Self::with(by_port(&server_url, port).parse().unwrap(), server_url, limits).await
    }

    /// Starts a service with long time limits; see [`Self::open`] for the rest.
    pub(crate) async fn patient(server_url: String, port: u16) -> Self {
        let options: PostgresOptions = by_port(&server_url, port).parse().unwrap();
        let options = options
            .acquire_timeout(TIMEOUT)
            .statement_timeout(TIMEOUT)
            .lock_timeout(TIMEOUT)
            .idle_timeout(TIMEOUT);
        // Without short time limits, the queue for writes needs no small limit either.
        let limits = Limits { writes_at_once: 128, request_seconds: TIMEOUT.as_secs(), ..Limits::default() };
        Self::with(options, server_url, limits).await
    }

    async fn with(options: PostgresOptions, server_url: String, limits: Limits) -> Self {
        migrate(&server_url.parse().unwrap()).await.expect("the schema");
        let store = Arc::new(PostgresStore::open_existing(&options).await.expect("a store"));
        let ports: Ports = loggia_testkit::ports(store.clone(), store);
        let secret = ports.views.instance_secret().await.expect("a secret");
        let loggia = Loggia::on_ports(ports).build();
        let plan = Bootstrap {
            organization: OrganizationName::parse("Harbour Works").expect("a name"),
            email: ADA.email(),
            profile: ADA.profile(),
            key: KeyName::parse("laptop").expect("a name"),
            key_ends_unless_used: false,
        };
        let made = loggia.operator().bootstrap(&plan, true).await.expect("a store").expect("the first");
        // Request ids have a sequence of their own.
        let app = HttpApp::new(loggia, Arc::new(SequentialIds::new()), secret, limits);
        let key = made.issued.secret.expose().to_owned();
        Self { serving: Serving::start(app), key, url: server_url }
    }

    /// Returns the names of all spaces, read directly from the database.
    pub(crate) async fn spaces(&self) -> Vec<String> {
        let mut connection = self.connect().await;
        let names = sqlx::query_scalar("SELECT name FROM spaces").fetch_all(&mut connection).await.unwrap();
        // Each space has the event of its creation, and each such event has its space.
        let halves: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM spaces s FULL JOIN
                 (SELECT scope_id, subject_id FROM events WHERE subject_kind = 'space' AND verb = 'created') AS e
                 ON e.scope_id = s.scope_id AND e.subject_id = s.id
             WHERE s.id IS NULL OR e.subject_id IS NULL",
        )
        .fetch_one(&mut connection)
        .await
        .unwrap();
        assert_eq!(halves, 0, "spaces and the events of their making go together");
        connection.close().await.unwrap();
        names
    }

    /// Returns `true` if, within `timeout`, no session is left idle in a transaction.
    pub(crate) async fn is_at_rest_within(&self, timeout: Duration) -> bool {
        let mut connection = self.connect().await;
        let rests = becomes(timeout, async || forgotten(&mut connection).await == 0).await;
        connection.close().await.unwrap();
        rests
    }

    pub(crate) async fn connect(&self) -> PgConnection {
        PgConnection::connect(&self.url).await.unwrap()
    }
}

/// Returns the URL with another port, which leads to the same server.
pub(crate) fn by_port(url: &str, port: u16) -> String {
    let direct: PgConnectOptions = url.parse().unwrap();
    url.replacen(&format!(":{}/", direct.get_port()), &format!(":{port}/"), 1)
}

/// Returns the number of sessions of this database that are idle in a transaction.
pub(crate) async fn forgotten(connection: &mut PgConnection) -> i64 {
    sqlx::query_scalar(
        "SELECT count(*) FROM pg_stat_activity
         WHERE datname = current_database() AND state LIKE 'idle in transaction%'",
    )
    .fetch_one(connection)
    .await
    .unwrap()
}

/// Starts a server that belongs to the test, on a thread of its own because starting blocks.
pub(crate) async fn server(durable: bool) -> Server {
    let options = ServerOptions { durable, max_connections: 60, ..ServerOptions::default() };
    tokio::task::spawn_blocking(move || Server::start(&options)).await.unwrap().expect("a server")
}
