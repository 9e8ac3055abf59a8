//! Settings, from flags and the environment: texts in, types out, every mistake told.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use tracing_subscriber::EnvFilter;

use crate::mistakes::Mistakes;

const DEFAULT_DATABASE: &str = "sqlite://loggia.db";

/// What every command understands, as it was typed. Kept as text, so that all mistakes can be told together.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Settings")]
pub(crate) struct RawSettings {
    /// Where the data is: sqlite:// and the path of a file
    ///
    /// The path is taken literally and, unless it begins with a slash, from the working directory:
    /// sqlite://loggia.db, sqlite:///var/lib/loggia/loggia.db. Commands that fill a store make the file if there
    /// is none, but never its directory.
    #[arg(
        long,
        env = "LOGGIA_DATABASE_URL",
        value_name = "URL",
        default_value = DEFAULT_DATABASE,
        hide_env_values = true,
        global = true
    )]
    pub(crate) database_url: String,

    /// How much is logged, such as debug or warn,loggia=info [default: info for serve, else warn]
    ///
    /// Levels are off, error, warn, info, debug and trace, each alone or as target=level, joined by commas. The log goes
    /// to standard error.
    #[arg(long, env = "LOGGIA_LOG", value_name = "FILTER", global = true)]
    pub(crate) log: Option<String>,

    /// How the log is written: auto, text or json
    ///
    /// auto is text on a terminal and JSON, one object a line, elsewhere.
    #[arg(long, env = "LOGGIA_LOG_FORMAT", value_name = "FORMAT", default_value = "auto", global = true)]
    pub(crate) log_format: String,
}

/// Where to listen, as it was typed.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Settings")]
pub(crate) struct RawListen {
    /// The address and port to listen on; port 0 takes any free one
    ///
    /// 127.0.0.1 is reached from this machine only, 0.0.0.0 from everywhere. TLS is for a proxy in front.
    #[arg(long, env = "LOGGIA_LISTEN", value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    pub(crate) listen: String,
}

/// What every command goes by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    /// The file that the data is in.
    pub(crate) database: PathBuf,
    /// What is logged, and how.
    pub(crate) log: LogSettings,
}

/// What is logged, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LogSettings {
    /// A filter that is known to parse; `None` leaves it to the command.
    pub(crate) filter: Option<String>,
    /// How lines look.
    pub(crate) format: LogFormat,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LogFormat {
    /// Text on a terminal, JSON elsewhere.
    Auto,
    /// For people.
    Text,
    /// For programs: one object a line.
    Json,
}

/// Why a setting cannot be used. It never repeats the text, which may hold a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Unusable(String);

fn unusable<T>(why: impl Into<String>) -> Result<T, Unusable> {
    Err(Unusable(why.into()))
}

impl Settings {
    /// Checks all of them. Where the data is does not matter to a command that opens no store.
    pub(crate) fn check(raw: &RawSettings, opens_store: bool, mistakes: &mut Mistakes) -> Option<Self> {
        let url = if opens_store { raw.database_url.as_str() } else { DEFAULT_DATABASE };
        let database = mistakes.check("--database-url (LOGGIA_DATABASE_URL)", parse_database(url));
        let filter = mistakes.check_given("--log (LOGGIA_LOG)", raw.log.as_deref(), parse_filter);
        let format = mistakes.check("--log-format (LOGGIA_LOG_FORMAT)", parse_format(&raw.log_format));
        Some(Self { database: database?, log: LogSettings { filter: filter?, format: format? } })
    }
}

impl RawListen {
    /// The address, if it is one.
    pub(crate) fn check(&self, mistakes: &mut Mistakes) -> Option<SocketAddr> {
        let address = self.listen.parse().map_err(|_| {
            "must be an IP address and a port, such as 127.0.0.1:8080, 0.0.0.0:80 or [::1]:8080".to_owned()
        });
        mistakes.check("--listen (LOGGIA_LISTEN)", address)
    }
}

