//! The command line: the commands, their options and their help.

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::commands::accounts::AccountsCommand;
use crate::commands::backup::BackupArgs;
use crate::commands::bootstrap::BootstrapArgs;
use crate::commands::demo::DemoArgs;
use crate::commands::invitations::InvitationsCommand;
use crate::commands::keys::KeysCommand;
use crate::commands::migrate::MigrateArgs;
use crate::commands::organizations::OrganizationsCommand;
use crate::commands::people::PeopleCommand;
use crate::commands::restore::RestoreArgs;
use crate::commands::routes::RoutesArgs;
use crate::settings::{DatabaseSource, RawListen, RawSettings};

const OVERVIEW: &str = "\
Getting started:
  loggia                    serve on http://127.0.0.1:8080, with the data in ./loggia.db;
                            the first start creates an organization and prints an API key
  loggia demo               create an organization with sample data
  loggia routes             list the endpoints and who may call them
  loggia help keys create   show the help of a command

An option with an environment variable can be set by either; the option takes precedence.
The exit code is 0 on success, 1 if the command failed, and 2 on a usage error.";

/// Organizations, spaces, projects, members and tasks as one small, fast service
///
/// Without a command, `loggia` does the same as `loggia serve`.
#[derive(Debug, Parser)]
#[command(name = "loggia", version, after_help = OVERVIEW, max_term_width = 110)]
struct Cli {
    #[command(flatten)]
    settings: RawSettings,
    #[command(flatten)]
    listen: RawListen,
    #[command(subcommand)]
    command: Option<Command>,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve the HTTP API (the default command)
    ///
    /// Opens the store, creates its file if there is none, brings its schema up to date if its login may do that, and serves until SIGTERM
    /// or SIGINT (Ctrl-C); requests in flight are then finished. The first start on an empty store creates an organization and an account
    /// for its admin, and prints the account's API key, which is shown only once. On Postgres, any number of servers may share one
    /// database.
    #[command(after_long_help = "\
Examples:
  loggia serve
  loggia serve --listen 0.0.0.0:8080 --database-url sqlite:///var/lib/loggia/loggia.db
  LOGGIA_DATABASE_URL=postgres://loggia:password@127.0.0.1:5432/loggia loggia serve
  LOGGIA_LOG=debug loggia serve")]
    Serve(RawListen),

    /// Create an organization, an account for its admin and an API key for the account
    ///
    /// If an account with that e-mail address exists, it becomes the admin and keeps its name; otherwise an account is created. Prints the
    /// API key, which is shown only once. The command may run beside a server on the same store.
    #[command(after_long_help = "\
Example:
  loggia bootstrap --organization \"Harbour Works\" --email ada@example.com --first-name Ada --last-name Byron")]
    Bootstrap(BootstrapArgs),

    /// Create, list and revoke API keys
    #[command(subcommand)]
    Keys(KeysCommand),

    /// Add people of an organization's own
    #[command(subcommand)]
    People(PeopleCommand),

    /// Add and change accounts, which belong to their people and may be in several organizations
    #[command(subcommand)]
    Accounts(AccountsCommand),

    /// Invite accounts to an organization; list and withdraw invitations
    #[command(subcommand)]
    Invitations(InvitationsCommand),

    /// List organizations, and delete one with everything in it
    #[command(subcommand)]
    Organizations(OrganizationsCommand),

    /// Bring the store's schema up to date
    ///
    /// `serve`, `bootstrap` and `demo` apply migrations by themselves if their login may. This command applies them beforehand, and may use
    /// another login. Creates the file if there is none. Migrations cannot be undone: keep a copy of the data if the older program may be
    /// needed again.
    #[command(after_long_help = "\
Examples:
  loggia migrate --database-url sqlite:///var/lib/loggia/loggia.db
  LOGGIA_MIGRATE_DATABASE_URL=postgres://loggia_owner:password@127.0.0.1:5432/loggia loggia migrate")]
    Migrate(MigrateArgs),

    /// Copy the store to a file, while a server uses it
    ///
    /// The file holds everything that was acknowledged before the command began, is checked before it gets its name, and can be read by its
    /// owner only. On Postgres the command says which pg_dump to run, and fails. With --check it checks a backup of either kind.
    #[command(after_long_help = "\
