//! `loggia migrate`: brings the store's schema up to date.

use clap::Args;
use serde::Serialize;

use crate::database::Database;
use crate::output;
use crate::settings::Settings;
use crate::usage_errors::{Checked, checked};
use crate::wiring::{self, Migrated, Place};

/// The arguments of `loggia migrate`.
#[derive(Args, Clone, Debug)]
pub(crate) struct MigrateArgs {
    /// The database, with a login that may change its schema, instead of --database-url
    ///
    /// In production the service's own login may not change the schema, and only `loggia migrate` knows this URL.
    #[arg(
        long,
        env = "LOGGIA_MIGRATE_DATABASE_URL",
        value_name = "URL",
        value_parser = checked(Database::parse),
        hide_env_values = true
    )]
    pub(crate) migrate_database_url: Option<Checked<Database>>,
    /// Print {"from","to"} instead of text
    #[arg(long)]
    json: bool,
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
        let place = Place::of(&settings.database)?;
        if from == to {
            output::result(format_args!("{place} is already at version {to}; no migrations were needed"))
        } else {
            output::result(format_args!("{place} was migrated from version {from} to version {to}"))
        }
    }
}
