//! `loggia migrate`: the schema, brought up to date.

use clap::Args;
use serde::Serialize;

use crate::output;
use crate::settings::Settings;
use crate::wiring::{self, Migrated, Place};

/// What `loggia migrate` takes.
#[derive(Args, Clone)]
pub(crate) struct MigrateArgs {
    /// Where the data is for whoever may change its schema, instead of --database-url
    ///
    /// In production the service's own login may not, and this one is known to `loggia migrate` alone.
    #[arg(long, env = "LOGGIA_MIGRATE_DATABASE_URL", value_name = "URL", hide_env_values = true)]
    migrate_database_url: Option<String>,
    /// Print {"from","to"} instead of text
    #[arg(long)]
    json: bool,
}

/// A migration that can be tried; where was checked with the settings.
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
    /// The URL that it goes by, if it was given one of its own.
    pub(crate) fn database_url(&self) -> Option<&str> {
        self.migrate_database_url.as_deref()
    }

    /// The rest of it.
    pub(crate) fn into_job(self) -> MigrateJob {
        MigrateJob { json: self.json }
    }
}

/// The URL may hold a password.
impl std::fmt::Debug for MigrateArgs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MigrateArgs").field("json", &self.json).finish_non_exhaustive()
    }
}

impl MigrateJob {
    /// Applies what is missing and tells from where to where that went.
    pub(crate) async fn run(self, settings: &Settings) -> anyhow::Result<()> {
        let Migrated { from, to } = wiring::migrate(&settings.database).await?;
        if self.json {
            return output::json(&MigrateAnswer { from, to });
        }
        let place = Place::of(&settings.database)?;
        if from == to {
            output::result(format_args!("{place} is at version {to} already; nothing was to be done"))
        } else {
            output::result(format_args!("{place} went from version {from} to version {to}"))
        }
    }
}
