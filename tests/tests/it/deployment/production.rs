//! A database as docker/postgres-roles.sql sets it up: one login owns it, another one serves and may do no more. The server belongs to this
//! test alone, because roles belong to whole servers.

use std::path::PathBuf;
use std::process::{Command, Output};

use loggia_testpg::{Server as Postgres, ServerOptions};
use serde_json::json;

use super::scalar;
use crate::harness::{Home, Server, member, root, text};

/// A Postgres server with the database `loggia` and the roles, which asks for passwords.
struct Production {
    postgres: Postgres,
    home: Home,
}

/// The passwords, made of letters and digits as the compose file requires.
const PASSWORDS: [(&str, &str); 2] = [("LOGGIA_OWNER_PASSWORD", "Eigner17"), ("LOGGIA_PASSWORD", "Dienst23")];

impl Production {
    fn set_up() -> Self {
        let mut postgres = Postgres::start(&ServerOptions::default()).unwrap();
        let superuser = postgres.url("postgres");
        // Only the superuser may log in without a password. The file belongs to the server, so the server writes it.
        let hba_file = scalar(&superuser, "SHOW hba_file").unwrap();
        scalar(
            &superuser,
            &format!(
                "COPY (VALUES ('host all postgres 127.0.0.1/32 trust'), ('host all all 127.0.0.1/32 scram-sha-256')) TO '{hba_file}'"
            ),
        )
        .unwrap();
        scalar(&superuser, "CREATE DATABASE loggia").unwrap();
        postgres.restart().unwrap();

        let mut psql = Command::new(psql(&postgres));
        psql.args(["--no-psqlrc", "--quiet", "--dbname", &postgres.url("loggia"), "--file"]);
        let output = psql.arg(root().join("docker/postgres-roles.sql")).envs(PASSWORDS).output().unwrap();
        assert!(output.status.success(), "{}", text(&output.stderr));
        Self { postgres, home: Home::new() }
    }

    /// Returns the URL of the database for one of its logins.
    fn url(&self, login: &str, password: &str) -> String {
        format!("postgres://{login}:{password}@127.0.0.1:{}/loggia", self.postgres.port())
    }

    fn owner(&self) -> String {
        self.url("loggia_owner", "Eigner17")
    }

    fn service(&self) -> String {
        self.url("loggia", "Dienst23")
    }

    /// Runs a command with the service's URL.
    fn run(&self, arguments: &[&str]) -> Output {
        self.home.command(arguments).env("LOGGIA_DATABASE_URL", self.service()).output().unwrap()
    }

    /// Runs a command that must fail, and returns its message.
    fn refused(&self, arguments: &[&str], setting: &str, url: &str) -> String {
        let mut command = self.home.command(arguments);
        let output = command.env("LOGGIA_LISTEN", "127.0.0.1:0").env(setting, url).output().unwrap();
        let message = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {message}");
        for (_, password) in PASSWORDS {
            assert!(!message.contains(password), "{message}");
        }
        assert_eq!(text(&output.stdout), "", "nothing was done");
        message
    }

    fn migrate(&self) {
        let mut command = self.home.command(&["migrate", "--json"]);
        let output = command.env("LOGGIA_MIGRATE_DATABASE_URL", self.owner()).output().unwrap();
        assert!(output.status.success(), "{}", text(&output.stderr));
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert!(report["to"].as_i64() > Some(0), "{report}");
        assert_eq!(report, json!({"from": 0, "to": report["to"]}));
    }

    fn serve(&self) -> Server {
        self.home.serve_with(|command| command.env("LOGGIA_DATABASE_URL", self.service()))
    }
}

/// Returns the client that came with the server, or else the one on the PATH.
fn psql(postgres: &Postgres) -> PathBuf {
    let beside = postgres.binaries().program("psql");
    if beside.is_file() { beside } else { PathBuf::from("psql") }
}

/// The SQLSTATE insufficient_privilege (<https://www.postgresql.org/docs/current/errcodes-appendix.html>).
const NOT_ALLOWED: &str = "42501";

