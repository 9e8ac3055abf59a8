//! The command line: the commands, their options and their help.

#[cfg(test)]
mod tests;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::commands::accounts::AccountsCommand;
use crate::commands::backup::BackupArgs;
use crate::commands::bootstrap::BootstrapArgs;
use crate::commands::demo::DemoArgs;
use crate::commands::doctor::DoctorArgs;
use crate::commands::invitations::InvitationsCommand;
use crate::commands::keys::KeysCommand;
use crate::commands::migrate::MigrateArgs;
use crate::commands::moving::copy::CopyArgs;
use crate::commands::moving::export::ExportArgs;
use crate::commands::moving::import::ImportArgs;
use crate::commands::organizations::OrganizationsCommand;
use crate::commands::people::PeopleCommand;
use crate::commands::restore::RestoreArgs;
use crate::commands::routes::RoutesArgs;
use crate::commands::service::ServiceCommand;
use crate::commands::settings::SettingsArgs;
use crate::settings::catalogue::{CONFIG, Catalogue};
use crate::settings::file::SettingsFile;
use crate::settings::given::{Given, offer};
use crate::settings::{DatabaseSource, RawListen, RawSettings};

const OVERVIEW: &str = "\
Getting started:
  loggia                    serve on http://127.0.0.1:8080, with the data in ./loggia.db;
                            the first start creates an organization and prints an API key
  loggia demo               create an organization with sample data
  loggia routes             list the endpoints and who may call them
  loggia help keys create   show the help of a command

An option with an environment variable can be set by either, or in the file loggia.toml by its key; the option takes precedence over
the variable, and the variable over the file. `loggia settings` shows what is set, where, and what it means.
The exit code is 0 on success, 1 if the command failed, and 2 on a usage error.";

/// The version, with the commit that the program was built from if the build could find it out: see `build.rs`.
const VERSION: &str = env!("LOGGIA_VERSION");

/// Organizations, spaces, projects, members and tasks as one small, fast service
///
/// Without a command, `loggia` does the same as `loggia serve`.
#[derive(Debug, Parser)]
#[command(name = "loggia", version = VERSION, after_help = OVERVIEW, max_term_width = 110)]
struct Cli {
    /// The file with settings [default: loggia.toml in the working directory, if it exists]
    ///
    /// The file is TOML. Its keys are the names of the options with _ for -, such as database_url = "sqlite:///var/lib/loggia/loggia.db".
    /// Unknown keys are errors.
    #[arg(long, env = "LOGGIA_CONFIG", value_name = "FILE", global = true, help_heading = "Settings")]
    config: Option<PathBuf>,
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
  LOGGIA_LOG=debug loggia serve
  loggia serve --check")]
    Serve(ServeArgs),

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

    /// Write one organization as an archive
    ///
    /// The archive contains the organization, its members, projects, rosters, tasks, spaces, invitations and events, with their ids, times
    /// and revisions, as they are at one moment. It contains no API key and no secret. The command may run beside a server on the same
    /// store.
    #[command(after_long_help = "\
Example:
  loggia export --organization 0193a5b0-7c1e-7000-8000-00000000abcd harbour-works.tar.gz")]
    Export(ExportArgs),

    /// Import the archive of one organization
    ///
    /// Verifies the whole archive before anything is written, and writes all of it or nothing. Accounts that exist keep their names and
    /// addresses, others are created. Refused if the organization exists here, or if another account has the address of one of its
    /// members. The command may run beside a server on the same store; on SQLite, nobody else writes meanwhile.
    #[command(after_long_help = "\
Example:
  loggia import harbour-works.tar.gz")]
    Import(ImportArgs),

    /// Copy a whole instance into an empty store, from SQLite to Postgres or back
    ///
    /// Everything is copied, API keys included, and the two stores are compared afterwards. No server may run on either. If the copy is
    /// interrupted, running the command again continues; until it is complete, the target is not served.
    #[command(after_long_help = "\
Example:
  LOGGIA_COPY_TO=postgres://loggia_owner:password@127.0.0.1:5432/loggia loggia copy --from sqlite:///var/lib/loggia/loggia.db")]
    Copy(CopyArgs),

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

    /// Print each setting with its value, its source, its range and its meaning
    ///
    /// Reads flags, the environment and the settings file as `loggia serve` does, and opens no store. Passwords are not shown. The exit code
    /// is 1 if a setting cannot be used.
    #[command(after_long_help = "\
Examples:
  loggia settings
  loggia settings --json | jq '.settings[] | select(.source.kind != \"built-in\")'
  loggia settings --check --config /etc/loggia/loggia.toml")]
    Settings(SettingsArgs),