Examples:
  loggia backup /var/backups/loggia-$(date +%F).db
  loggia backup --check /var/backups/loggia-2026-01-31.db
  LOGGIA_SCRATCH_DATABASE_URL=postgres://postgres@127.0.0.1/postgres loggia backup --check loggia.dump")]
    Backup(Box<BackupArgs>),

    /// Put a backup in the place of the store
    ///
    /// Refuses while a server or another process uses the store. The backup is checked first; then the files that were there are renamed,
    /// and a copy of the backup takes their place. On Postgres the command says which pg_restore to run, and fails.
    #[command(after_long_help = "\
Example:
  loggia restore /var/backups/loggia-2026-01-31.db")]
    Restore(RestoreArgs),

    /// Fill an organization with made-up people, projects, tasks and spaces
    ///
    /// Creates a new organization and an API key for its admin on each run. The admin is an account, the same one on each run; the other
    /// people are the organization's own. The same seed and numbers give the same data. The command may run beside a server on the same
    /// store.
    #[command(after_long_help = "\
Examples:
  loggia demo
  loggia demo --projects 10 --tasks 200 --spaces 20 --json")]
    Demo(DemoArgs),

    /// List the API's endpoints and who may call each
    ///
    /// The callers are derived from the policy itself. An API key also needs the ability in its column.
    #[command(
        after_long_help = "Example:\n  loggia routes --json | jq '.routes[] | select(.method == \"POST\").path'"
    )]
    Routes(RoutesArgs),

    /// Print the API's description, OpenAPI 3.1
    ///
    /// Prints the same bytes as a server's response to GET /openapi.json. Needs neither a server nor a store.
    #[command(after_long_help = "Example:\n  loggia openapi | jq '.paths | keys'")]
    Openapi,

    /// Check whether a server is ready: exit with 0 if it is, or with 1 and the reason if not
    ///
    /// Sends GET /readyz to the address that `loggia serve` would listen on with the same settings, with a timeout of two seconds. Meant
    /// for the health check of a container.
    #[command(after_long_help = "Example:\n  loggia healthcheck --listen 127.0.0.1:8080")]
    Healthcheck(RawListen),
}

impl Command {
    /// Returns the setting that names the command's database.
    pub(crate) fn database_source(&self) -> DatabaseSource {
        match self {
            Self::Routes(_) | Self::Openapi | Self::Healthcheck(_) => DatabaseSource::Unused,
            Self::Migrate(args) => {
                args.migrate_database_url.clone().map_or(DatabaseSource::Common, DatabaseSource::Migrate)
            }
            Self::Backup(args) => args.database_source(),
            Self::Serve(_)
            | Self::Restore(_)
            | Self::Bootstrap(_)
            | Self::Keys(_)
            | Self::People(_)
            | Self::Accounts(_)
            | Self::Invitations(_)
            | Self::Organizations(_)
            | Self::Demo(_) => DatabaseSource::Common,
        }
    }
}

/// The parsed command line.
#[derive(Debug)]
pub(crate) struct Invocation {
    /// The settings of every command.
    pub(crate) settings: RawSettings,
    /// The command.
    pub(crate) command: Command,
}

impl Invocation {
    /// Parses the command line and the environment. Ends the process for `--help`, and for a command line that clap rejects.
    pub(crate) fn read() -> Self {
        Self::parse_from(std::env::args_os()).unwrap_or_else(|error| error.exit())
    }

    fn parse_from<T>(words: impl IntoIterator<Item = T>) -> Result<Self, clap::Error>
    where
        T: Into<std::ffi::OsString> + Clone,
    {
        let mut matches = Cli::command().try_get_matches_from(words)?;
        let listen_before_command = matches.value_source("listen") == Some(ValueSource::CommandLine);
        let listen_after_command = matches.subcommand().is_some_and(|(_, after)| {
            after.try_contains_id("listen").is_ok()
                && after.value_source("listen") == Some(ValueSource::CommandLine)
        });
        let Cli { settings, listen, command } = Cli::from_arg_matches_mut(&mut matches)?;
        let command = match command {
            None => Command::Serve(listen),
            Some(Command::Serve(_) | Command::Healthcheck(_))
                if listen_before_command && listen_after_command =>
            {
                return Err(misplaced("--listen was given twice"));
            }
            Some(Command::Serve(_)) if listen_before_command => Command::Serve(listen),
            Some(Command::Healthcheck(_)) if listen_before_command => Command::Healthcheck(listen),
            Some(_) if listen_before_command => {
                return Err(misplaced("--listen is for `loggia serve` and `loggia healthcheck` only"));
            }
            Some(command) => command,
        };
        Ok(Self { settings, command })
    }
}

