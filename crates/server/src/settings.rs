//! Settings from flags and the environment: parsed from texts into types, with all errors reported.

mod log;
mod serving;

use std::net::SocketAddr;

use clap::Args;
use loggia_domain::policy::OrganizationCreation;

use crate::database::{Database, parse_connections};
use crate::mistakes::Mistakes;

pub(crate) use self::log::{LogFormat, LogSettings};
use self::log::{parse_filter, parse_format};
pub(crate) use self::serving::{RawServing, Serving};

const DEFAULT_DATABASE: &str = "sqlite://loggia.db";

/// The settings of every command as text, as they were typed, so that all errors can be reported together.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Settings")]
pub(crate) struct RawSettings {
    /// The database: sqlite:// and the path of a file, or the postgres:// URL of a database
    ///
    /// A path is taken literally and, unless it begins with a slash, is relative to the working directory: sqlite://loggia.db,
    /// sqlite:///var/lib/loggia/loggia.db. Commands that fill a store create the file if there is none, but never its directory. A Postgres
    /// database must exist: postgres://user:password@host:5432/database?sslmode=verify-full. Pass a password in the environment, since
    /// other users can see the command line.
    #[arg(
        long,
        env = "LOGGIA_DATABASE_URL",
        value_name = "URL",
        default_value = DEFAULT_DATABASE,
        hide_env_values = true,
        global = true
    )]
    pub(crate) database_url: String,

    /// Number of sessions that this process opens on Postgres, half of them for writing, 2 to 1000 [default: 16]
    ///
    /// The sessions of all replicas and of all other clients of the server must together be fewer than its max_connections.
    #[arg(long, env = "LOGGIA_DATABASE_CONNECTIONS", value_name = "NUMBER", global = true)]
    pub(crate) database_connections: Option<String>,

    /// Log filter, such as debug or warn,loggia=info [default: info for serve, else warn]
    ///
    /// Levels are off, error, warn, info, debug and trace, each alone or as target=level, joined by commas. The log goes
    /// to standard error.
    #[arg(long, env = "LOGGIA_LOG", value_name = "FILTER", global = true)]
    pub(crate) log: Option<String>,

    /// Log format: auto, text or json
    ///
    /// auto is text on a terminal, and JSON with one object a line elsewhere.
    #[arg(long, env = "LOGGIA_LOG_FORMAT", value_name = "FORMAT", default_value = "auto", global = true)]
    pub(crate) log_format: String,

    /// The callers that may create organizations over HTTP: everyone or operators
    ///
    /// With operators, no caller may: organizations are then created by `loggia bootstrap`.
    #[arg(
        long,
        env = "LOGGIA_ORGANIZATION_CREATION",
        value_name = "WHO",
        default_value = "everyone",
        global = true
    )]
    pub(crate) organization_creation: String,

    #[command(flatten)]
    pub(crate) serving: RawServing,
}

/// The address to listen on, as it was typed.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Settings")]
pub(crate) struct RawListen {
    /// The address and port to listen on; port 0 takes any free one
    ///
    /// 127.0.0.1 is reached from this machine only, 0.0.0.0 from everywhere. For TLS, use a proxy in front.
    #[arg(long, env = "LOGGIA_LISTEN", value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    pub(crate) listen: String,
}

/// The settings of every command.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// The location of the data.
    pub(crate) database: Database,
    /// The filter and the format of the log.
    pub(crate) log: LogSettings,
    /// The callers who may create organizations over HTTP.
    pub(crate) organization_creation: OrganizationCreation,
    /// The settings of a server.
    pub(crate) serving: Serving,
}

/// The reason why a setting cannot be used. The reason never repeats the text, which may hold a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Unusable(String);

pub(crate) fn unusable<T>(why: impl Into<String>) -> Result<T, Unusable> {
    Err(Unusable(why.into()))
}

/// The setting that names a command's database.
#[derive(Clone, Copy, Debug)]
pub(crate) enum DatabaseSource<'a> {
    /// The setting for every command.
    Common,
    /// A URL that was given to `loggia migrate` alone.
    Migrate(&'a str),
    /// No setting, since the command opens no store.
    Unused,
}

impl Settings {
    /// Checks all settings.
    pub(crate) fn check(
        raw: &RawSettings,
        source: DatabaseSource<'_>,
        mistakes: &mut Mistakes,
    ) -> Option<Self> {
        let connections = match source {
            DatabaseSource::Unused => None,
            DatabaseSource::Common | DatabaseSource::Migrate(_) => raw.database_connections.as_deref(),
        };
        let (name, url) = match source {
            DatabaseSource::Common => ("--database-url (LOGGIA_DATABASE_URL)", raw.database_url.as_str()),
            DatabaseSource::Migrate(url) => ("--migrate-database-url (LOGGIA_MIGRATE_DATABASE_URL)", url),
            DatabaseSource::Unused => ("the default", DEFAULT_DATABASE),
        };
        let database = mistakes.check(name, Database::parse(url));
        let connections = mistakes.check_given(CONNECTIONS, connections, parse_connections);
        let database = match (database, connections) {
            (Some(database), Some(connections)) => {
                mistakes.check(CONNECTIONS, database.with_connections(connections))
            }
            _ => None,
        };
        let filter = mistakes.check_given("--log (LOGGIA_LOG)", raw.log.as_deref(), parse_filter);
        let format = mistakes.check("--log-format (LOGGIA_LOG_FORMAT)", parse_format(&raw.log_format));
        let creation = OrganizationCreation::parse(&raw.organization_creation);
        let creation = mistakes.check("--organization-creation (LOGGIA_ORGANIZATION_CREATION)", creation);
        let serving = raw.serving.check(mistakes);
        let log = LogSettings { filter: filter?, format: format? };
        Some(Self { database: database?, log, organization_creation: creation?, serving: serving? })
    }
}

