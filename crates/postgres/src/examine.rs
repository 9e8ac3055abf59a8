//! Checks of a database for an operator, which change nothing.

mod roles;
mod schema;

use std::time::{Duration, Instant};

use loggia_domain::instant::Timestamp;
use loggia_sql::Examination;
use sqlx::PgConnection;

use crate::schema::version::check_server;
use crate::sessions::connection::PostgresOptions;
use crate::sessions::defects;
use crate::sessions::open_error::OpenError;

/// The maximum difference between the clocks that is no finding.
const SKEW: Duration = Duration::from_secs(5);

/// Examines a database: the server's version and settings, the schema version, the roles, row-level security, constraints, indexes, the
/// number of sessions, and its clock against `clock`.
///
/// May run beside servers.
pub async fn examine(options: &PostgresOptions, clock: impl Fn() -> Timestamp) -> Examination {
    let mut examination = Examination::default();
    examination.begin("store");
    match examine_all(options, clock, &mut examination).await {
        Ok(()) => {}
        Err(error) => examination.error(in_full(&error), advice(&error)),
    }
    examination
}

fn in_full(error: &OpenError) -> String {
    match std::error::Error::source(error) {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}

fn advice(error: &OpenError) -> &'static str {
    match error {
        OpenError::Server { .. } | OpenError::Encoding { .. } => "use a database that is supported",
        OpenError::SchemaUnreleased => "use a new database",
        OpenError::Unfinished => "run `loggia copy` again",
        _ => "check the URL, the server and its pg_hba.conf, and run the command again",
    }
}

async fn examine_all(
    options: &PostgresOptions,
    clock: impl Fn() -> Timestamp,
    examination: &mut Examination,
) -> Result<(), OpenError> {
    let mut session = options.connect().await?;
    check_server(&mut session).await?;
    let session = &mut session;
    examination.begin("server");
    server(session, examination).await.map_err(OpenError::Unreachable)?;
    examination.begin("clock");
    compare_clocks(session, clock, examination).await.map_err(OpenError::Unreachable)?;
    examination.begin("sessions");
    sessions(session, options, examination).await.map_err(OpenError::Unreachable)?;
    examination.begin("role");
    if !roles::check(session, options, examination).await.map_err(OpenError::Unreachable)? {
        return Ok(());
    }
    examination.begin("schema version");
    if !schema::version(session, options, examination).await? {
        return Ok(());
    }
    examination.begin("row-level security");
    schema::row_security(session, examination).await.map_err(OpenError::Unreachable)?;
    examination.begin("constraints");
    schema::constraints(session, examination).await.map_err(OpenError::Unreachable)?;
    examination.begin("indexes");
    schema::indexes(session, examination).await.map_err(OpenError::Unreachable)
}

/// Finds a defect of the server's version.
pub(crate) fn judge_version(version: Option<u32>, examination: &mut Examination) {
    if let Some(defect) = version.and_then(defects::known) {
        examination.error(defect, "install the version that is named");
    }
}

async fn server(session: &mut PgConnection, examination: &mut Examination) -> Result<(), sqlx::Error> {
    judge_version(session.server_version_num(), examination);
    for (setting, consequence) in [
        ("fsync", "a crash of the machine loses or damages acknowledged data"),
        ("full_page_writes", "a crash of the machine may damage data"),
    ] {
        let is_on: bool = sqlx::query_scalar("SELECT current_setting($1) = 'on'")
            .bind(setting)
            .fetch_one(&mut *session)
            .await?;
        if !is_on {
            examination.error(
                format!("the server's setting {setting} is off: {consequence}"),
                format!("set {setting} = on in postgresql.conf and restart the server"),
            );
        }
    }
    Ok(())
}

async fn compare_clocks(
    session: &mut PgConnection,
    clock: impl Fn() -> Timestamp,
    examination: &mut Examination,
) -> Result<(), sqlx::Error> {
    let started = Instant::now();
    let of_the_server: i64 =
        sqlx::query_scalar("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint")
            .fetch_one(session)
            .await?;
    // The server read its clock at some time within the round trip.
    let allowed = SKEW.saturating_add(started.elapsed());
    let difference = Duration::from_micros(clock().micros().abs_diff(of_the_server));
    if difference > allowed {
        examination.warning(
            format!("the clocks of this machine and of the database differ by {} s", difference.as_secs()),
            "keep both in step with NTP: expiry and the order of records follow the clock of each replica",
        );
    }
    Ok(())
}

async fn sessions(
    session: &mut PgConnection,
    options: &PostgresOptions,
    examination: &mut Examination,
) -> Result<(), sqlx::Error> {
    // The server reserves connections for superusers, and since version 16 for roles that may use reserved connections.
    let room: i64 = sqlx::query_scalar(
        "SELECT (current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
             - coalesce(current_setting('reserved_connections', true), '0')::int)::bigint",
    )
    .fetch_one(session)
    .await?;
    let own = i64::from(options.reader_count()) + i64::from(options.writer_count());
    let advice = "lower LOGGIA_DATABASE_CONNECTIONS, or raise max_connections in postgresql.conf and restart the server";
    if own > room {
        examination
            .error(format!("a server opens {own} sessions, and the database admits {room} in all"), advice);
    } else if own * 2 > room {
        examination.warning(
            format!("a server opens {own} sessions, and the database admits {room} in all: there is no room for a second server"),
            advice,
        );
    }
    Ok(())
}