    /// Check the store, the machine and the settings, and say what to do about each finding
    ///
    /// Changes nothing, and may run beside a server with the same settings. Checks the schema version, the integrity of a file or the role,
    /// row-level security, constraints and indexes of a database, the clock, the disk, permissions, the limit of open files, and settings
    /// that contradict. The exit code is 1 if a finding is an error.
    #[command(after_long_help = "\
Examples:
  loggia doctor
  loggia doctor --json | jq -r '.findings[] | .severity + \": \" + .problem'")]
    Doctor(Box<DoctorArgs>),

    /// Install, watch and remove the program as a service of systemd
    #[command(subcommand)]
    Service(ServiceCommand),
}

/// The arguments of `loggia serve`.
#[derive(Args, Clone, Debug)]
pub(crate) struct ServeArgs {
    #[command(flatten)]
    pub(crate) listen: RawListen,
    /// Check the settings and exit: with 0, or with 1 and all errors. Nothing is opened or started
    #[arg(long)]
    pub(crate) check: bool,
}

impl Command {
    /// Returns the setting that names the command's database.
    pub(crate) fn database_source(&self, given: &Given) -> DatabaseSource {
        match self {
            Self::Routes(_) | Self::Openapi | Self::Healthcheck(_) | Self::Service(_) | Self::Copy(_) => {
                DatabaseSource::Unused
            }
            Self::Migrate(args) => {
                args.database.chosen(given).map_or(DatabaseSource::Common, DatabaseSource::Migrate)
            }
            Self::Backup(args) => args.database_source(),
            Self::Serve(_)
            | Self::Settings(_)
            | Self::Doctor(_)
            | Self::Restore(_)
            | Self::Bootstrap(_)
            | Self::Keys(_)
            | Self::People(_)
            | Self::Accounts(_)
            | Self::Invitations(_)
            | Self::Organizations(_)
            | Self::Export(_)
            | Self::Import(_)
            | Self::Demo(_) => DatabaseSource::Common,
        }
    }
}

impl Command {
    /// Returns the address to listen on, if the command has one.
    fn listen(&mut self) -> Option<&mut RawListen> {
        match self {
            Self::Serve(args) => Some(&mut args.listen),
            Self::Settings(args) => Some(&mut args.listen),
            Self::Doctor(args) => Some(&mut args.listen),
            Self::Healthcheck(listen) => Some(listen),
            _ => None,
        }
    }
}

/// The parsed command line.
#[derive(Debug)]
pub(crate) struct Invocation {
    /// The settings of every command.
    pub(crate) settings: RawSettings,
    /// The texts of the settings, and where they come from.
    pub(crate) given: Given,
    /// The command.
    pub(crate) command: Command,
}

impl Invocation {
    /// Parses the command line, the environment and the settings file. Ends the process for `--help`, and for a command line that clap
    /// rejects.
    pub(crate) fn read() -> Self {
        Self::parse_from(std::env::args_os()).unwrap_or_else(|error| error.exit())
    }

    /// Parses a command line. The settings file is named by it or by the environment, so both are parsed once before the file is.
    pub(crate) fn parse_from<T>(words: impl IntoIterator<Item = T>) -> Result<Self, clap::Error>
    where
        T: Into<OsString> + Clone,
    {
        let words: Vec<OsString> = words.into_iter().map(Into::into).collect();
        let catalogue = catalogue();
        let mut matches = Cli::command().try_get_matches_from(&words)?;
        let file = SettingsFile::find(matches.get_one::<PathBuf>(CONFIG).map(PathBuf::as_path), &catalogue);
        if file.path.is_some() {
            matches = offer(Cli::command(), &file).try_get_matches_from(&words)?;
        }
        let given = Given::new(&matches, file, &catalogue);
        let listen_before_command = matches.value_source("listen") == Some(ValueSource::CommandLine);
        let listen_after_command = matches.subcommand().is_some_and(|(_, after)| {
            after.try_contains_id("listen").is_ok()
                && after.value_source("listen") == Some(ValueSource::CommandLine)
        });
        let Cli { config: _, settings, listen, command } = Cli::from_arg_matches_mut(&mut matches)?;
        let Some(mut command) = command else {
            let command = Command::Serve(ServeArgs { listen, check: false });
            return Ok(Self { settings, given, command });
        };
        if listen_before_command {
            match command.listen() {
                Some(_) if listen_after_command => return Err(misplaced("--listen was given twice")),
                Some(after) => *after = listen,
                None => {
                    return Err(misplaced(
                        "--listen is only for `loggia serve` and for commands about a server: healthcheck, settings, doctor",
                    ));
                }
            }
        }
        Ok(Self { settings, given, command })
    }
}

/// Returns all settings.
pub(crate) fn catalogue() -> Catalogue {
    Catalogue::from_command(&Cli::command())
}

fn misplaced(why: &'static str) -> clap::Error {
    Cli::command().error(ErrorKind::ArgumentConflict, why)
}
