//! `cargo xtask conformance`: the running service held against the document that it publishes, by tools that others wrote.
//!
//! Schemathesis makes up requests from the document and looks at the answers; Redocly and Spectral judge the document itself; clients
//! that are generated from it compile and do what the tour does. Their settings, and the programs that use the clients, are in
//! `conformance`; what is installed and generated is in `target/conformance`.

mod clients;
mod linters;
mod places;
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

use self::places::Places;
use self::schemathesis::Effort;
use self::service::Service;
use self::store::Engine;
use crate::postgres::Postgres;

/// Runs all of it; the first thing that does not hold ends it, but that each seed is tried whatever the others have found. The short
/// run has one seed and few examples.
pub(crate) fn run(short: bool, postgres: &Postgres) -> Result<()> {
    let places = Places::prepare()?;
    let tools = step("tools", || toolbox::ready(&places))?;
    places.build_binary()?;
    let document = places.document()?;
    let scratch = tempfile::tempdir_in(&places.target)?;

    step("Redocly", || linters::redocly(&places, &tools, &document))?;
    step("Spectral", || linters::spectral(&places, &tools, &document))?;
    let typescript = step("client in TypeScript", || clients::typescript(&places, &tools, &document))?;
    let python = step("client in Python", || clients::python(&places, &tools, &document))?;
    let engines = [Engine::Sqlite, Engine::Postgres(postgres.url())];
    for engine in &engines {
        let service = Service::start(&places, engine.store(scratch.path())?)?;
        step(&format!("tour in TypeScript, {engine}"), || typescript.tour(&tools, &service))?;
        step(&format!("tour in Python, {engine}"), || python.tour(&tools, &service))?;
        service.stop()?;
    }
    let seeds = if short { Effort::SHORT_SEEDS } else { Effort::SEEDS };
    let try_one = |engine: &Engine<'_>, seed: u32| -> Result<()> {
        let effort = Effort { seed, short };
        // Each seed finds the same store, so that a run can be repeated alone.
        let service = Service::start(&places, engine.store(scratch.path())?)?;
        let name = format!("Schemathesis, {engine}, seed {seed}");
        let requests = step(&name, || {
            schemathesis::run(&places, &tools, &document, &service, effort, &engine.to_string())
        })?;
        writeln!(io::stdout(), "{name}: {requests} requests")?;
        service.stop()
    };
    let try_all = |engine: &Engine<'_>| -> Vec<String> {
        let failure =
            |seed: &u32| try_one(engine, *seed).err().map(|why| format!("{engine}, seed {seed}: {why:#}"));
        seeds.iter().filter_map(failure).collect()
    };
    // It keeps one core busy, so both stores are tried at once.
    let failures = thread::scope(|scope| {
        let tried = engines.each_ref().map(|engine| scope.spawn(|| try_all(engine)));
        tried.map(|one| one.join().unwrap_or_else(|_| vec!["a run has panicked".to_owned()])).concat()
    });
    ensure!(failures.is_empty(), "Schemathesis has found something:\n{}", failures.join("\n"));
    Ok(())
}

/// Returns the pinned npm, which it installs unless it is there already.
pub(crate) fn npm() -> Result<Command> {
    Ok(toolbox::ready_for_npm(&Places::prepare()?)?.npm())
}

/// Tells what was done and how long it took.
fn step<T>(name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    let started = Instant::now();
    let outcome = work();
    let word = if outcome.is_ok() { "ok" } else { "FAILED" };
    writeln!(io::stdout(), "{name}: {word} ({:.1} s)", started.elapsed().as_secs_f64())?;
    outcome
}
