//! `cargo xtask test`: one list of checks for continuous integration and for developers.

mod jobs;
mod programs;
mod servers;

use std::cell::{Cell, OnceCell};
use std::io::{self, Write};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use crate::postgres::versions;
use crate::prepare::Description;
use crate::workspace;
use programs::Programs;
use servers::{Servers, is_ci};

/// A check with its name.
struct Part<'a> {
    name: &'static str,
    run: Box<dyn Fn() -> Result<()> + 'a>,
}

impl<'a> Part<'a> {
    fn new(name: &'static str, run: impl Fn() -> Result<()> + 'a) -> Self {
        Self { name, run: Box::new(run) }
    }
}

/// Runs the parts in order, and stops at the first that fails.
pub(crate) fn run() -> Result<()> {
    // Downloads of servers take as long as the build's first crates, and hardly any processor time. What fails here fails again in the part
    // that starts Postgres, which reports it.
    let download = Cell::new(Some(thread::spawn(|| versions::find().is_ok())));
    // All parts share the servers, which stop when this function returns.
    let servers = OnceCell::new();
    let running = || servers.get().context("the part that starts Postgres comes first");
    let programs = OnceCell::new();
    let built = || programs.get().context("the part that builds the programs comes first");
    let parts = [
        Part::new("tools", crate::tools::ensure),
        Part::new("formatting", || {
            cargo(&["fmt", "--all", "--check"], &[])?;
            cargo(&["fmt", "--all", "--check", "--manifest-path", "examples/Cargo.toml"], &[])
        }),
        // Feature unification can hide a feature that the domain needs and does not request; alone, it must still build.
        Part::new("the domain alone", || cargo(&["check", "--locked", "--package", "loggia-domain"], &[])),
        Part::new("programs", || programs.set(Programs::build()?).ok().context("they are built once")),
        Part::new("postgres", || {
            let _ = download.take().map(thread::JoinHandle::join);
            servers.set(Servers::get()?).ok().context("they are started once")
        }),
        // While it compiles for clippy, the query macros describe the SQL statements once more.
        Part::new("clippy, descriptions", || {
            let description = Description::begin(running()?.once())?;
            let arguments =
                ["clippy", "--locked", "--workspace", "--all-targets", "--", "--deny", "warnings"];
            cargo(&arguments, &description.environment()?)?;
            description.check()
        }),
        // These tests include the dependencies between the crates, the schema's rules and the tour of the built binary.
        Part::new("tests", || jobs::run(built()?.jobs(running()?)?)),
        Part::new("timed tests", || built()?.run_timed(running()?)),
        Part::new("examples in docs", || cargo(&["test", "--locked", "--workspace", "--doc"], &[])),
        Part::new("documentation", || {
            cargo(&["doc", "--locked", "--workspace", "--no-deps"], &[("RUSTDOCFLAGS", "--deny warnings")])
        }),
        Part::new("public interface", || crate::api::run(false)),
        Part::new("conformance", || crate::conformance::run(true, running()?.once())),
        Part::new("versions", || running()?.conclude(is_ci())),
    ];
    run_parts(&parts, &mut io::stdout())
}

fn run_parts(parts: &[Part<'_>], out: &mut impl Write) -> Result<()> {
    let mut times = Vec::with_capacity(parts.len());
    let mut outcome = Ok(());
    for part in parts {
        writeln!(out, "\n== {} ==", part.name)?;
        let started = Instant::now();
        let result = (part.run)();
        times.push((part.name, started.elapsed()));
        if let Err(error) = result {
            outcome = Err(error.context(format!("failed: {}", part.name)));
            break;
        }
    }
    write!(out, "{}", table(&times))?;
    outcome
}

/// Returns a table with the duration of each part and the total.
fn table(times: &[(&str, Duration)]) -> String {
    let total = times.iter().map(|(_, time)| *time).sum();
    let rows = times.iter().copied().chain([("all", total)]);
    let rows = rows.map(|(name, time)| format!("{name:<20}{:>8.1} s\n", time.as_secs_f64()));
    format!("\n{}", rows.collect::<String>())
}

/// Runs cargo at the root of the workspace, with its output passed through.
fn cargo(arguments: &[&str], environment: &[(&str, &str)]) -> Result<()> {
    let mut command = Command::new("cargo");
    command.args(arguments).envs(environment.iter().copied()).current_dir(workspace::root()?);
    let status = command.status().context("cargo could not be started")?;
    ensure!(status.success(), "`cargo {}` ended with {status}", arguments.join(" "));
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use anyhow::bail;

    use super::*;

    #[test]
    fn the_first_part_that_fails_is_the_last_and_is_named() {
        let ran = RefCell::new(Vec::new());
        let part = |name: &'static str, fails: bool| {
            let ran = &ran;
            Part::new(name, move || {
                ran.borrow_mut().push(name);
                if fails { bail!("it is Monday") } else { Ok(()) }
            })
        };
        let parts = [part("one", false), part("two", true), part("three", false)];
        let mut out = Vec::new();
        let error = run_parts(&parts, &mut out).unwrap_err();
        assert_eq!(format!("{error:#}"), "failed: two: it is Monday");
        assert_eq!(*ran.borrow(), ["one", "two"]);
        let out = String::from_utf8(out).unwrap();
        assert!(out.contains("== two ==") && !out.contains("three"), "{out}");
    }

    #[test]
    fn the_table_ends_with_the_sum() {
        let times = [("formatting", Duration::from_millis(1_250)), ("tests", Duration::from_secs(61))];
        let expected = "\nformatting               1.2 s\ntests                   61.0 s\nall                     62.2 s\n";
        assert_eq!(table(&times), expected);
    }
}
