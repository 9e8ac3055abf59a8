//! `cargo xtask test`: what the continuous integration runs and what anyone can run at their desk are one list.

use std::cell::OnceCell;
use std::io::{self, Write};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use loggia_testpg::URL_VARIABLE;

use crate::postgres::Postgres;

/// One thing that must hold.
struct Part<'a> {
    name: &'static str,
    run: Box<dyn Fn() -> Result<()> + 'a>,
}

impl<'a> Part<'a> {
    fn new(name: &'static str, run: impl Fn() -> Result<()> + 'a) -> Self {
        Self { name, run: Box::new(run) }
    }
}

/// Runs every part; the first that fails is the last.
pub(crate) fn run() -> Result<()> {
    // Stops when this function ends: all parts share it.
    let postgres = OnceCell::new();
    let running = || postgres.get().context("the part that starts Postgres comes first");
    let parts = [
        Part::new("postgres", || postgres.set(Postgres::get()?).ok().context("it is started once")),
        Part::new("tools", crate::tools::ensure),
        Part::new("formatting", || cargo(&["fmt", "--all", "--check"], &[])),
        // Feature unification hides a feature that the domain needs and does not ask for; alone, it must still build.
        Part::new("the domain alone", || cargo(&["check", "--locked", "--package", "loggia-domain"], &[])),
        Part::new("query descriptions", || crate::prepare::run(true, running()?)),
        Part::new("clippy", || {
            cargo(&["clippy", "--locked", "--workspace", "--all-targets", "--", "--deny", "warnings"], &[])
        }),
        // The arrows between the crates, the schema's rules and the tour of the built binary are tests among these.
        Part::new("tests", || {
            cargo(&["test", "--locked", "--workspace"], &[(URL_VARIABLE, running()?.url())])
        }),
        // The second program around the domain is only proof of anything if it runs.
        Part::new("embedding example", || {
            cargo(&["run", "--locked", "--package", "loggia-domain", "--example", "embed"], &[])
        }),
        Part::new("documentation", || {
            cargo(&["doc", "--locked", "--workspace", "--no-deps"], &[("RUSTDOCFLAGS", "--deny warnings")])
        }),
        Part::new("conformance", || crate::conformance::run(true, running()?)),
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

/// How long each part took, and all of them together.
fn table(times: &[(&str, Duration)]) -> String {
    let total = times.iter().map(|(_, time)| *time).sum();
    let rows = times.iter().copied().chain([("all", total)]);
    let rows = rows.map(|(name, time)| format!("{name:<20}{:>8.1} s\n", time.as_secs_f64()));
    format!("\n{}", rows.collect::<String>())
}

/// Runs cargo at the root of the workspace; what it says goes straight through.
fn cargo(arguments: &[&str], environment: &[(&str, &str)]) -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut command = Command::new("cargo");
    command.args(arguments).envs(environment.iter().copied()).current_dir(root);
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
