//! Settings from flags, the environment and a file: parsed from texts into types, with all errors reported.

pub(crate) mod catalogue;
pub(crate) mod file;
pub(crate) mod given;
mod log;
mod monitoring;
mod parse;
mod serving;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use loggia_domain::policy::OrganizationCreation;

use crate::database::{Connections, Database, parse_connections};
use crate::usage_errors::{Checked, UsageErrors, checked};

use self::given::Given;
pub(crate) use self::log::{LogFormat, LogSettings};
use self::log::{parse_filter, parse_format};
pub(crate) use self::monitoring::{Monitoring, RawMonitoring};
pub(crate) use self::serving::{RawServing, Serving};

const DEFAULT_DATABASE: &str = "sqlite://loggia.db";

/// The settings of every command, each with its value or its error, so that all errors can be reported together.
#[derive(Args, Clone, Debug)]
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
        value_parser = checked(Database::parse),
        default_value = DEFAULT_DATABASE,
        hide_env_values = true,
        global = true
    )]
    pub(crate) database_url: Checked<Database>,

    /// A file that contains the database's URL, instead of --database-url [default: none]
    ///
    /// Keeps a password out of the command line and the environment, as the secrets of containers and of systemd do. Takes precedence over
    /// --database-url if both are given in the same way.
    #[arg(
        long,
        env = "LOGGIA_DATABASE_URL_FILE",
        value_name = "FILE",
        value_parser = checked(Database::parse_in),
        global = true,
        hide_short_help = true
    )]
    database_url_file: Option<Checked<Database>>,

    /// Number of sessions that this process opens on Postgres, half of them for writing, 2 to 1000 [default: 16]
    ///
    /// The sessions of all replicas and of all other clients of the server must together be fewer than its max_connections.
    #[arg(
        long,
        env = "LOGGIA_DATABASE_CONNECTIONS",
        value_name = "NUMBER",
        value_parser = checked(parse_connections),
        global = true
    )]
    database_connections: Option<Checked<Connections>>,

    /// Log filter, such as debug or warn,loggia=info [default: info for serve, else warn]
    ///
    /// Levels are off, error, warn, info, debug and trace, each alone or as target=level, joined by commas. The log goes
    /// to standard error.
    #[arg(long, env = "LOGGIA_LOG", value_name = "FILTER", value_parser = checked(parse_filter), global = true)]
    log: Option<Checked<String>>,

    /// Log format: auto, text or json
    ///
    /// auto is text on a terminal, and JSON with one object a line elsewhere.
    #[arg(
        long,
        env = "LOGGIA_LOG_FORMAT",
        value_name = "FORMAT",
        value_parser = checked(parse_format),
        default_value = "auto",
        global = true
    )]
    log_format: Checked<LogFormat>,

    /// The callers that may create organizations over HTTP: everyone or operators
    ///
    /// With operators, no caller may: organizations are then created by `loggia bootstrap`.
    #[arg(
        long,
        env = "LOGGIA_ORGANIZATION_CREATION",
        value_name = "WHO",
        value_parser = checked(OrganizationCreation::parse),
        default_value = "everyone",
        global = true
    )]
    organization_creation: Checked<OrganizationCreation>,

    #[command(flatten)]
    serving: RawServing,

    #[command(flatten)]
    monitoring: RawMonitoring,
}

/// The address to listen on, or its error.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Settings")]
pub(crate) struct RawListen {
    /// The address and port to listen on; port 0 takes any free one
    ///
    /// 127.0.0.1 is reached from this machine only, 0.0.0.0 from everywhere. For TLS, use a proxy in front.
    #[arg(
        long,
        env = "LOGGIA_LISTEN",
        value_name = "ADDRESS:PORT",
        value_parser = checked(parse_address),
        default_value = "127.0.0.1:8080"
    )]
    pub(crate) listen: Checked<SocketAddr>,
}

/// The settings of every command.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// The location of the data.
    pub(crate) database: Database,
    /// The file that contains the database's URL, if one is used.
    pub(crate) database_url_file: Option<PathBuf>,
    /// The filter and the format of the log.
    pub(crate) log: LogSettings,
    /// The callers who may create organizations over HTTP.
    pub(crate) organization_creation: OrganizationCreation,
    /// The settings of a server.
    pub(crate) serving: Serving,
    /// The settings of metrics.
    pub(crate) monitoring: Monitoring,
}

/// The setting that names a command's database.
#[derive(Clone, Debug)]
pub(crate) enum DatabaseSource {
    /// The setting for every command.
    Common,
    /// A URL that was given to `loggia migrate` alone.
    Migrate(Checked<Database>),
    /// No setting, since the command opens no store.
    Unused,
}

