//! `cargo xtask conformance`: checks the running service against the document that it publishes, with external tools.
//!
//! Schemathesis generates requests from the document and checks the responses; Redocly and Spectral check the document itself; clients
//! that are generated from it compile and make the tour's calls. The tools' settings, and the programs that use the clients, are in
//! `conformance`; installed and generated files are in `target/conformance`.

mod clients;
mod linters;
mod paths;
mod report;
mod schemathesis;
mod service;
mod store;
mod toolbox;

use std::io::{self, Write};
use std::process::Command;
use std::thread;
use std::time::Instant;

use anyhow::{Result, ensure};

use self::paths::Paths;
use self::schemathesis::Effort;
use self::service::Service;
use self::store::Engine;
use crate::postgres::Postgres;

/// Runs all checks and stops at the first failure, except that every seed is tried even if others have failed. The short run has one seed
/// and few examples.
pub(crate) fn run(short: bool, postgres: &Postgres) -> Result<()> {
    let paths = Paths::prepare()?;
    let tools = step("tools", || toolbox::ready(&paths))?;
    paths.build_binary()?;
    let document = paths.document()?;
    let scratch = tempfile::tempdir_in(&paths.target)?;

    step("Redocly", || linters::redocly(&paths, &tools, &document))?;
    step("Spectral", || linters::spectral(&paths, &tools, &document))?;
    let typescript = step("client in TypeScript", || clients::typescript(&paths, &tools, &document))?;
    let python = step("client in Python", || clients::python(&paths, &tools, &document))?;
    let engines = [Engine::Sqlite, Engine::Postgres(postgres.url())];
    for engine in &engines {
        let service = Service::start(&paths, engine.store(scratch.path())?)?;
        step(&format!("tour in TypeScript, {engine}"), || typescript.tour(&tools, &service))?;
        step(&format!("tour in Python, {engine}"), || python.tour(&tools, &service))?;
        service.stop()?;
    }
    let seeds = if short { Effort::SHORT_SEEDS } else { Effort::SEEDS };
    let try_one = |engine: &Engine<'_>, seed: u32| -> Result<()> {
        let effort = Effort { seed, short };
        // Each seed gets an identical store, so that its run can be repeated alone.
        let service = Service::start(&paths, engine.store(scratch.path())?)?;
        let name = format!("Schemathesis, {engine}, seed {seed}");
        let requests = step(&name, || {
            schemathesis::run(&paths, &tools, &document, &service, effort, &engine.to_string())
        })?;
        writeln!(io::stdout(), "{name}: {requests} requests")?;
        service.stop()
    };
    let try_all = |engine: &Engine<'_>| -> Vec<String> {
        let failure =
            |seed: &u32| try_one(engine, *seed).err().map(|why| format!("{engine}, seed {seed}: {why:#}"));
        seeds.iter().filter_map(failure).collect()
    };
    // A run keeps one core busy, so both stores are checked at once.
    let failures = thread::scope(|scope| {
        let tried = engines.each_ref().map(|engine| scope.spawn(|| try_all(engine)));
        tried.map(|one| one.join().unwrap_or_else(|_| vec!["a run has panicked".to_owned()])).concat()
    });
    ensure!(failures.is_empty(), "Schemathesis has found something:\n{}", failures.join("\n"));
    Ok(())
}

/// Returns the pinned npm, and installs it if necessary.
pub(crate) fn npm() -> Result<Command> {
    Ok(toolbox::ready_for_npm(&Paths::prepare()?)?.npm())
}

/// Runs a step, and prints whether it succeeded and how long it took.
fn step<T>(name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    let started = Instant::now();
    let outcome = work();
    let word = if outcome.is_ok() { "ok" } else { "FAILED" };
    writeln!(io::stdout(), "{name}: {word} ({:.1} s)", started.elapsed().as_secs_f64())?;
    outcome
}
