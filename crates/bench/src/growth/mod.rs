//! Growth: what reads cost as a store grows from a thousand tasks to a million. Every size is a store of its own with a service of its own,
//! and each call is measured of all sizes in turn, so that whatever else the machine does meets all of them.

mod copies;
mod fill_postgres;
mod fill_sqlite;
mod pages;
mod report;
mod result;
mod stores;

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use tokio::runtime::Runtime;

use self::copies::Size;
pub(crate) use self::result::Growth;
use self::result::{GrowthLoad, GrowthSeries, Memory, Sized};
use self::stores::{DEMO, DEMO_SPACES, Store};
use crate::cell::{measure, store_micros};
use crate::process::{Server, resident_bytes};
use crate::request::Call;
use crate::result::Engine;
use crate::scene::Scene;
use crate::stage::serve;
use crate::{goals, machine, say, warm_up};

/// What it is told.
#[derive(Args, Debug)]
pub(crate) struct GrowthArgs {
    /// The program that is measured
    #[arg(long)]
    loggia: PathBuf,
    /// A server of Postgres for its superuser, with pg_stat_statements loaded
    #[arg(long)]
    postgres_url: String,
    /// Its first process
    #[arg(long)]
    postgres_pid: u32,
    /// Up to ten thousand tasks only, and with a wider spread
    #[arg(long)]
    quick: bool,
    /// Where the results are kept, as JSON
    #[arg(long)]
    out: PathBuf,
    /// The document whose tables and plots are written anew
    #[arg(long)]
    document: Option<PathBuf>,
}

/// What is measured: reads, for those are what a store's size could make slower.
pub(crate) const CALLS: [&str; 7] =
    [goals::GET, goals::LIST, goals::DEEP, goals::PROJECT, goals::PROJECTS, goals::MEMBERS, goals::TASKS];

/// How many sessions each service may open on Postgres: four services share the server.
const SESSIONS: u32 = 32;

fn load(quick: bool) -> (GrowthLoad, Vec<Size>) {
    let thousands = if quick { &[1, 10][..] } else { &[1, 10, 100, 1_000] };
    let (rounds, seconds) = if quick { (2, 1) } else { (3, 2) };
    let demo = DEMO.map(str::to_owned).to_vec();
    let load = GrowthLoad { rounds, seconds, connections: 16, demo, postgres_sessions: SESSIONS };
    (load, thousands.iter().map(|thousands| Size { thousands: *thousands }).collect())
}

/// A store of one size behind its service.
struct Stage {
    store: Store,
    server: Server,
    calls: Vec<Call>,
    at_rest: u64,
}

impl Stage {
    fn set(args: &GrowthArgs, store: Store) -> Result<Self> {
        let sessions = (store.engine == Engine::Postgres).then_some(SESSIONS);
        let server = serve(&args.loggia, &store.url, sessions)?;
        let at_rest = resident_bytes(server.pid())?;
        let mut calls = Scene::only_read(&server.address, &store.key)?.calls;
        calls.retain(|call| CALLS.contains(&call.name));
        warm_up::run(&server.address, &calls)?;
        Ok(Self { store, server, calls, at_rest })
    }
}

/// Fills the stores, measures, writes the results down and tells how they stand to the goals.
pub(crate) fn run(args: &GrowthArgs) -> Result<()> {
    let (load, sizes) = load(args.quick);
    let folder = tempfile::tempdir()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let machine = runtime.block_on(machine::describe(&args.postgres_url))?;
    let mut filled = stores::sqlite(&args.loggia, folder.path(), &sizes)?;
    filled.extend(runtime.block_on(stores::postgres(&args.loggia, &args.postgres_url, &sizes))?);

    say("setting the stages");
    let stages: Vec<Stage> =
        filled.into_iter().map(|store| Stage::set(args, store)).collect::<Result<_>>()?;
    let mut series = Vec::new();
    for stage in &stages {
        for call in &stage.calls {
            let (engine, thousands) = (stage.store.engine, stage.store.size.thousands);
            let call = call.name.to_owned();
            series.push(GrowthSeries { engine, call, thousands, rounds: Vec::new(), pages: 0.0, rows: None });
        }
    }
    for round in 1..=load.rounds {
        say(&format!("round {round} of {}: {} series", load.rounds, series.len()));
        for call in CALLS {
            for stage in &stages {
                let found = stage.calls.iter().find(|known| known.name == call);
                let known = series.iter_mut().find(|series| stage.is_of(series) && series.call == call);
                let (Some(found), Some(series)) = (found, known) else { continue };
                let store_cpu = || store_micros(stage.store.engine, args.postgres_pid);
                let (connections, seconds) = (load.connections, load.seconds);
                series.rounds.push(measure(&stage.server, found, connections, seconds, 0, store_cpu)?);
            }
        }
    }
    let memory = stages.iter().map(memory).collect::<Result<_>>()?;
    say("counting pages");
    for stage in &stages {
        count_pages(args, &runtime, stage, &mut series)?;
    }
    let sizes = sizes.iter().map(|size| Sized::new(*size, DEMO_SPACES));
    let growth = Growth { machine, load, sizes: sizes.collect(), series, memory };
    std::fs::write(&args.out, serde_json::to_vec_pretty(&growth)?)?;
    say(&report::text(&growth));
    args.document.as_ref().map_or(Ok(()), |document| report::write(&growth, document))
}

impl Stage {
    fn is_of(&self, series: &GrowthSeries) -> bool {
        (series.engine, series.thousands) == (self.store.engine, self.store.size.thousands)
    }
}

fn memory(stage: &Stage) -> Result<Memory> {
    Ok(Memory {
        engine: stage.store.engine,
        thousands: stage.store.size.thousands,
        at_rest: stage.at_rest,
        after_load: resident_bytes(stage.server.pid())?,
    })
}

fn count_pages(
    args: &GrowthArgs,
    runtime: &Runtime,
    stage: &Stage,
    series: &mut [GrowthSeries],
) -> Result<()> {
    for call in &stage.calls {
        let (pages, rows) = match stage.store.engine {
            Engine::Sqlite => (pages::of_file(&args.loggia, &stage.store, call)?, None),
            Engine::Postgres => {
                let counted = pages::of_server(&args.postgres_url, &stage.store, &stage.server, call);
                let (pages, rows) = runtime.block_on(counted)?;
                (pages, Some(rows))
            }
        };
        for series in series.iter_mut().filter(|series| stage.is_of(series) && series.call == call.name) {
            (series.pages, series.rows) = (pages, rows);
        }
    }
    Ok(())
}
