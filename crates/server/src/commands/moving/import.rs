//! `loggia import`: reads an archive of one organization.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::Context;
use clap::Args;
use loggia_domain::system::{SystemClock, SystemSecrets, UuidV7};
use loggia_moving::{Imported, Machine, import, verify};
use serde::Serialize;

use super::{bar, show};
use crate::output;
use crate::settings::Settings;
use crate::wiring::moving;

/// The arguments of `loggia import`.
#[derive(Args, Debug)]
pub(crate) struct ImportArgs {
    /// The archive, as `loggia export` writes it
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Print the counts as JSON instead of text
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ImportAnswer {
    organization_id: String,
    rows: BTreeMap<&'static str, u64>,
    new_accounts: u64,
    known_accounts: u64,
    seconds: f64,
}

impl ImportArgs {
    /// Verifies the archive and writes its rows.
    pub(crate) async fn run(self, settings: &Settings) -> anyhow::Result<()> {
        let began = Instant::now();
        let cannot = || format!("{} was not imported", self.file.display());
        let open =
            || File::open(&self.file).with_context(|| format!("{} cannot be opened", self.file.display()));
        let bar = bar();
        let shown = bar.clone();
        let verified = verify(open()?, move |progress| show(&shown, progress)).await.with_context(cannot)?;
        let organization = verified.organization();
        let writer = moving::importer(&settings.database, organization).await?;
        let shown = bar.clone();
        let machine = Machine { clock: &SystemClock, ids: &UuidV7, secrets: &SystemSecrets };
        let imported =
            import(open()?, verified, writer, machine, move |progress| show(&shown, progress)).await;
        bar.finish_and_clear();
        self.report(organization.to_string(), &imported.with_context(cannot)?, began.elapsed().as_secs_f64())
    }

    fn report(&self, organization_id: String, imported: &Imported, seconds: f64) -> anyhow::Result<()> {
        let Imported { tables, new_accounts, known_accounts } = imported;
        if self.json {
            return output::json(&ImportAnswer {
                organization_id,
                rows: tables.iter().copied().collect(),
                new_accounts: *new_accounts,
                known_accounts: *known_accounts,
                seconds: (seconds * 1_000.0).round() / 1_000.0,
            });
        }
        let counts: Vec<_> = tables.iter().map(|(table, rows)| format!("{rows} {table}")).collect();
        output::result(format_args!(
            "The organization {organization_id} was imported in {seconds:.1} seconds: {}. {new_accounts} accounts are new, \
             {known_accounts} were here already.\nNobody has an API key for it yet, and invitations have to be sent again: \
             `loggia keys create` makes a key.",
            counts.join(", "),
        ))
    }
}
