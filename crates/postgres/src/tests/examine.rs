//! Tests that each problem of a database is found, and that a sound one has none.

use std::time::Instant;

use loggia_domain::instant::Timestamp;
use loggia_sql::{Examination, Severity};
use loggia_testpg::{Server, ServerOptions};
use sqlx::{Connection, PgConnection};

use super::{database, empty_database, options, run, superuser};
use crate::{PostgresOptions, examine, migrate};

type Found = Vec<(&'static str, Severity, String)>;

/// Returns the findings other than those that every server of the tests has: it need not survive a crash of the machine, and its login may
/// do everything.
fn found(examination: &Examination) -> Found {
    let usual = |problem: &str| {
        problem.contains("is a superuser")
            || problem.contains("fsync")
            || problem.contains("full_page_writes")
    };
    let findings = examination.findings().iter().filter(|finding| !usual(&finding.problem));
    findings.map(|finding| (finding.check, finding.severity, finding.problem.clone())).collect()
}

/// Returns a clock that agrees with that of the server, and goes on.
async fn clock(options: &PostgresOptions) -> impl Fn() -> Timestamp {
    let started = Instant::now();
    let mut session = options.connect().await.expect("a session");
    let now = "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint";
    let now: i64 = sqlx::query_scalar(now).fetch_one(&mut session).await.expect("a time");
    move || {
        let since = i64::try_from(started.elapsed().as_micros()).expect("a few");
        Timestamp::from_micros(now + since).expect("a time")
    }
}

async fn examined(options: &PostgresOptions) -> Examination {
    examine(options, clock(options).await).await
}

/// Examines a database after its owner has changed something.
async fn after(change: &str) -> Found {
    let database = database().await;
    run(&mut superuser(&database).await, change).await;
    found(&examined(&options(&database)).await)
}

#[tokio::test]
async fn a_sound_database_has_no_findings() {
    let database = database().await;
    let examination = examined(&options(&database)).await;
    let checks = [
        "store",
        "server",
        "clock",
        "sessions",
        "role",
        "schema version",
        "row-level security",
        "constraints",
        "indexes",
    ];
    assert_eq!((examination.checks(), found(&examination)), (&checks[..], Vec::new()));
}

#[tokio::test]
async fn a_table_without_forced_row_level_security_is_found() {
    for change in
        ["ALTER TABLE tasks NO FORCE ROW LEVEL SECURITY", "ALTER TABLE tasks DISABLE ROW LEVEL SECURITY"]
    {
        let found = after(change).await;
        assert!(
            matches!(found.as_slice(), [("row-level security", Severity::Error, problem)] if problem.ends_with("table tasks")),
            "{change}: {found:?}"
        );
    }
    let found = after("DROP POLICY entered ON tasks; DROP POLICY sought ON tasks").await;
    assert!(matches!(found.as_slice(), [("row-level security", Severity::Error, _)]), "{found:?}");
}

#[tokio::test]
async fn a_constraint_that_was_never_validated_is_found() {
    let found = after("ALTER TABLE spaces ADD CONSTRAINT short CHECK (length(name) < 9) NOT VALID").await;
    assert!(
        matches!(found.as_slice(), [("constraints", Severity::Error, problem)] if problem.contains("constraint short of the table spaces")),
        "{found:?}"
    );
}

#[tokio::test]
async fn an_index_that_could_not_be_built_is_found() {
    let database = database().await;
    let mut session = superuser(&database).await;
    // Two rows with the same value.
    run(&mut session, "INSERT INTO scopes (id, kind) VALUES (gen_random_uuid(), 'personal'), (gen_random_uuid(), 'personal')").await;
    let built = sqlx::raw_sql("CREATE UNIQUE INDEX CONCURRENTLY half_built ON scopes (kind)")
        .execute(&mut session)
        .await;
    assert!(built.is_err(), "the values are not unique");
    let found = found(&examined(&options(&database)).await);
    assert!(
        matches!(found.as_slice(), [("indexes", Severity::Error, problem)] if problem.contains("half_built")),
        "{found:?}"
    );
}

#[tokio::test]
async fn an_older_a_newer_and_a_restored_schema_are_found() {
    let older = "DELETE FROM _sqlx_migrations WHERE version = (SELECT max(version) FROM _sqlx_migrations)";
    let newer = "INSERT INTO _sqlx_migrations SELECT version + 1, description, installed_on, success, checksum, execution_time
         FROM _sqlx_migrations ORDER BY version DESC LIMIT 1";
    let restored = "UPDATE instance SET system_identifier = system_identifier + 1";
    for change in [older, newer, restored] {
        let found = after(change).await;
        assert!(matches!(found.as_slice(), [("schema version", Severity::Error, _)]), "{change}: {found:?}");
    }
    let empty = empty_database().await;
    let found = found(&examined(&options(&empty)).await);
    assert!(
        matches!(found.as_slice(), [("schema version", Severity::Error, problem)] if problem.contains("version 0")),
        "{found:?}"
    );
}

#[tokio::test]
async fn clocks_that_differ_are_found() {
    let database = database().await;
    let options = options(&database);
    let clock = clock(&options).await;
    let an_hour =
        |sign: i64| Timestamp::from_micros(clock().micros() + sign * 3_600_000_000).expect("a time");
    for sign in [-1, 1] {
        let found = found(&examine(&options, || an_hour(sign)).await);
        assert!(matches!(found.as_slice(), [("clock", Severity::Warning, _)]), "{found:?}");
    }
}

#[tokio::test]
async fn more_sessions_than_the_database_admits_are_found() {
    let database = database().await;
    let found = found(&examined(&options(&database).readers(5_000).writers(5_000)).await);
    assert!(matches!(found.as_slice(), [("sessions", Severity::Error, _)]), "{found:?}");
}

#[tokio::test]
async fn a_database_without_room_for_a_second_server_is_found() {
    let database = database().await;
    let admitted: String = sqlx::query_scalar("SHOW max_connections")
        .fetch_one(&mut superuser(&database).await)
        .await
        .expect("a number");
    let half = admitted.parse::<u32>().expect("a number") / 2;
    let found = found(&examined(&options(&database).readers(half).writers(2)).await);
    assert!(
        matches!(found.as_slice(), [("sessions", Severity::Warning, problem)] if problem.contains("no room for a second server")),
        "{found:?}"
    );
}

/// Whether a server is durable is a setting of all of it, so this test has two of its own.
#[tokio::test]
async fn a_server_that_loses_data_and_a_login_of_a_superuser_are_found() {
    for durable in [false, true] {
        let start = move || Server::start(&ServerOptions { durable, ..ServerOptions::default() });
        let server = tokio::task::spawn_blocking(start).await.expect("a task").expect("a server");
        let url: PostgresOptions = server.url("postgres").parse().expect("a URL");
        migrate(&url).await.expect("the schema");
        let examination = examined(&url).await;
        let of = |check: &str| -> Vec<(Severity, &str)> {
            let findings = examination.findings().iter().filter(|finding| finding.check == check);
            findings.map(|finding| (finding.severity, finding.problem.as_str())).collect()
        };
        match of("server").as_slice() {
            [] => assert!(durable, "nothing was found"),
            [(Severity::Error, first), (Severity::Error, second)] if !durable => {
                assert!(first.contains("setting fsync is off"), "{first}");
                assert!(second.contains("setting full_page_writes is off"), "{second}");
            }
            others => panic!("durable {durable}: {others:?}"),
        }
        assert!(
            matches!(of("role").as_slice(), [(Severity::Warning, problem)] if problem.contains("is a superuser")),
            "{:?}",
            of("role")
        );
    }
}

#[test]
fn a_version_with_a_defect_is_found() {
    for (version, is_found) in [(Some(150_009), true), (Some(150_010), false), (None, false)] {
        let mut examination = Examination::default();
        crate::examine::judge_version(version, &mut examination);
        let problems: Vec<_> =
            examination.findings().iter().map(|finding| (finding.severity, &finding.problem)).collect();
        match problems.as_slice() {
            [] => assert!(!is_found, "{version:?}"),
            [(Severity::Error, problem)] if is_found => {
                assert!(problem.contains("install 15.10"), "{problem}")
            }
            others => panic!("{version:?}: {others:?}"),
        }
    }
}

#[tokio::test]
async fn a_database_that_cannot_be_reached_is_found() {
    let nowhere = "postgres://ada@127.0.0.1:1/loggia".parse().expect("a URL");
    let never = || Timestamp::from_micros(0).expect("a time");
    let found = found(&examine(&nowhere, never).await);
    assert!(matches!(found.as_slice(), [("store", Severity::Error, _)]), "{found:?}");
}

/// Roles belong to all databases of a server, so this test has one of its own.
#[tokio::test]
async fn roles_with_too_many_and_with_too_few_rights_are_found() {
    let server =
        tokio::task::spawn_blocking(|| Server::start(&ServerOptions::default())).await.expect("a task");
    let server = server.expect("a server");
    let url: PostgresOptions = server.url("postgres").parse().expect("a URL");
    migrate(&url).await.expect("the schema");
    let mut session = PgConnection::connect(&server.url("postgres")).await.expect("a session");
    let problems = async || found(&examined(&url).await);
    for (change, undone, expected) in [
        (
            "ALTER ROLE loggia_service BYPASSRLS",
            "ALTER ROLE loggia_service NOBYPASSRLS",
            "can bypass row-level security",
        ),
        (
            "CREATE ROLE owner; GRANT owner TO loggia_service; ALTER TABLE spaces OWNER TO owner",
            "ALTER TABLE spaces OWNER TO CURRENT_USER",
            "is a member of the tables' owner",
        ),
    ] {
        run(&mut session, change).await;
        let found = problems().await;
        assert!(
            found.iter().any(|(check, _, problem)| *check == "role" && problem.contains(expected)),
            "{change}: {found:?}"
        );
        run(&mut session, undone).await;
    }
    run(&mut session, "CREATE ROLE stranger LOGIN PASSWORD 'x'").await;
    let own = server.url("postgres");
    let (scheme, rest) = own.split_once("://").expect("a URL");
    let (_, location) = rest.split_once('@').expect("a login");
    let stranger = format!("{scheme}://stranger:x@{location}").parse().expect("a URL");
    let found = found(&examined(&stranger).await);
    assert!(
        matches!(found.as_slice(), [("role", Severity::Error, problem)] if problem.contains("stranger cannot take the role")),
        "{found:?}"
    );
}
