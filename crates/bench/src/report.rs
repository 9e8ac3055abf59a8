//! The document: tables between two markers, and plots beside it. The text around the markers is kept.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context, Result};

use crate::goals::{self, Goal, goals};
use crate::result::{Engine, Results, Round, Series, Side, Summary};
use crate::svg::{Bar, Group, bars};

const BEGIN: &str = "<!-- Written by `cargo xtask bench`; changes here are lost. -->";
const END: &str = "<!-- End of what `cargo xtask bench` writes. -->";

/// Writes the tables into the document, and the plots into the folder with its name beside it.
pub(crate) fn write(results: &Results, document: &Path) -> Result<()> {
    let text = std::fs::read_to_string(document)
        .with_context(|| format!("{} cannot be read", document.display()))?;
    let plots = document.with_extension("");
    std::fs::create_dir_all(&plots)?;
    let text = replaced(&text, BEGIN, END, &tables(results)).context("the document has no markers")?;
    std::fs::write(document, text)?;
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let name = engine.name().to_lowercase();
        std::fs::write(plots.join(format!("throughput-{name}.svg")), throughput(results, engine))?;
        std::fs::write(plots.join(format!("latency-{name}.svg")), latency(results, engine))?;
    }
    Ok(())
}

/// Replaces the text between two markers; returns `None` if a marker is missing.
pub(crate) fn replaced(text: &str, begin: &str, end: &str, tables: &str) -> Option<String> {
    let (before, rest) = text.split_once(begin)?;
    let (_, after) = rest.split_once(end)?;
    Some(format!("{before}{begin}\n\n{tables}\n{end}{after}"))
}

fn tables(results: &Results) -> String {
    let (machine, load) = (&results.machine, &results.load);
    let mut text = format!(
        "Measured on {} ({} cores, Linux {}), with Postgres {} on the same machine: {} rounds of {} s for each figure, after \
         `loggia demo {}`; each server may open {} sessions on Postgres.\n\n",
        machine.processor,
        machine.cores,
        machine.kernel,
        machine.postgres,
        load.rounds,
        load.seconds,
        load.demo.join(" "),
        load.postgres_sessions,
    );
    text.push_str("### The goals\n\n");
    text.push_str(&goal_table(&goals(results)));
    text.push_str(&tails(results));
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let name = engine.name();
        let file = name.to_lowercase();
        let _ = write!(
            text,
            "\n### {name}\n\n![Throughput](performance/throughput-{file}.svg)\n\n![Latency](performance/latency-{file}.svg)\n\n\
             Closed loop: answers a second, and processor time of server and store for each. Open loop at half of the throughput \
             at 16 connections, latencies from when a request was due.\n\n\
             | call | by | connections | a second | spread | server µs | store µs | open loop p50 µs | p90 | p99 |\n\
             |---|---|---|---|---|---|---|---|---|---|\n"
        );
        for series in results.series.iter().filter(|series| series.engine == engine) {
            text.push_str(&row(series));
        }
    }
    text
}

/// Formats the ratio of the 99th percentile to the median for the service, the bare stack and the ceiling, at the same rate of requests:
/// the last one is due to the machine and the load generator.
fn tails(results: &Results) -> String {
    let load = &results.load;
    let mut text = format!(
        "\n### p99 against p50 in the open loop, each asked as often as the service\n\n\
         Of {} rounds of {} s the one whose ratio is in the middle.\n\n\
         | call | store | a second | service | bare stack | HTTP ceiling |\n|---|---|---|---|---|---|\n",
        load.rounds, load.open_seconds
    );
    for series in results.series.iter().filter(|series| series.side == Side::Service) {
        let Some(open) = series.open() else { continue };
        let ratio = |side| {
            let open = results.find(series.engine, side, &series.call, series.connections)?.open()?;
            Some(format!("{:.1} ({:.0} of {:.0} µs)", open.tail(), open.p99, open.p50))
        };
        let [service, bare, ceiling] = [Side::Service, Side::BareStack, Side::Ceiling]
            .map(|side| ratio(side).unwrap_or_else(|| "–".to_owned()));
        let (call, store, rate) = (&series.call, series.engine.name(), open.rate);
        let _ = writeln!(text, "| {call} | {store} | {rate:.0} | {service} | {bare} | {ceiling} |");
    }
    text
}

