//! `loggia migrate`: the schema, brought up to date.

use anyhow::Context;
use clap::Args;
use loggia_sqlite::{SqliteOptions, SqliteStore};
use serde::Serialize;

use crate::output;
use crate::settings::Settings;
use crate::wiring::{self, OpenStore};

/// What `loggia migrate` takes.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct MigrateArgs {
    /// Print {"from","to"} instead of text
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct MigrateAnswer {
    from: i64,
    to: i64,
}

impl MigrateArgs {
    /// Applies what is missing and tells from where to where that went.
    pub(crate) async fn run(self, settings: &Settings) -> anyhow::Result<()> {
        let path = wiring::absolute(&settings.database)?;
        wiring::check_place(&path)?;
        let from = if path.exists() {
            let store = SqliteStore::open_existing(&SqliteOptions::new(&path)).await;
            let store = store.with_context(|| wiring::cannot_open(&path))?;
            let version = store.schema_version().await.with_context(|| wiring::cannot_open(&path))?;
            store.close().await;
            version.found
        } else {
            0
        };
        let open = OpenStore::prepare(&path).await?;
        let to = open.store.schema_version().await.with_context(|| wiring::cannot_open(&path))?.found;
        open.close().await;
        if self.json {
            return output::json(&MigrateAnswer { from, to });
        }
        let path = path.display();
        if from == to {
            output::result(format_args!("{path} is at version {to} already; nothing was to be done"))
        } else {
            output::result(format_args!("{path} went from version {from} to version {to}"))
        }
    }
}