fn parse_database(url: &str) -> Result<PathBuf, Unusable> {
    if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        return unusable("names a Postgres database, and this build has no Postgres yet: use sqlite://path");
    }
    let Some(path) = url.strip_prefix("sqlite://") else {
        return unusable("must begin with sqlite://, for instance sqlite://loggia.db");
    };
    if path.is_empty() || path.ends_with('/') {
        return unusable("must name a file, for instance sqlite://loggia.db");
    }
    if path.contains(":memory:") {
        return unusable("must name a file: a store in memory would be gone with the program");
    }
    if path.contains('?') {
        return unusable("must be sqlite:// and a path alone: options after ? are not understood");
    }
    if path.chars().any(char::is_control) {
        return unusable("must not contain control characters");
    }
    Ok(PathBuf::from(path))
}

fn parse_filter(filter: &str) -> Result<String, Unusable> {
    const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];
    let is_level = |word: &str| LEVELS.iter().any(|level| level.eq_ignore_ascii_case(word));
    let directives: Vec<&str> = filter.split(',').map(str::trim).collect();
    // A word alone would be a target, of which everything is logged and nothing of the rest: a mistyped level would
    // silence the log.
    if directives.iter().any(|directive| !directive.contains(['=', '[']) && !is_level(directive)) {
        return unusable(format!(
            "must be levels ({}) or target=level, joined by commas, such as info or warn,loggia=debug",
            LEVELS.join(", ")
        ));
    }
    let filter = directives.join(",");
    match EnvFilter::builder().parse(&filter) {
        Ok(_) => Ok(filter),
        Err(error) => unusable(format!("cannot be understood: {error}")),
    }
}

fn parse_format(format: &str) -> Result<LogFormat, Unusable> {
    match format {
        "auto" => Ok(LogFormat::Auto),
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        _ => unusable("must be one of auto, text, json"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(database_url: &str, log: Option<&str>, log_format: &str) -> RawSettings {
        RawSettings {
            database_url: database_url.into(),
            log: log.map(str::to_owned),
            log_format: log_format.into(),
        }
    }

    #[test]
    fn all_mistakes_are_told_together() {
        let mut mistakes = Mistakes::default();
        let settings = Settings::check(&raw("mysql://x", Some("inof"), "xml"), true, &mut mistakes);
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
        let settings = Settings::check(&raw, true, &mut mistakes);
        let listen = RawListen { listen: "[::1]:0".into() }.check(&mut mistakes);
        let (settings, listen) = mistakes.settle(settings.zip(listen)).expect("no mistake");
        assert_eq!(settings.database, PathBuf::from("/var/lib/l.db"));
        assert_eq!(settings.log.format, LogFormat::Json);
        assert_eq!(settings.log.filter.as_deref(), Some("warn,loggia=debug"));
        assert_eq!(listen.to_string(), "[::1]:0");
    }

    #[test]
    fn a_database_is_a_file_of_sqlite() {
        assert_eq!(parse_database("sqlite://loggia.db"), Ok(PathBuf::from("loggia.db")));
        assert_eq!(parse_database("sqlite://a dir/x%20.db"), Ok(PathBuf::from("a dir/x%20.db")));
        for bad in [
            "",
            "loggia.db",
            "sqlite:loggia.db",
            "sqlite://",
            "sqlite://dir/",
            "sqlite://:memory:",
            "sqlite://x.db?mode=ro",
        ] {
            assert!(parse_database(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_postgres_password_is_not_repeated() {
        let error = parse_database("postgres://ada:geheim@example.com/l").expect_err("no Postgres yet");
        assert!(error.0.contains("no Postgres yet") && !error.0.contains("geheim"), "{error}");
    }

    #[test]
    fn a_mistyped_level_is_no_filter() {
        for good in ["info", "WARN", "off", "warn,loggia::request=info", "sqlx=off , info"] {
            assert!(parse_filter(good).is_ok(), "{good}");
        }
        for bad in ["", "inof", "info,", "info,,warn", "loggia", "loggia=loud"] {
            assert!(parse_filter(bad).is_err(), "{bad}");
        }
    }
}
