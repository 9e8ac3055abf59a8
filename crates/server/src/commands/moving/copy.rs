//! `loggia copy`: copies a whole instance into another store.

use std::collections::BTreeMap;
use std::time::Instant;

use anyhow::Context;
use clap::Args;
use loggia_moving::{Beginning, CopyReport, copy};
use serde::Serialize;

use super::{bar, pace, show};
use crate::database::Database;
use crate::output;
use crate::usage_errors::{Checked, UsageErrors, checked};
use crate::wiring::moving;

/// The arguments of `loggia copy`.
#[derive(Args, Debug)]
pub(crate) struct CopyArgs {
    /// The store to copy, sqlite:// or postgres:// with the login that owns the tables
    ///
    /// Pass a password in the environment, since other users can see the command line.
    #[arg(long, env = "LOGGIA_COPY_FROM", value_name = "URL", value_parser = checked(Database::parse), hide_env_values = true)]
    from: Checked<Database>,
    /// The store to fill, which must be empty: a new file, or a database with the login that owns it
    #[arg(long, env = "LOGGIA_COPY_TO", value_name = "URL", value_parser = checked(Database::parse), hide_env_values = true)]
    to: Checked<Database>,
    /// Print the counts and checksums as JSON instead of text
    #[arg(long)]
    json: bool,
}

/// A copy with valid arguments.
#[derive(Debug)]
pub(crate) struct CopyJob {
    from: Database,
    to: Database,
    json: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CopyAnswer {
    continued: bool,
    rows: u64,
    rows_found: u64,
    tables: BTreeMap<&'static str, TableAnswer>,
    seconds: f64,
    rows_per_second: f64,
}

#[derive(Serialize)]
struct TableAnswer {
    rows: u64,
    sha256: String,
}

impl CopyArgs {
    /// Checks the arguments.
    pub(crate) fn check(self, usage_errors: &mut UsageErrors) -> Option<CopyJob> {
        let (from, to) = (usage_errors.take(self.from), usage_errors.take(self.to));
        let (from, to) = (from?, to?);
        if from.to_string() == to.to_string() {
            usage_errors.check::<(), _>("--to", Err("must name another store than --from"))?;
        }
        Some(CopyJob { from, to, json: self.json })
    }
}

impl CopyJob {
    /// Copies, and compares the two stores.
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        let began = Instant::now();
        let mut source = moving::source(&self.from).await.context("the source cannot be copied")?;
        let mut target = moving::target(&self.to).await.context("nothing can be copied into the target")?;
        let bar = bar();
        let copied = copy(&mut *source, &mut *target, &|progress| show(&bar, progress)).await;
        bar.finish_and_clear();
        let copied = copied.with_context(|| format!("{} was not copied to {}", self.from, self.to))?;
        self.report(&copied, began.elapsed().as_secs_f64())
    }

    fn report(&self, copied: &CopyReport, seconds: f64) -> anyhow::Result<()> {
        let rows: u64 = copied.tables.iter().map(|(_, digest)| digest.rows).sum();
        let continued = copied.beginning == Beginning::Continued;
        let rows_per_second = pace(rows.saturating_sub(copied.found), seconds);
        if self.json {
            let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            let table = |digest: &loggia_moving::Digest| TableAnswer {
                rows: digest.rows,
                sha256: hex(&digest.sha256),
            };
            return output::json(&CopyAnswer {
                continued,
                rows,
                rows_found: copied.found,
                tables: copied.tables.iter().map(|(name, digest)| (*name, table(digest))).collect(),
                seconds: (seconds * 1_000.0).round() / 1_000.0,
                rows_per_second,
            });
        }
        let again = if continued {
            format!(" An interrupted copy was continued, of which {} rows were there.", copied.found)
        } else {
            String::new()
        };
        output::result(format_args!(
            "{} was copied to {} in {seconds:.1} seconds: {rows} rows, {rows_per_second:.0} a second.{again}\nThe number and the \
             checksum of the rows of every table are the same in both. Do not serve the two at the same time.",
            self.from, self.to,
        ))
    }
}
