//! Growth in the document: tables between two markers of its own, and curves beside it.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context, Result};

use super::goals::of_growth;
use super::result::{Backend, CALLS, Growth, GrowthSeries, Memory};
use crate::curves::{Curve, curves};
use crate::goals;
use crate::report::{goal_table, replaced};
use crate::result::Engine;
use crate::wrk::per;

const BEGIN: &str = "<!-- Written by `cargo xtask bench --growth`; changes here are lost. -->";
const END: &str = "<!-- End of what `cargo xtask bench --growth` writes. -->";

/// Writes the tables into the document, and the curves into the folder with its name beside it.
pub(super) fn write(growth: &Growth, document: &Path) -> Result<()> {
    let text = std::fs::read_to_string(document)
        .with_context(|| format!("{} cannot be read", document.display()))?;
    let text =
        replaced(&text, BEGIN, END, &tables(growth)).context("the document has no markers for growth")?;
    std::fs::write(document, text)?;
    let plots = document.with_extension("");
    std::fs::create_dir_all(&plots)?;
    for backend in &growth.backends {
        let name = backend.slug();
        let time = plot(growth, backend, "microseconds a call", GrowthSeries::micros);
        std::fs::write(plots.join(format!("growth-time-{name}.svg")), time)?;
        let pages = plot(growth, backend, "pages read by a call", |series| Some(series.pages));
        std::fs::write(plots.join(format!("growth-pages-{name}.svg")), pages)?;
    }
    Ok(())
}

fn size_labels(growth: &Growth) -> Vec<String> {
    growth
        .sizes
        .iter()
        .map(
            |size| {
                if size.thousands < 1_000 {
                    format!("{} 000", size.thousands)
                } else {
                    "1 000 000".to_owned()
                }
            },
        )
        .collect()
}

fn plot(growth: &Growth, backend: &Backend, of: &str, pick: fn(&GrowthSeries) -> Option<f64>) -> String {
    let curve = |call: &str| Curve {
        name: call.to_owned(),
        values: growth
            .sizes
            .iter()
            .map(|size| growth.find(backend, call, size.thousands).and_then(pick))
            .collect(),
    };
    curves(
        &format!("{}: {of}, over the number of tasks", backend.name()),
        &size_labels(growth),
        &CALLS.map(curve),
    )
}

fn tables(growth: &Growth) -> String {
    let (machine, load) = (&growth.machine, &growth.load);
    let mut text = format!(
        "Measured on {} ({} cores, Linux {}), with Postgres {} on the same machine: {} rounds of {} s at {} connections for each figure; \
         each service may open {} sessions on Postgres. Each store began with `loggia demo {}`.\n\n",
        machine.processor,
        machine.cores,
        machine.kernel,
        machine.postgres,
        load.rounds,
        load.seconds,
        load.connections,
        load.postgres_sessions,
        load.demo.join(" "),
    );
    text.push_str(&goal_table(&of_growth(growth)));
    let _ = write!(
        text,
        "\n| tasks | {} |\n|---|{}\n",
        size_labels(growth).join(" | "),
        "---|".repeat(growth.sizes.len())
    );
    let mut row = |name: &str, cells: Vec<String>| {
        // Writing to a `String` does not fail.
        let _ = writeln!(text, "| {name} | {} |", cells.join(" | "));
    };
    let sizes = &growth.sizes;
    row("organizations", sizes.iter().map(|size| size.thousands.to_string()).collect());
    row("people", sizes.iter().map(|size| size.people.to_string()).collect());
    row("projects", sizes.iter().map(|size| size.projects.to_string()).collect());
    row("spaces", sizes.iter().map(|size| size.spaces.to_string()).collect());
    row("members of the caller's organization", sizes.iter().map(|size| size.members.to_string()).collect());
    row("the caller's memberships", sizes.iter().map(|size| size.memberships.to_string()).collect());
    for backend in &growth.backends {
        let (name, file) = (backend.name(), backend.slug());
        let _ = write!(
            text,
            "\n#### {name}\n\n![Time](performance/growth-time-{file}.svg)\n\n![Pages](performance/growth-pages-{file}.svg)\n\n\
             | call | | {} |\n|---|---|{}\n",
            size_labels(growth).join(" | "),
            "---|".repeat(sizes.len())
        );
        for call in CALLS {
            text.push_str(&series_rows(growth, backend, call));
        }
        let of = |pick: fn(&Memory) -> u64| {
            cells(growth, |thousands| {
                let memory = growth
                    .memory
                    .iter()
                    .find(|memory| (&memory.backend, memory.thousands) == (backend, thousands));
                memory.map(|memory| per(pick(memory), 1_000_000))
            })
        };
        let _ = writeln!(text, "| the service's memory, MB | at rest | {} |", of(|memory| memory.at_rest));
        let _ = writeln!(text, "| | after the load | {} |", of(|memory| memory.after_load));
    }
    text
}