#[test]
fn the_owner_migrates_and_the_service_serves_and_neither_can_be_the_other() {
    let production = Production::set_up();
    let (owner, service) = (production.owner(), production.service());
    assert_eq!(
        scalar(&production.url("loggia", "Dienst24"), "SELECT 1"),
        Err("28P01".to_owned()),
        "passwords are asked for"
    );

    let message = production.refused(&["serve"], "LOGGIA_DATABASE_URL", &service);
    assert!(message.contains("run `loggia migrate` with LOGGIA_MIGRATE_DATABASE_URL"), "{message}");
    let message =
        production.refused(&["keys", "list", "--email", "ada@example.com"], "LOGGIA_DATABASE_URL", &service);
    assert!(message.contains("run `loggia migrate`"), "{message}");
    production.refused(&["migrate"], "LOGGIA_DATABASE_URL", &service);
    production.migrate();
    let message = production.refused(&["serve"], "LOGGIA_DATABASE_URL", &owner);
    assert!(message.contains("GRANT loggia_service TO loggia_owner"), "{message}");

    // Two replicas: one reads what the other has written.
    let (one, other) = (production.serve(), production.serve());
    let who = ["--email", "ada@example.com", "--first-name", "Ada", "--last-name", "Byron", "--json"];
    let made = production.run(&[&["bootstrap", "--organization", "Harbour Works"], &who[..]].concat());
    assert!(made.status.success(), "{}", text(&made.stderr));
    let made: serde_json::Value = serde_json::from_slice(&made.stdout).unwrap();
    let key = Some(member(&made, "apiKey"));
    let space = one.send("POST", "/api/v1/spaces", key, Some(r#"{"name":"Quay"}"#));
    assert_eq!(space.status, 201, "{space:?}");
    assert_eq!(other.get("/api/v1/spaces?limit=100", key).json()["data"].as_array().map(Vec::len), Some(1));
    for server in [one, other] {
        let (status, printed) = server.terminate();
        assert!(
            status.success() && !printed.contains("Dienst23") && !printed.contains("superuser"),
            "{printed}"
        );
    }

    // The rights of another client that has the password of the service's login.
    let count = "SELECT count(*) FROM spaces";
    assert_eq!(scalar(&production.postgres.url("loggia"), count).as_deref(), Ok("1"));
    assert_eq!(scalar(&service, count).as_deref(), Ok("0"));
    assert_eq!(scalar(&service, &format!("SET ROLE loggia_service; {count}")).as_deref(), Ok("0"));
    assert_eq!(scalar(&owner, count).as_deref(), Ok("0"), "row-level security is forced on the owner too");
    for forbidden in [
        "SET row_security = off; SELECT count(*) FROM spaces",
        "ALTER TABLE spaces DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE spaces NO FORCE ROW LEVEL SECURITY",
        "DROP POLICY entered ON spaces",
        "CREATE POLICY all_of_it ON spaces USING (true)",
        "CREATE TABLE mine (id integer)",
        "CREATE TEMPORARY TABLE mine (id integer)",
        "CREATE SCHEMA mine",
        "CREATE DATABASE mine",
        "CREATE ROLE mine",
        "TRUNCATE spaces",
        "DELETE FROM instance",
        "UPDATE events SET at = 0",
        "UPDATE spaces SET scope_id = id",
        "UPDATE _sqlx_migrations SET success = false",
        "UPDATE instance SET secret = secret",
        "ALTER ROLE loggia BYPASSRLS",
        "GRANT loggia_owner TO loggia",
        "SET ROLE loggia_owner",
        "SET ROLE postgres",
        "SET SESSION AUTHORIZATION postgres",
        "SET session_replication_role = replica",
        "COPY spaces TO PROGRAM 'cat'",
    ] {
        assert_eq!(scalar(&service, forbidden), Err(NOT_ALLOWED.to_owned()), "{forbidden}");
    }
}

#[test]
fn a_role_that_can_bypass_row_level_security_is_refused() {
    let production = Production::set_up();
    production.migrate();
    let superuser = production.postgres.url("loggia");
    for (reaching, back) in [
        ("ALTER ROLE loggia_service BYPASSRLS", "ALTER ROLE loggia_service NOBYPASSRLS"),
        ("ALTER ROLE loggia_service SUPERUSER", "ALTER ROLE loggia_service NOSUPERUSER"),
        ("GRANT loggia_owner TO loggia_service", "REVOKE loggia_owner FROM loggia_service"),
        ("ALTER TABLE tasks NO FORCE ROW LEVEL SECURITY", "ALTER TABLE tasks FORCE ROW LEVEL SECURITY"),
        ("ALTER TABLE tasks DISABLE ROW LEVEL SECURITY", "ALTER TABLE tasks ENABLE ROW LEVEL SECURITY"),
    ] {
        scalar(&superuser, reaching).unwrap();
        let message = production.refused(&["serve"], "LOGGIA_DATABASE_URL", &production.service());
        assert!(
            message.contains("the role loggia_service can bypass row-level security"),
            "{reaching}: {message}"
        );
        scalar(&superuser, back).unwrap();
    }
    let (status, _) = production.serve().terminate();
    assert!(status.success());
}
