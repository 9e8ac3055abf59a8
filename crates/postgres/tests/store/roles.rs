//! Tests of the role that the service works as. Roles belong to the whole server, so they have a server of their own.

use std::time::Duration;

use loggia_domain::port::{InstanceViews, Store, StoreError, Views};
use loggia_postgres::{OpenError, PostgresOptions, PostgresStore, migrate};
use loggia_testpg::{Server, ServerOptions};
use sqlx::{AssertSqlSafe, Connection, PgConnection, raw_sql};

use crate::moving::an_owner_copies_every_row_and_a_login_that_serves_reads_one_organization;

const TABLES: [&str; 14] = [
    "scopes",
    "users",
    "organizations",
    "members",
    "projects",
    "project_members",
    "spaces",
    "tasks",
    "api_keys",
    "events",
    "stored_responses",
    "list_totals",
    "invitations",
    "invitation_projects",
];

pub(crate) struct Town {
    server: Server,
    /// A superuser's session in the owner's database.
    superuser: PgConnection,
}

impl Town {
    /// Starts a server without the service's role, and creates a database whose owner is no superuser.
    async fn found() -> Self {
        let server = Server::start(&ServerOptions::default()).expect("a server");
        let mut first = PgConnection::connect(&server.url("postgres")).await.expect("a session");
        for statement in ["CREATE ROLE owner LOGIN CREATEROLE", "CREATE DATABASE loggia OWNER owner"] {
            raw_sql(statement).execute(&mut first).await.expect(statement);
        }
        let superuser = PgConnection::connect(&server.url("loggia")).await.expect("a session");
        Self { server, superuser }
    }

    /// Returns the URL of a database, for a superuser.
    pub(crate) fn url(&self, database: &str) -> String {
        self.server.url(database)
    }

    pub(crate) fn options(&self, login: &str, database: &str) -> PostgresOptions {
        let url = self.server.url(database).replacen("postgres@", &format!("{login}@"), 1);
        let options: PostgresOptions = url.parse().expect("a URL");
        options.acquire_timeout(Duration::from_secs(10)).readers(2).writers(2)
    }

    pub(crate) async fn run(&mut self, statement: &str) {
        raw_sql(AssertSqlSafe(statement.to_owned())).execute(&mut self.superuser).await.expect(statement);
    }

    /// Asserts that the role is refused as too powerful after the statement `done`, and accepted again after `undone`.
    async fn assert_refused_while(&mut self, done: &str, undone: &str) {
        self.run(done).await;
        let error = PostgresStore::open_existing(&self.options("owner", "loggia")).await.expect_err(done);
        assert!(whole(&error).contains("can bypass row-level security"), "{done}: {}", whole(&error));
        self.run(undone).await;
        let store = PostgresStore::open_existing(&self.options("owner", "loggia")).await.expect(undone);
        store.close().await;
    }
}

/// Returns the message of an error with all its sources.
fn whole(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

/// Runs as a single test, since a server takes long to create.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_service_runs_only_as_a_role_that_cannot_bypass_row_level_security() {
    let mut town = Town::found().await;
    an_owner_without_privileges_needs_one_url(&mut town).await;
    a_member_of_the_role_serves_and_cannot_migrate(&mut town).await;
    the_error_of_a_login_without_the_role_names_the_grant(&mut town).await;
    a_role_that_can_bypass_row_level_security_is_refused(&mut town).await;
    every_new_session_is_checked_and_not_only_the_first(&mut town).await;
    an_owner_copies_every_row_and_a_login_that_serves_reads_one_organization(&mut town).await;
}

/// The owner of an empty database, who may create roles, migrates and serves.
async fn an_owner_without_privileges_needs_one_url(town: &mut Town) {
    let options = town.options("owner", "loggia");
    let store = PostgresStore::open(&options).await.expect("a store on an empty database");
    store.check_ready().await.expect("ready");
    store.begin().await.expect("a unit of work").commit().await.expect("a commit");
    assert!(!store.server_facts().await.expect("facts").login_is_superuser);
    store.close().await;
    let again = PostgresStore::open(&options).await.expect("nothing is left to be done");
    again.close().await;
    let superuser =
        PostgresStore::open(&town.options("postgres", "loggia")).await.expect("so may a superuser");
    assert!(superuser.server_facts().await.expect("facts").login_is_superuser);
    superuser.close().await;
}

