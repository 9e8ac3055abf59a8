//! The figures of a run, as `cargo xtask crash` writes them into `docs/reliability.md`.

use std::fs::OpenOptions;
use std::io::Write;
use std::time::Duration;

use super::WRITERS;
use super::ledger::Ledger;
use crate::harness::Engine;

/// Appends a row of the table to the file that `CRASH_REPORT` names, if it is set.
#[expect(
    clippy::disallowed_methods,
    reason = "a setting of the test, which the program's settings do not concern"
)]
pub(super) fn write(engine: Engine, kills: usize, ledger: &Ledger, took: Duration, pauses: &mut [Duration]) {
    let Some(path) = std::env::var_os("CRASH_REPORT") else { return };
    pauses.sort_unstable();
    let milliseconds = |pause: Duration| pause.as_millis();
    let engine = match engine {
        Engine::Sqlite => "SQLite",
        Engine::Postgres => "Postgres",
    };
    let (counts, total) = (ledger.counts(), ledger.total());
    let row = format!(
        "| {engine} | {kills} | {WRITERS} | {total} | {:.0} | {} | {} | {} | {} ms, {} ms |\n",
        f64::from(u32::try_from(total).unwrap()) / took.as_secs_f64(),
        counts.unknown,
        counts.committed,
        counts.redone,
        milliseconds(pauses[pauses.len() / 2]),
        milliseconds(pauses[pauses.len() - 1]),
    );
    let mut file = OpenOptions::new().create(true).append(true).open(path).unwrap();
    file.write_all(row.as_bytes()).unwrap();
}
