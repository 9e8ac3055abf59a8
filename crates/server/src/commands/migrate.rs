//! `loggia migrate`: brings the store's schema up to date.

use clap::Args;
use serde::Serialize;

use crate::database::Database;
use crate::output;
use crate::settings::Settings;
use crate::settings::given::Given;
use crate::usage_errors::{Checked, checked};
use crate::wiring::{self, Location, Migrated};

/// The arguments of `loggia migrate`.
#[derive(Args, Clone, Debug)]
pub(crate) struct MigrateArgs {
    #[command(flatten)]
    pub(crate) database: MigrateDatabaseArgs,
    /// Print {"from","to"} instead of text
    #[arg(long)]
    json: bool,
}

/// The database of a migration, if it is not that of the other commands.
#[derive(Args, Clone, Debug)]
pub(crate) struct MigrateDatabaseArgs {
    /// The database, with a login that may change its schema, instead of --database-url [default: --database-url]
    ///
    /// In production the service's own login may not change the schema, and only `loggia migrate` knows this URL.
    #[arg(
        long,
        env = "LOGGIA_MIGRATE_DATABASE_URL",
        value_name = "URL",
        value_parser = checked(Database::parse),
        hide_env_values = true
    )]
    migrate_database_url: Option<Checked<Database>>,
    /// A file that contains the URL, instead of --migrate-database-url [default: none]
    #[arg(
        long,
        env = "LOGGIA_MIGRATE_DATABASE_URL_FILE",
        value_name = "FILE",
        value_parser = checked(Database::parse_in)
    )]
    migrate_database_url_file: Option<Checked<Database>>,
}

impl MigrateDatabaseArgs {
    /// Returns the database that was given, or `None` if none was.
    pub(crate) fn chosen(&self, given: &Given) -> Option<Checked<Database>> {
        let in_file = self.migrate_database_url_file.clone();
        let in_file = in_file.filter(|_| given.prefers("migrate_database_url_file", "migrate_database_url"));
        in_file.or_else(|| self.migrate_database_url.clone())
    }
}

/// A migration with valid arguments. The settings name its database.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MigrateJob {
    json: bool,
}

#[derive(Serialize)]
struct MigrateAnswer {
    from: i64,
    to: i64,
}

impl MigrateArgs {
    /// Returns the job. The URL is checked with the settings.
    pub(crate) fn into_job(self) -> MigrateJob {
        MigrateJob { json: self.json }
    }
}

impl MigrateJob {
    /// Applies the missing migrations and prints the versions before and after.
    pub(crate) async fn run(self, settings: &Settings) -> anyhow::Result<()> {
        let Migrated { from, to } = wiring::migrate(&settings.database).await?;
        if self.json {
            return output::json(&MigrateAnswer { from, to });
        }
        let location = Location::from_database(&settings.database)?;
        if from == to {
            output::result(format_args!("{location} is already at version {to}; no migrations were needed"))
        } else {
            output::result(format_args!("{location} was migrated from version {from} to version {to}"))
        }
    }
}