async fn a_member_of_the_role_serves_and_cannot_migrate(town: &mut Town) {
    town.run("CREATE ROLE server LOGIN IN ROLE loggia_service").await;
    let options = town.options("server", "loggia");
    let store = PostgresStore::open(&options).await.expect("a store");
    store.check_ready().await.expect("ready");
    store.begin().await.expect("a unit of work").commit().await.expect("a commit");
    store.close().await;
    let refused = migrate(&options).await;
    assert!(refused.is_err(), "only the owner migrates: {refused:?}");

    town.run(
        "CREATE TABLE kept AS TABLE _sqlx_migrations;
         DELETE FROM _sqlx_migrations WHERE version = (SELECT max(version) FROM kept)",
    )
    .await;
    for outcome in [PostgresStore::open(&options).await, PostgresStore::open_existing(&options).await] {
        let Err(OpenError::SchemaBehind(version)) = outcome else { panic!("the schema is old: {outcome:?}") };
        assert_eq!(version.found + 1, version.known);
        let text = OpenError::SchemaBehind(version).to_string();
        assert!(text.contains("`loggia migrate`"), "it says what to do: {text}");
    }
    town.run(
        "INSERT INTO _sqlx_migrations SELECT * FROM kept ON CONFLICT DO NOTHING;
         DROP TABLE kept",
    )
    .await;
    // A login without inheritance has the privileges only after it has taken the role.
    town.run("CREATE ROLE reserved LOGIN NOINHERIT IN ROLE loggia_service").await;
    let store = PostgresStore::open(&town.options("reserved", "loggia")).await.expect("a store");
    store.close().await;
}

async fn the_error_of_a_login_without_the_role_names_the_grant(town: &mut Town) {
    town.run("CREATE ROLE stranger LOGIN").await;
    town.run("CREATE DATABASE other OWNER stranger").await;
    // Refused both with another owner's schema and in a database of the login's own.
    for database in ["loggia", "other"] {
        let error = PostgresStore::open(&town.options("stranger", database)).await.expect_err("a stranger");
        assert!(matches!(error, OpenError::Role { .. }), "{database}: {}", whole(&error));
        let text = error.to_string();
        assert!(text.contains("`GRANT loggia_service TO stranger`"), "{text}");
    }
    town.run("GRANT loggia_service TO stranger").await;
    let store = PostgresStore::open(&town.options("stranger", "other")).await.expect("it was granted");
    store.close().await;
}

async fn a_role_that_can_bypass_row_level_security_is_refused(town: &mut Town) {
    town.assert_refused_while("ALTER ROLE loggia_service BYPASSRLS", "ALTER ROLE loggia_service NOBYPASSRLS")
        .await;
    town.assert_refused_while("ALTER ROLE loggia_service SUPERUSER", "ALTER ROLE loggia_service NOSUPERUSER")
        .await;
    let others = "SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace
                      AND relkind IN ('r', 'p') AND relname NOT IN ('instance', '_sqlx_migrations')";
    let mut tables: Vec<String> =
        sqlx::query_scalar(others).fetch_all(&mut town.superuser).await.expect("the tables");
    tables.sort_unstable();
    let mut listed = TABLES;
    listed.sort_unstable();
    assert_eq!(tables, listed, "every table with rows of a scope or user is tried");
    for table in TABLES {
        town.assert_refused_while(
            &format!("ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY"),
            &format!("ALTER TABLE {table} FORCE ROW LEVEL SECURITY"),
        )
        .await;
        town.assert_refused_while(
            &format!("ALTER TABLE {table} DISABLE ROW LEVEL SECURITY"),
            &format!("ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"),
        )
        .await;
    }
    // A member of the tables' owner could stop forcing row-level security. (The owner must not be a member of the role meanwhile.)
    town.run("CREATE ROLE holder NOLOGIN").await;
    town.assert_refused_while(
        "ALTER TABLE spaces OWNER TO holder; GRANT holder TO loggia_service",
        "REVOKE holder FROM loggia_service; ALTER TABLE spaces OWNER TO owner",
    )
    .await;
    town.assert_refused_while(
        "ALTER TABLE spaces OWNER TO loggia_service",
        "ALTER TABLE spaces OWNER TO owner; GRANT SELECT, INSERT, DELETE ON spaces TO loggia_service",
    )
    .await;
}

async fn every_new_session_is_checked_and_not_only_the_first(town: &mut Town) {
    let options = town.options("owner", "loggia").acquire_timeout(Duration::from_millis(400));
    let store = PostgresStore::open(&options).await.expect("a store");
    store.check_ready().await.expect("ready");
    store.begin().await.expect("a unit of work").commit().await.expect("a commit");
    for (done, undone) in [
        ("ALTER ROLE loggia_service BYPASSRLS", "ALTER ROLE loggia_service NOBYPASSRLS"),
        ("ALTER TABLE tasks NO FORCE ROW LEVEL SECURITY", "ALTER TABLE tasks FORCE ROW LEVEL SECURITY"),
    ] {
        town.run(done).await;
        let end =
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE application_name = 'loggia'";
        town.run(end).await;
        let read = store.has_organizations().await;
        assert!(matches!(read, Err(StoreError::Unavailable(Some(_)))), "{done}: {read:?}");
        let begun = store.begin().await.map(|_| ());
        assert!(matches!(begun, Err(StoreError::Unavailable(Some(_)))), "{done}: {begun:?}");
        town.run(undone).await;
        store.has_organizations().await.expect("served again");
        store.begin().await.expect("served again");
    }
    store.close().await;
}
