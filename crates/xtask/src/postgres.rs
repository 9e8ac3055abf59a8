//! A Postgres for the tests, which is found or started without manual setup.

mod packages;
pub(crate) mod versions;

use anyhow::{Context, Result, bail, ensure};
use loggia_testpg::{
    BINARIES_VARIABLE, Binaries, NotFound, OLDEST_VERSION, Server, ServerError, ServerOptions, URL_VARIABLE,
    url_from_env,
};
use sqlx::Connection;
use sqlx::postgres::PgConnection;

use crate::tools::{self, answers};

/// A running server. Dropping this stops the server if it was started here.
pub(crate) struct Postgres {
    url: String,
    version: String,
    _started: Option<Server>,
}

impl Postgres {
    /// Returns the server that the environment names, or else starts one of the installed programs. If none are installed, installs them
    /// if that needs no confirmation. Otherwise fails with the command that installs them.
    pub(crate) fn get() -> Result<Self> {
        match url_from_env() {
            Some(url) => Self::given(url),
            None => Self::start(),
        }
    }

    /// Returns the server that the environment names, or else starts one of these programs.
    pub(crate) fn get_or_start_from(binaries: &Binaries) -> Result<Self> {
        match url_from_env() {
            Some(url) => Self::given(url),
            None => Self::start_from(binaries),
        }
    }

    /// Starts a server, whatever the environment names.
    pub(crate) fn start() -> Result<Self> {
        Ok(Self::started(start_with(&ServerOptions::default())?))
    }

    /// Starts a server of these programs.
    pub(crate) fn start_from(binaries: &Binaries) -> Result<Self> {
        let server = Server::start_from(binaries.clone(), &ServerOptions::default());
        Ok(Self::started(
            server.with_context(|| format!("Postgres {} does not start", binaries.full_version()))?,
        ))
    }

    fn started(server: Server) -> Self {
        let version = server.binaries().full_version().to_string();
        Self { url: server.url("postgres"), version, _started: Some(server) }
    }

    fn given(url: String) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let found = runtime.block_on(version(&url));
        // The URL may hold a password, so it is not repeated.
        let (major, version) =
            found.with_context(|| format!("the server that {URL_VARIABLE} names does not answer"))?;
        ensure!(
            major >= OLDEST_VERSION,
            "the server that {URL_VARIABLE} names is Postgres {version}; it takes {OLDEST_VERSION} or later"
        );
        Ok(Self { url, version, _started: None })
    }

    /// Returns the URL, as a user who may create databases.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Returns the server's version as the server reports it, such as `15.20 (Debian 15.20-0+deb12u1)`, or `15.20` alone.
    pub(crate) fn version(&self) -> &str {
        &self.version
    }
}

/// Installs a Postgres if the machine has none and that needs no confirmation. Otherwise fails with the command that installs one.
pub(crate) fn ensure_installed() -> Result<()> {
    match Binaries::find() {
        Ok(_) => Ok(()),
        Err(reason) => install(&reason),
    }
}

/// Starts a server with these options, and installs a Postgres first if necessary.
pub(crate) fn start_with(options: &ServerOptions) -> Result<Server> {
    let server = match Server::start(options) {
        Err(ServerError::NotFound(reason)) => {
            install(&reason)?;
            Server::start(options)
        }
        outcome => outcome,
    };
    match server {
        Err(ServerError::NotFound(reason)) => bail!("{}", no_postgres(&reason)),
        outcome => outcome.context("a throw-away Postgres could not be started"),
    }
}

/// Returns the major version, and the whole version as the server reports it.
async fn version(url: &str) -> Result<(u32, String)> {
    let mut connection = PgConnection::connect(url).await?;
    let (major, whole): (i32, String) = sqlx::query_as(
        "SELECT current_setting('server_version_num')::int / 10000, current_setting('server_version')",
    )
    .fetch_one(&mut connection)
    .await?;
    connection.close().await?;
    Ok((major.try_into()?, whole))
}

fn install(reason: &NotFound) -> Result<()> {
    // An installed package would not be in the one folder that the environment names.
    if reason.only_in.is_some() || !tools::can_install() {
        bail!("{}", no_postgres(reason));
    }
    tools::install(&["postgresql"], &format!("{reason}; the tests need one"))
}

fn no_postgres(reason: &NotFound) -> String {
    if reason.only_in.is_some() {
        return format!("{reason}: unset {BINARIES_VARIABLE}, or name another folder by it");
    }
    format!("{reason}: {}", advice(|program| answers(program, "--version")))
}

/// Returns the command that helps on this system.
fn advice(is_there: impl Fn(&str) -> bool) -> String {
    const COMPOSE: &str = "docker compose up -d postgres-for-tests && \
        TEST_DATABASE_URL=postgres://postgres:loggia@127.0.0.1:5432/postgres cargo xtask test";
    let ways = [
        ("apt-get", "sudo apt-get install --yes postgresql"),
        ("dnf", "sudo dnf install --assumeyes postgresql-server"),
        ("apk", "sudo apk add postgresql"),
        ("brew", "brew install postgresql@17"),
        ("docker", COMPOSE),
    ];
    match ways.iter().find(|(program, _)| is_there(program)) {
        Some((_, command)) => format!("run `{command}`"),
        None => format!(
            "install Postgres with your system's package manager, or set {URL_VARIABLE} to the URL of a server \
             for a user who may create databases"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_advice_is_one_command_of_the_system_at_hand() {
        let on = |programs: &'static [&'static str]| advice(|program| programs.contains(&program));
        assert_eq!(on(&["apt-get", "docker"]), "run `sudo apt-get install --yes postgresql`");
        assert_eq!(on(&["dnf"]), "run `sudo dnf install --assumeyes postgresql-server`");
        assert_eq!(on(&["brew", "docker"]), "run `brew install postgresql@17`");
        assert!(
            on(&["docker"])
                .starts_with("run `docker compose up -d postgres-for-tests && TEST_DATABASE_URL=postgres://")
        );
        assert!(on(&[]).contains("package manager"));
    }

    #[test]
    fn an_outdated_postgres_is_reported_with_advice() {
        let reason = NotFound { only_in: None, too_old: vec![("/usr/lib/postgresql/13/bin".into(), 13)] };
        let message = no_postgres(&reason);
        assert!(message.contains("13 in /usr/lib/postgresql/13/bin"), "{message}");
        let reason = NotFound { only_in: Some("/empty".into()), too_old: Vec::new() };
        let message = no_postgres(&reason);
        assert!(
            message.ends_with("is in /empty: unset TEST_POSTGRES_BIN, or name another folder by it"),
            "{message}"
        );
    }

    #[test]
    fn a_given_server_is_used_if_it_responds() {
        let own = Postgres::start().unwrap();
        let given = Postgres::given(own.url().to_owned()).unwrap();
        assert_eq!(given.url(), own.url());
        assert!(given.version().starts_with(own.version()), "{} {}", given.version(), own.version());
        let url = own.url().to_owned();
        drop(own);
        let error = Postgres::given(url).err().unwrap().to_string();
        assert_eq!(error, "the server that TEST_DATABASE_URL names does not answer");
    }
}