const CONNECTIONS: &str = "--database-connections (LOGGIA_DATABASE_CONNECTIONS)";

impl RawListen {
    /// Parses the address.
    pub(crate) fn check(&self, mistakes: &mut Mistakes) -> Option<SocketAddr> {
        let address = self.listen.parse().map_err(|_| {
            "must be an IP address and a port, such as 127.0.0.1:8080, 0.0.0.0:80 or [::1]:8080".to_owned()
        });
        mistakes.check("--listen (LOGGIA_LISTEN)", address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(database_url: &str, log: Option<&str>, log_format: &str) -> RawSettings {
        RawSettings {
            database_url: database_url.into(),
            database_connections: None,
            log: log.map(str::to_owned),
            log_format: log_format.into(),
            organization_creation: "operators".into(),
            serving: RawServing::default(),
        }
    }

    #[test]
    fn all_mistakes_are_told_together() {
        let mut mistakes = Mistakes::default();
        let settings =
            Settings::check(&raw("mysql://x", Some("inof"), "xml"), DatabaseSource::Common, &mut mistakes);
        let listen = RawListen { listen: "localhost".into() }.check(&mut mistakes);
        let error = mistakes.settle(settings.zip(listen)).expect_err("four mistakes").to_string();
        for name in ["LOGGIA_DATABASE_URL", "LOGGIA_LOG)", "LOGGIA_LOG_FORMAT", "LOGGIA_LISTEN"] {
            assert!(error.contains(name), "{name} in {error}");
        }
    }

    #[test]
    fn good_settings_become_types() {
        let mut mistakes = Mistakes::default();
        let raw = raw("sqlite:///var/lib/l.db", Some("warn,loggia=debug"), "json");
        let settings = Settings::check(&raw, DatabaseSource::Common, &mut mistakes);
        let listen = RawListen { listen: "[::1]:0".into() }.check(&mut mistakes);
        let (settings, listen) = mistakes.settle(settings.zip(listen)).expect("no mistake");
        assert_eq!(settings.database.to_string(), "/var/lib/l.db");
        assert_eq!(settings.log.format, LogFormat::Json);
        assert_eq!(settings.log.filter.as_deref(), Some("warn,loggia=debug"));
        assert_eq!(settings.organization_creation, OrganizationCreation::Operators);
        assert_eq!(listen.to_string(), "[::1]:0");
    }

    fn told(raw: &RawSettings, source: DatabaseSource<'_>) -> String {
        let mut mistakes = Mistakes::default();
        let settings = Settings::check(raw, source, &mut mistakes);
        match mistakes.settle(settings) {
            Ok(settings) => settings.database.to_string(),
            Err(mistakes) => mistakes.to_string(),
        }
    }

    #[test]
    fn sessions_are_counted_for_postgres_only() {
        let with = |url: &str, connections: &str| {
            let mut raw = raw(url, None, "auto");
            raw.database_connections = Some(connections.to_owned());
            told(&raw, DatabaseSource::Common)
        };
        assert_eq!(with("postgres://ada@example.com/l", "2"), "example.com:5432/l");
        assert_eq!(
            with("sqlite://l.db", "2"),
            "--database-connections (LOGGIA_DATABASE_CONNECTIONS) is for Postgres only"
        );
        for bad in ["", "1", "1001", "-2", "2.0", "many"] {
            assert_eq!(
                with("postgres://ada@example.com/l", bad),
                "--database-connections (LOGGIA_DATABASE_CONNECTIONS) must be a whole number from 2 to 1000",
                "{bad}"
            );
        }
    }

    #[test]
    fn who_makes_organizations_is_one_of_two_words() {
        let mut mistakes = Mistakes::default();
        let raw =
            RawSettings { organization_creation: "Everyone".into(), ..raw("sqlite://l.db", None, "auto") };
        let settings = Settings::check(&raw, DatabaseSource::Common, &mut mistakes);
        let error = mistakes.settle(settings).expect_err("a mistake").to_string();
        assert!(
            error.contains("LOGGIA_ORGANIZATION_CREATION) must be one of everyone, operators"),
            "{error}"
        );
    }

    #[test]
    fn the_url_that_counts_is_the_one_that_is_checked() {
        let mut raw = raw("mysql://x", None, "auto");
        raw.database_connections = Some("none".to_owned());
        assert_eq!(told(&raw, DatabaseSource::Unused), "loggia.db");
        raw.database_connections = None;
        assert_eq!(told(&raw, DatabaseSource::Migrate("postgresql://o@example.com/l")), "example.com:5432/l");
        let told = told(&raw, DatabaseSource::Migrate("http://example.com"));
        assert!(
            told.starts_with("--migrate-database-url (LOGGIA_MIGRATE_DATABASE_URL) must begin with"),
            "{told}"
        );
    }
}
