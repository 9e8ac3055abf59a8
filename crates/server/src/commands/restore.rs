//! `loggia restore`: puts a backup in the place of a store.

use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Args;
use indicatif::DecimalBytes;
use loggia_domain::port::Clock;
use loggia_domain::system::SystemClock;
use loggia_sqlite::backup::{Restored, restore};
use serde::Serialize;

use crate::commands::backup::postgres::how_to_restore;
use crate::database::Database;
use crate::output;
use crate::settings::Settings;
use crate::wiring;

/// The arguments of `loggia restore`.
#[derive(Args, Debug)]
pub(crate) struct RestoreArgs {
    /// The backup, which stays as it is
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Print {"store","bytes","schemaVersion","movedTo"} instead of text
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RestoreAnswer {
    store: PathBuf,
    bytes: u64,
    schema_version: i64,
    moved_to: Option<PathBuf>,
}

impl RestoreArgs {
    /// Restores the backup, and prints what was done.
    pub(crate) async fn run(self, settings: &Settings) -> anyhow::Result<()> {
        let store = match &settings.database {
            Database::Sqlite(path) => wiring::usable_path(path)?,
            Database::Postgres(options) => bail!(how_to_restore(options, &self.file)),
        };
        let restored = restore(&self.file, &store, SystemClock.now()).await;
        let Restored { facts, moved_to } = restored.context("nothing was restored")?;
        if self.json {
            let (bytes, schema_version) = (facts.bytes, facts.schema.found);
            return output::json(&RestoreAnswer { store, bytes, schema_version, moved_to });
        }
        let moved = moved_to.map(|path| format!("\nThe files that were there are now at {}", path.display()));
        let behind = (!facts.schema.is_current()).then(|| {
            format!(
                "\nThe next `loggia serve` or `loggia migrate` brings it to schema version {}",
                facts.schema.known
            )
        });
        output::result(format_args!(
            "{} was restored from {}: {}, schema version {}{}{}",
            store.display(),
            self.file.display(),
            DecimalBytes(facts.bytes),
            facts.schema.found,
            moved.unwrap_or_default(),
            behind.unwrap_or_default()
        ))
    }
}
