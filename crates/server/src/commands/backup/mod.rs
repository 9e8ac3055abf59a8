//! `loggia backup`: copies a store in a file while it is in use, says how to back up a Postgres database, and checks a backup.

mod bar;
pub(crate) mod dump;
pub(super) mod postgres;

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, bail};
use clap::Args;
use indicatif::DecimalBytes;
use loggia_sqlite::SqliteOptions;
use loggia_sqlite::backup::{self, BackupFacts, Existing, back_up};
use serde::Serialize;

use self::bar::Bar;
use self::dump::{RawScratch, ScratchServer};
use crate::commands::serve::stop::StopSignals;
use crate::database::Database;
use crate::output;
use crate::settings::{DatabaseSource, Settings};
use crate::usage_errors::UsageErrors;
use crate::wiring;

/// Checks a backup of either kind; a dump of pg_dump on that server.
pub(crate) async fn check(file: &Path, server: Option<&ScratchServer>) -> anyhow::Result<BackupFacts> {
    if dump::is_dump(file)? { dump::check(file, server).await } else { Ok(backup::check(file).await?) }
}

/// The arguments of `loggia backup`.
#[derive(Args, Debug)]
pub(crate) struct BackupArgs {
    /// The file to write, or with --check the file to check
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Replace the file if it exists
    #[arg(long, conflicts_with = "check")]
    replace: bool,
    /// Check a backup instead of making one: a file of `loggia backup`, or one of pg_dump with --format=custom
    ///
    /// A dump of pg_dump is restored by pg_restore, which must be on the PATH, into a database that is created for this and dropped
    /// afterwards.
    #[arg(long)]
    check: bool,
    #[command(flatten)]
    scratch: RawScratch,
    /// Print {"file","bytes","schemaVersion","seconds"} instead of text
    #[arg(long)]
    json: bool,
}

/// A backup with valid arguments.
#[derive(Debug)]
pub(crate) struct BackupJob {
    file: PathBuf,
    what: What,
    json: bool,
}

#[derive(Debug)]
enum What {
    Make(Existing),
    Check(Option<Box<ScratchServer>>),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BackupAnswer {
    file: PathBuf,
    bytes: u64,
    schema_version: i64,
    seconds: f64,
}

impl BackupArgs {
    /// Returns the setting that names the database: a check needs none.
    pub(crate) fn database_source(&self) -> DatabaseSource {
        if self.check { DatabaseSource::Unused } else { DatabaseSource::Common }
    }

    /// Checks the arguments.
    pub(crate) fn check(self, usage_errors: &mut UsageErrors) -> Option<BackupJob> {
        let server = self.scratch.check(usage_errors)?;
        let what = match (self.check, self.replace) {
            (true, _) => What::Check(server),
            (false, true) => What::Make(Existing::Replace),
            (false, false) => What::Make(Existing::Keep),
        };
        Some(BackupJob { file: self.file, what, json: self.json })
    }
}

impl BackupJob {
    /// Makes or checks the backup, and prints what it is.
    pub(crate) async fn run(self, settings: &Settings) -> anyhow::Result<()> {
        let began = Instant::now();
        let facts = match &self.what {
            What::Make(existing) => {
                let mut signals = StopSignals::listen()?;
                tokio::select! {
                    facts = make(settings, &self.file, *existing) => facts?,
                    signal = signals.next() => bail!("stopped by {signal}; no file was written"),
                }
            }
            What::Check(server) => check(&self.file, server.as_deref()).await?,
        };
        self.report(facts, began.elapsed().as_secs_f64())
    }

    fn report(&self, facts: BackupFacts, seconds: f64) -> anyhow::Result<()> {
        let BackupFacts { bytes, schema } = facts;
        if self.json {
            return output::json(&BackupAnswer {
                file: self.file.clone(),
                bytes,
                schema_version: schema.found,
                seconds: (seconds * 1_000.0).round() / 1_000.0,
            });
        }
        let done = match self.what {
            What::Make(_) => "written and checked",
            What::Check(_) => "checked",
        };
        output::result(format_args!(
            "{}: {}, schema version {}, {done} in {seconds:.1} seconds",
            self.file.display(),
            DecimalBytes(bytes),
            schema.found
        ))
    }
}

async fn make(settings: &Settings, file: &Path, existing: Existing) -> anyhow::Result<BackupFacts> {
    let store = match &settings.database {
        Database::Sqlite(path) => wiring::usable_path(path)?,
        Database::Postgres(options) => bail!(postgres::how_to_dump(options, file)),
    };
    let bar = Bar::new();
    let made = back_up(&SqliteOptions::new(store), file, existing, |progress| bar.show(progress)).await;
    bar.end();
    made.context("no backup was made")
}