impl Settings {
    /// Checks all settings.
    pub(crate) fn check(
        raw: RawSettings,
        source: DatabaseSource,
        given: &Given,
        usage_errors: &mut UsageErrors,
    ) -> Option<Self> {
        let mut database_url_file = None;
        let (url, connections) = match source {
            DatabaseSource::Common => {
                let in_file =
                    raw.database_url_file.filter(|_| given.prefers("database_url_file", "database_url"));
                database_url_file =
                    in_file.as_ref().and_then(|_| given.get("database_url_file")?.text.clone());
                (usage_errors.take(in_file.unwrap_or(raw.database_url)), raw.database_connections)
            }
            DatabaseSource::Migrate(url) => (usage_errors.take(url), raw.database_connections),
            DatabaseSource::Unused => {
                (usage_errors.check("the database's default", Database::parse(DEFAULT_DATABASE)), None)
            }
        };
        let database = url.zip(usage_errors.take_given(connections)).and_then(|(database, connections)| {
            let database = database.with_connections(connections);
            usage_errors.check_setting("database_connections", CONNECTIONS, database)
        });
        let filter = usage_errors.take_given(raw.log);
        let format = usage_errors.take(raw.log_format);
        let creation = usage_errors.take(raw.organization_creation);
        let serving = raw.serving.check(usage_errors);
        let monitoring = raw.monitoring.check(usage_errors);
        let log = LogSettings { filter: filter?, format: format? };
        Some(Self {
            database: database?,
            database_url_file: database_url_file.map(PathBuf::from),
            log,
            organization_creation: creation?,
            serving: serving?,
            monitoring: monitoring?,
        })
    }
}

const CONNECTIONS: &str = "--database-connections (LOGGIA_DATABASE_CONNECTIONS)";

fn parse_address(text: &str) -> Result<SocketAddr, &'static str> {
    text.parse()
        .map_err(|_| "must be an IP address and a port, such as 127.0.0.1:8080, 0.0.0.0:80 or [::1]:8080")
}

#[cfg(test)]
mod tests {
    use clap::FromArgMatches;

    use super::*;
    use crate::commands::migrate::MigrateArgs;

    fn raw<T: Args + FromArgMatches>(words: &[&str]) -> T {
        let command = T::augment_args(clap::Command::new("loggia"));
        T::from_arg_matches(&command.get_matches_from([&["loggia"], words].concat())).expect("arguments")
    }

    #[test]
    fn all_errors_are_reported_together() {
        let mut usage_errors = UsageErrors::default();
        let bad = raw(&["--database-url=mysql://x", "--log=inof", "--log-format=xml"]);
        let settings = Settings::check(bad, DatabaseSource::Common, &Given::default(), &mut usage_errors);
        let listen = usage_errors.take(raw::<RawListen>(&["--listen=localhost"]).listen);
        let error = usage_errors.settle(settings.zip(listen)).expect_err("four usage errors").to_string();
        for name in ["LOGGIA_DATABASE_URL", "LOGGIA_LOG)", "LOGGIA_LOG_FORMAT", "LOGGIA_LISTEN"] {
            assert!(error.contains(name), "{name} in {error}");
        }
    }

    #[test]
    fn good_settings_become_types() {
        let mut usage_errors = UsageErrors::default();
        let good = raw(&[
            "--database-url=sqlite:///var/lib/l.db",
            "--log=warn,loggia=debug",
            "--log-format=json",
            "--organization-creation=operators",
        ]);
        let settings = Settings::check(good, DatabaseSource::Common, &Given::default(), &mut usage_errors);
        let listen = usage_errors.take(raw::<RawListen>(&["--listen=[::1]:0"]).listen);
        let (settings, listen) = usage_errors.settle(settings.zip(listen)).expect("no usage error");
        assert_eq!(settings.database.to_string(), "/var/lib/l.db");
        assert_eq!(settings.log.format, LogFormat::Json);
        assert_eq!(settings.log.filter.as_deref(), Some("warn,loggia=debug"));
        assert_eq!(settings.organization_creation, OrganizationCreation::Operators);
        assert_eq!(listen.to_string(), "[::1]:0");
    }

    fn outcome_of(words: &[&str], source: DatabaseSource) -> String {
        let mut usage_errors = UsageErrors::default();
        let settings = Settings::check(raw(words), source, &Given::default(), &mut usage_errors);
        match usage_errors.settle(settings) {
            Ok(settings) => settings.database.to_string(),
            Err(usage_errors) => usage_errors.to_string(),
        }
    }

    #[test]
    fn sessions_are_counted_for_postgres_only() {
        let with = |url: &str, connections: &str| {
            let words = [format!("--database-url={url}"), format!("--database-connections={connections}")];
            outcome_of(&words.each_ref().map(String::as_str), DatabaseSource::Common)
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
    fn organization_creation_has_two_values() {
        let error = outcome_of(&["--organization-creation=Everyone"], DatabaseSource::Common);
        assert!(
            error.contains("LOGGIA_ORGANIZATION_CREATION) must be one of everyone, operators"),
            "{error}"
        );
    }

    #[test]
    fn the_url_that_counts_is_the_one_that_is_checked() {
        let bad = ["--database-url=mysql://x", "--database-connections=none"];
        assert_eq!(outcome_of(&bad, DatabaseSource::Unused), "loggia.db");
        let migrating = |url| outcome_of(&bad[..1], DatabaseSource::Migrate(checked_url(url)));
        assert_eq!(migrating("postgresql://o@example.com/l"), "example.com:5432/l");
        let message = migrating("http://example.com");
        assert!(
            message.starts_with("--migrate-database-url (LOGGIA_MIGRATE_DATABASE_URL) must begin with"),
            "{message}"
        );
    }

    fn checked_url(url: &str) -> Checked<Database> {
        let command = MigrateArgs::augment_args(clap::Command::new("loggia"));
        let matches = command.get_matches_from(["loggia", "--migrate-database-url", url]);
        let args = MigrateArgs::from_arg_matches(&matches).expect("arguments");
        args.database.chosen(&Given::default()).expect("a URL")
    }
}
