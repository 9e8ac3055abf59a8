//! The whole run: all cells in turn, round by round, so that other load on the machine affects all of them.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Result;
use clap::Args;

use crate::cell::{Limits, Subject, cells};
use crate::limit::pgbench::PgBench;
use crate::limit::sqlite::SqliteLimit;
use crate::process::resident_bytes;
use crate::result::{Engine, Footprint, Load, Results, Series, Side};
use crate::stage::{Demo, Stage, fill, serve};
use crate::{goals, machine, open_loop, report, say};

/// The arguments of a run.
#[derive(Args, Debug)]
pub(crate) struct RunArgs {
    /// The program to measure
    #[arg(long)]
    loggia: PathBuf,
    /// The URL of a Postgres server, as a user who may create databases
    #[arg(long)]
    postgres_url: String,
    /// The process id of its postmaster
    #[arg(long)]
    postgres_pid: u32,
    /// The program pgbench, of the same version
    #[arg(long, default_value = "pgbench")]
    pgbench: PathBuf,
    /// Take a few minutes instead of a quarter of an hour, with a wider spread
    #[arg(long)]
    quick: bool,
    /// Measure only the calls whose names contain this text
    #[arg(long, default_value = "")]
    only: String,
    /// The file for the results, as JSON
    #[arg(long)]
    out: PathBuf,
    /// The document whose tables and plots are rewritten
    #[arg(long)]
    document: Option<PathBuf>,
}

/// The number of sessions that each server may open on Postgres, half of them for reading: enough for one write per connection.
const SESSIONS: u32 = 64;
/// The number of starts of the program that are timed.
const STARTS: usize = 5;
/// The distance between the first numbers of two measurements.
const NUMBERS: u64 = 10_000_000;

fn load(quick: bool) -> Load {
    let demo = ["--people", "50", "--projects", "1000", "--tasks", "20000", "--spaces", "12000"];
    Load {
        rounds: 3,
        seconds: if quick { 1 } else { 2 },
        connections: if quick { vec![16] } else { vec![1, 16, 64] },
        open_seconds: if quick { 1 } else { 2 },
        demo: demo.map(str::to_owned).to_vec(),
        postgres_sessions: SESSIONS,
    }
}

/// Measures, writes the results, and compares them with the goals.
pub(crate) fn run(args: &RunArgs) -> Result<()> {
    let load = load(args.quick);
    let folder = tempfile::tempdir()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let machine = runtime.block_on(machine::describe(&args.postgres_url))?;

    say("filling the stores");
    let sqlite_url = format!("sqlite://{}", folder.path().join("loggia.db").display());
    let postgres_url = runtime.block_on(machine::new_database(&args.postgres_url))?;
    let sqlite_demo = fill(&args.loggia, &sqlite_url, &load.demo)?;
    let postgres_demo = fill(&args.loggia, &postgres_url, &load.demo)?;
    let copy = folder.path().join("limit.db");
    std::fs::copy(folder.path().join("loggia.db"), &copy)?;

    let mut footprint = Footprint { binary: std::fs::metadata(&args.loggia)?.len(), ..Footprint::default() };
    for _ in 0..STARTS {
        let server = serve(&args.loggia, &sqlite_url, None)?;
        footprint.cold_starts.push(server.start.as_secs_f64() * 1_000.0);
    }
    let sqlite = serve(&args.loggia, &sqlite_url, None)?;
    let postgres = serve(&args.loggia, &postgres_url, Some(SESSIONS))?;
    footprint.at_rest_sqlite = resident_bytes(sqlite.pid())?;
    footprint.at_rest_postgres = resident_bytes(postgres.pid())?;

    say("setting the stages");
    // The number that the service has by default: two for each processor, at most 32.
    let readers = u32::try_from(machine.cores)?.saturating_mul(2).min(32);
    let sqlite = Stage::set(Engine::Sqlite, sqlite, &sqlite_url, &sqlite_demo, readers, folder.path())?;
    let postgres =
        Stage::set(Engine::Postgres, postgres, &postgres_url, &postgres_demo, SESSIONS / 2, folder.path())?;
    runtime.block_on(machine::settle(&postgres_url))?;
    let limits =
        limits(&args.pgbench, &copy, &postgres_url, (&sqlite, &sqlite_demo), (&postgres, &postgres_demo))?;

    let mut numbers = (1..).map(|run: u64| run * NUMBERS);
    let mut next = || numbers.next().unwrap_or_default();
    let cells = cells(&load, &args.only, [&sqlite, &postgres], &limits);
    let mut series: Vec<Series> = cells.iter().map(crate::cell::Cell::series).collect();
    for round in 1..=load.rounds {
        say(&format!("round {round} of {}: {} series", load.rounds, cells.len()));
        for (cell, series) in cells.iter().zip(&mut series) {
            series.rounds.push(cell.measure(&load, args.postgres_pid, next())?);
        }
    }
    say("the open loop");
    let of_service = |series: &&Series| series.side == Side::Service && series.connections == OPEN_AT;
    let rates: Vec<_> = series
        .iter()
        .filter(of_service)
        .filter_map(|series| Some((series.engine, series.call.clone(), series.rate()?.median / 2.0)))
        .collect();
    for _ in 1..=load.rounds {
        for (cell, series) in cells.iter().zip(&mut series) {
            let Subject::Server(server, call) = &cell.subject else { continue };
            if cell.connections != OPEN_AT {
                continue;
            }
            // The others get requests at the service's rate: their ratios show the effect of the machine and the load generator.
            let known =
                rates.iter().find(|(engine, call, _)| (*engine, call) == (series.engine, &series.call));
            let Some((_, _, rate)) = known else { continue };
            let duration = Duration::from_secs(load.open_seconds.into());
            cell.prepare(call)?;
            series.opens.push(open_loop::run(&server.address, call, *rate, duration, next())?);
        }
    }
    footprint.after_load_sqlite = resident_bytes(sqlite.service.pid())?;
    footprint.after_load_postgres = resident_bytes(postgres.service.pid())?;
    let results = Results { machine, load, series, footprint };
    std::fs::write(&args.out, serde_json::to_vec_pretty(&results)?)?;
    say(&goals::text(&results));
    args.document.as_ref().map_or(Ok(()), |document| report::write(&results, document))
}

/// The number of connections whose throughput is halved for the rate of the open loop.
const OPEN_AT: u32 = 16;

fn limits(
    pgbench: &Path,
    copy: &Path,
    postgres_url: &str,
    (sqlite, sqlite_demo): (&Stage, &Demo),
    (postgres, postgres_demo): (&Stage, &Demo),
) -> Result<Limits> {
    let (user, scope) = (&postgres_demo.user_id, &postgres_demo.organization_id);
    let (project, spaces) = (&postgres.scene.project_id, &postgres.scene.space_ids);
    let pgbench = PgBench::new(pgbench, postgres_url, user, scope, project, spaces)?;
    let (user, scope) = (&sqlite_demo.user_id, &sqlite_demo.organization_id);
    let (project, spaces) = (&sqlite.scene.project_id, &sqlite.scene.space_ids);
    Ok(Limits { pgbench, sqlite: SqliteLimit::open(copy, user, scope, project, spaces)? })
}