fn misplaced(why: &'static str) -> clap::Error {
    Cli::command().error(ErrorKind::ArgumentConflict, why)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listen(words: &[&str]) -> Option<String> {
        let words = [&["loggia"], words].concat();
        match Invocation::parse_from(words).ok()?.command {
            Command::Serve(listen) | Command::Healthcheck(listen) => {
                listen.listen.ok().map(|it| it.to_string())
            }
            _ => None,
        }
    }

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn without_a_command_it_serves() {
        assert_eq!(listen(&["--listen", "127.0.0.1:1"]).as_deref(), Some("127.0.0.1:1"));
        assert_eq!(listen(&["serve", "--listen", "127.0.0.1:2"]).as_deref(), Some("127.0.0.1:2"));
        assert_eq!(listen(&["--listen", "127.0.0.1:3", "serve"]).as_deref(), Some("127.0.0.1:3"));
    }

    #[test]
    fn a_health_check_asks_where_a_server_would_listen() {
        assert_eq!(listen(&["healthcheck", "--listen", "127.0.0.1:4"]).as_deref(), Some("127.0.0.1:4"));
        assert_eq!(listen(&["--listen", "127.0.0.1:5", "healthcheck"]).as_deref(), Some("127.0.0.1:5"));
    }

    #[test]
    fn only_a_migration_knows_another_login() {
        let url = "postgres://o@example.com/l";
        let invocation =
            Invocation::parse_from(["loggia", "migrate", "--migrate-database-url", url]).expect("understood");
        let DatabaseSource::Migrate(Ok(database)) = invocation.command.database_source() else {
            panic!("the login of the migration is not used");
        };
        assert_eq!(database.to_string(), "example.com:5432/l");
        for words in [
            ["loggia", "serve", "--migrate-database-url", url],
            ["loggia", "--migrate-database-url", url, "migrate"],
        ] {
            assert_eq!(
                Invocation::parse_from(words).expect_err("not understood").exit_code(),
                2,
                "{words:?}"
            );
        }
    }

    #[test]
    fn an_address_is_never_silently_ignored() {
        for words in [
            ["loggia", "--listen", "127.0.0.1:1", "migrate"].as_slice(),
            &["loggia", "migrate", "--listen", "127.0.0.1:1"],
            &["loggia", "--listen", "127.0.0.1:1", "serve", "--listen", "127.0.0.1:2"],
            &["loggia", "--listen", "127.0.0.1:1", "healthcheck", "--listen", "127.0.0.1:2"],
        ] {
            let error = Invocation::parse_from(words.iter().copied()).expect_err("not understood");
            assert_eq!(error.exit_code(), 2, "{words:?}");
        }
    }

    #[test]
    fn settings_may_stand_before_and_after_the_command() {
        for words in [
            ["loggia", "--database-url", "sqlite://x.db", "migrate"],
            ["loggia", "migrate", "--database-url", "sqlite://x.db"],
        ] {
            let invocation = Invocation::parse_from(words).expect("understood");
            assert_eq!(invocation.settings.database_url.map(|it| it.to_string()).as_deref(), Ok("x.db"));
        }
    }

    #[test]
    fn every_command_explains_itself() {
        fn walk(command: &clap::Command) {
            assert!(command.get_about().is_some(), "{}", command.get_name());
            for argument in command.get_arguments() {
                assert!(argument.get_help().is_some(), "{} {}", command.get_name(), argument.get_id());
            }
            command.get_subcommands().for_each(walk);
        }
        walk(&Cli::command());
    }
}