/// Formats goals with their results.
pub(crate) fn goal_table(goals: &[Goal]) -> String {
    let mut text = String::from(
        "| what | goal | found (median, least–most) | by processor time | |\n|---|---|---|---|---|\n",
    );
    for goal in goals {
        let found = goal.found.map_or_else(|| "–".to_owned(), spread);
        let mark = if goal.met { "met" } else { "**not met**" };
        // Writing to a `String` does not fail.
        let cpu = goal.by_cpu.map_or_else(String::new, |ratio| format!("{ratio:.2}"));
        let _ = writeln!(text, "| {} | {} | {found} | {cpu} | {mark} |", goal.what, goal.goal);
    }
    text
}

fn row(series: &Series) -> String {
    let median = |pick: fn(&Round) -> f64| {
        Summary::from_samples(series.rounds.iter().map(pick)).map_or(0.0, |summary| summary.median)
    };
    let spread = series.rate().map_or(0.0, |rate| (rate.max - rate.min) / rate.median.max(0.001) * 100.0);
    let open = series.open().map_or_else(
        || "| | ".to_owned(),
        |open| format!("{:.0} | {:.0} | {:.0}", open.p50, open.p90, open.p99),
    );
    format!(
        "| {} | {} | {} | {:.0} | {spread:.0} % | {:.0} | {:.0} | {open} |\n",
        series.call,
        word(series.side),
        series.connections,
        median(|round| round.rate),
        median(|round| round.server_cpu),
        median(|round| round.store_cpu),
    )
}

fn word(side: Side) -> &'static str {
    match side {
        Side::Service => "service",
        Side::BareStack => "bare stack",
        Side::Limit => "limit",
        Side::Ceiling => "HTTP ceiling",
    }
}

fn spread(found: Summary) -> String {
    if (found.max - found.min).abs() < f64::EPSILON {
        return format!("{:.2}", found.median);
    }
    format!("{:.2} ({:.2}–{:.2})", found.median, found.min, found.max)
}

/// Draws the rates of the service, the bare stack and the limit, for calls with all three.
fn throughput(results: &Results, engine: Engine) -> String {
    let groups = [goals::GET, goals::LIST, goals::MEMBERS, goals::CREATE].map(|call| {
        let connections = if call == goals::CREATE { goals::create_at(engine) } else { 16 };
        let bar = |side| {
            let rate = results.find(engine, side, call, connections)?.rate()?;
            Some(Bar { name: word(side), value: rate.median })
        };
        let sides = [Side::Service, Side::BareStack, Side::Limit];
        Group { name: format!("{call}, {connections}"), bars: sides.into_iter().filter_map(bar).collect() }
    });
    bars(&format!("{}: answers a second", engine.name()), &groups)
}

/// Draws the latencies of the open loop for every call.
fn latency(results: &Results, engine: Engine) -> String {
    let of_service =
        results.series.iter().filter(|series| series.engine == engine && series.side == Side::Service);
    let groups: Vec<Group> = of_service
        .filter_map(|series| {
            let open = series.open()?;
            let bars = vec![Bar { name: "p50", value: open.p50 }, Bar { name: "p99", value: open.p99 }];
            Some(Group { name: format!("{}, {:.0}/s", series.call, open.rate), bars })
        })
        .collect();
    bars(&format!("{}: microseconds at half of capacity", engine.name()), &groups)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_text_between_the_markers_is_replaced() {
        let old = format!("before\n{BEGIN}\nold\n{END}\nafter\n");
        let new = replaced(&old, BEGIN, END, "new\n").unwrap();
        assert_eq!(new, format!("before\n{BEGIN}\n\nnew\n\n{END}\nafter\n"));
        assert_eq!(replaced("no markers", BEGIN, END, "new"), None);
    }
}