fn series_rows(growth: &Growth, backend: &Backend, call: &str) -> String {
    let of = |pick: fn(&GrowthSeries) -> Option<f64>| {
        cells(growth, |thousands| growth.find(backend, call, thousands).and_then(pick))
    };
    let mut text = format!("| {call} | µs | {} |\n", of(GrowthSeries::micros));
    text.push_str(&format!("| | of processor time, µs | {} |\n", of(GrowthSeries::cpu)));
    text.push_str(&format!("| | pages | {} |\n", of(|series| Some(series.pages))));
    if backend.engine == Engine::Postgres {
        text.push_str(&format!("| | rows | {} |\n", of(|series| series.rows)));
    }
    text
}

/// Formats a table cell for each size.
fn cells(growth: &Growth, value: impl Fn(u32) -> Option<f64>) -> String {
    let cell = |thousands| value(thousands).map_or_else(|| "–".to_owned(), |value| format!("{value:.0}"));
    growth.sizes.iter().map(|size| cell(size.thousands)).collect::<Vec<_>>().join(" | ")
}

/// Formats the goals and the tables for a terminal.
pub(super) fn text(growth: &Growth) -> String {
    let mut text = goals::lines(&of_growth(growth));
    for backend in &growth.backends {
        for call in CALLS {
            let _ = write!(text, "\n{}\n{}", backend.name(), series_rows(growth, backend, call));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::growth::copies::Size;
    use crate::growth::result::{GrowthLoad, Sized};
    use crate::result::{Machine, Round};

    fn growth() -> Growth {
        let round = |rate| Round { rate, failures: 0, server_cpu: 50.0, store_cpu: 0.0, p50: 1.0, p99: 2.0 };
        let series = |thousands, rate| GrowthSeries {
            backend: Backend::sqlite(),
            call: goals::GET.to_owned(),
            thousands,
            rounds: vec![round(rate); 3],
            pages: 7.0,
            rows: None,
        };
        let machine = Machine { processor: "p".into(), cores: 2, kernel: "k".into(), postgres: "15".into() };
        let load =
            GrowthLoad { rounds: 3, seconds: 2, connections: 16, demo: Vec::new(), postgres_sessions: 1 };
        let sizes = [10, 1_000].map(|thousands| Sized::new(Size { thousands }, 10)).to_vec();
        Growth {
            machine,
            load,
            backends: vec![Backend::sqlite()],
            sizes,
            series: vec![series(10, 1_000.0), series(1_000, 500.0)],
            memory: Vec::new(),
        }
    }

    #[test]
    fn twice_the_time_is_reported_and_misses_the_goal() {
        let text = tables(&growth());
        assert!(text.contains("| get one space | µs | 1000 | 2000 |\n"), "{text}");
        assert!(text.contains("| | pages | 7 | 7 |\n"), "{text}");
        assert!(
            text.contains(
                "1 000 000 tasks against 10 000, SQLite, time | ≤ 1.25 | 2.00 | 1.00 | **not met** |"
            ),
            "{text}"
        );
    }
}
