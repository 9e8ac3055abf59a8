//! Growth: the cost of reads as a store grows from a thousand tasks to a million. Every size has a store and a service of its own, and
//! each call is measured on all sizes in turn, so that other load on the machine affects all of them.

mod copies;
mod fill_postgres;
mod fill_sqlite;
mod goals;
mod pages;
mod report;
mod result;
mod stores;

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};
use clap::Args;
use tokio::runtime::Runtime;

use self::copies::Size;
use self::result::{Backend, CALLS, Growth, GrowthLoad, GrowthSeries, Memory, Sized};
use self::stores::{DEMO, DEMO_SPACES, Store};
use crate::cell::{database_micros, measure};
use crate::process::{Server, resident_bytes};
use crate::request::Call;
use crate::scene::Scene;
use crate::stage::serve;
use crate::{machine, say, warm_up};

/// The arguments of a run.
#[derive(Args, Debug)]
pub(crate) struct GrowthArgs {
    /// The program to measure
    #[arg(long)]
    loggia: PathBuf,
    /// The URL of a Postgres server, as its superuser, with pg_stat_statements loaded; one or more
    #[arg(long, required = true)]
    postgres_url: Vec<String>,
    /// The process id of each server's postmaster, in the same order
    #[arg(long, required = true)]
    postgres_pid: Vec<u32>,
    /// Measure stores of up to ten thousand tasks only, with a wider spread
    #[arg(long)]
    quick: bool,
    /// The file for the results, as JSON
    #[arg(long)]
    out: PathBuf,
    /// The document whose tables and plots are rewritten
    #[arg(long)]
    document: Option<PathBuf>,
}

/// The number of sessions that each service may open on Postgres: four services share the server.
const SESSIONS: u32 = 32;

/// A Postgres server.
#[derive(Clone)]
struct Database {
    url: String,
    pid: u32,
}

fn load(quick: bool) -> (GrowthLoad, Vec<Size>) {
    let thousands = if quick { &[1, 10][..] } else { &[1, 10, 100, 1_000] };
    let (rounds, seconds) = if quick { (2, 1) } else { (3, 2) };
    let demo = DEMO.map(str::to_owned).to_vec();
    let load = GrowthLoad { rounds, seconds, connections: 16, demo, postgres_sessions: SESSIONS };
    (load, thousands.iter().map(|thousands| Size { thousands: *thousands }).collect())
}

/// A store of one size with its service.
struct Stage {
    store: Store,
    /// The server of the store; `None` for SQLite.
    database: Option<Database>,
    server: Server,
    calls: Vec<Call>,
    at_rest: u64,
}

impl Stage {
    fn set(loggia: &Path, store: Store, database: Option<Database>) -> Result<Self> {
        let sessions = database.is_some().then_some(SESSIONS);
        let server = serve(loggia, &store.url, sessions)?;
        let at_rest = resident_bytes(server.pid())?;
        let mut calls = Scene::only_read(&server.address, &store.key)?.calls;
        calls.retain(|call| CALLS.contains(&call.name));
        warm_up::run(&server.address, &calls)?;
        Ok(Self { store, database, server, calls, at_rest })
    }
}

/// Fills the stores, measures, writes the results, and compares them with the goals.
pub(crate) fn run(args: &GrowthArgs) -> Result<()> {
    let (load, sizes) = load(args.quick);
    let folder = tempfile::tempdir()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    ensure!(args.postgres_url.len() == args.postgres_pid.len(), "each server has a URL and a process");
    let servers = args.postgres_url.iter().zip(&args.postgres_pid);
    let servers: Vec<Database> = servers.map(|(url, pid)| Database { url: url.clone(), pid: *pid }).collect();
    let mut machine = runtime.block_on(machine::describe(&args.postgres_url[0]))?;
    let filled = stores::sqlite(&args.loggia, folder.path(), &sizes)?;
    let mut filled: Vec<(Store, Option<Database>)> = filled.into_iter().map(|store| (store, None)).collect();
    for server in &servers {
        let stores = runtime.block_on(stores::postgres(&args.loggia, &server.url, &sizes))?;
        filled.extend(stores.into_iter().map(|store| (store, Some(server.clone()))));
    }
    let mut backends: Vec<Backend> = filled.iter().map(|(store, _)| store.backend.clone()).collect();
    backends.dedup();
    let versions: Vec<&str> = backends.iter().filter_map(|backend| backend.version.as_deref()).collect();
    machine.postgres = versions.join(" and ");

    say("setting the stages");
    let stages = filled.into_iter().map(|(store, database)| Stage::set(&args.loggia, store, database));
    let stages: Vec<Stage> = stages.collect::<Result<_>>()?;
    let mut series = Vec::new();
    for stage in &stages {
        for call in &stage.calls {
            let (backend, thousands) = (stage.store.backend.clone(), stage.store.size.thousands);
            let call = call.name.to_owned();
            series.push(GrowthSeries {
                backend,
                call,
                thousands,
                rounds: Vec::new(),
                pages: 0.0,
                rows: None,
            });
        }
    }
    for round in 1..=load.rounds {
        say(&format!("round {round} of {}: {} series", load.rounds, series.len()));
        for call in CALLS {
            for stage in &stages {
                let found = stage.calls.iter().find(|known| known.name == call);
                let known = series.iter_mut().find(|series| stage.is_of(series) && series.call == call);
                let (Some(found), Some(series)) = (found, known) else { continue };
                let store_cpu =
                    || stage.database.as_ref().map_or(0, |database| database_micros(database.pid));
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
    let growth = Growth { machine, load, backends, sizes: sizes.collect(), series, memory };
    std::fs::write(&args.out, serde_json::to_vec_pretty(&growth)?)?;
    say(&report::text(&growth));
    args.document.as_ref().map_or(Ok(()), |document| report::write(&growth, document))
}

impl Stage {
    fn is_of(&self, series: &GrowthSeries) -> bool {
        (&series.backend, series.thousands) == (&self.store.backend, self.store.size.thousands)
    }
}

fn memory(stage: &Stage) -> Result<Memory> {
    Ok(Memory {
        backend: stage.store.backend.clone(),
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
        let (pages, rows) = match &stage.database {
            None => (pages::of_file(&args.loggia, &stage.store, call)?, None),
            Some(database) => {
                let counted = pages::of_server(&database.url, &stage.store, &stage.server, call);
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
