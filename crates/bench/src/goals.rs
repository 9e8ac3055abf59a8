//! The results compared with the goals.

use std::fmt::Write as _;

use crate::open_loop::Open;
use crate::result::{Engine, Results, Series, Side, Summary};

/// The names of calls that have goals.
pub(crate) const GET: &str = "get one space";
pub(crate) const LIST: &str = "list 20 spaces";
pub(crate) const MEMBERS: &str = "list members";
/// The 500th page, by its cursor.
pub(crate) const DEEP: &str = "list 20 spaces, cursor page 500";
pub(crate) const PROJECT: &str = "get one project";
pub(crate) const PROJECTS: &str = "list 20 projects";
pub(crate) const TASKS: &str = "list 20 tasks, flat";
pub(crate) const CREATE: &str = "create a space";
/// The name of pgbench's own kind of read.
pub(crate) const PRIMARY_KEY: &str = "primary-key select";
/// Returns the number of connections at which writing is compared.
pub(crate) fn create_at(engine: Engine) -> u32 {
    match engine {
        Engine::Sqlite => 64,
        Engine::Postgres => 32,
    }
}

/// A goal and its result.
pub(crate) struct Goal {
    pub(crate) what: String,
    pub(crate) goal: String,
    pub(crate) found: Option<Summary>,
    /// The ratio in processor time, if known: on a machine that is used otherwise too, it is steadier than rates.
    pub(crate) by_cpu: Option<f64>,
    pub(crate) met: bool,
}

impl Goal {
    /// Adds the ratio of the processor times for a response: `other`'s to `one`'s, so that it compares as the ratio of their rates does.
    fn by_cpu(self, one: Option<&Series>, other: Option<&Series>) -> Self {
        let ratio = one.zip(other).and_then(|(one, other)| Some(other.cpu()? / one.cpu()?.max(0.001)));
        Self { by_cpu: ratio, ..self }
    }
}

fn at_least(what: String, goal: f64, found: Option<Summary>) -> Goal {
    let met = found.is_some_and(|found| found.median >= goal);
    Goal { what, goal: format!("≥ {goal}"), found, by_cpu: None, met }
}

/// Creates a goal that is met by the value or less.
pub(crate) fn at_most(what: String, goal: f64, found: Option<Summary>) -> Goal {
    let met = found.is_some_and(|found| found.median <= goal);
    Goal { what, goal: format!("≤ {goal}"), found, by_cpu: None, met }
}

/// Returns all goals, with the ratios of this run.
pub(crate) fn goals(results: &Results) -> Vec<Goal> {
    let engines = [Engine::Sqlite, Engine::Postgres];
    let find = |engine, side, call, connections| results.find(engine, side, call, connections);
    let mut goals = Vec::new();
    let mut compare = |what: String, goal, one, other| {
        goals.push(at_least(what, goal, results.ratio(one, other)).by_cpu(one, other));
    };
    for call in [GET, LIST, MEMBERS] {
        for engine in engines {
            let what = format!("{call} against the bare stack, {}, 16", engine.name());
            let (one, other) =
                (find(engine, Side::Service, call, 16), find(engine, Side::BareStack, call, 16));
            compare(what, 0.85, one, other);
        }
    }
    let get = |engine| find(engine, Side::Service, GET, 16);
    let key = find(Engine::Postgres, Side::Limit, PRIMARY_KEY, 16);
    let what = "get one against pgbench's primary-key select, Postgres, 16";
    compare(what.to_owned(), 0.5, get(Engine::Postgres), key);
    let ceiling = find(Engine::Sqlite, Side::Ceiling, GET, 16);
    compare("get one against the HTTP ceiling, SQLite, 16".to_owned(), 0.4, get(Engine::Sqlite), ceiling);
    for (engine, goal, limit) in
        [(Engine::Postgres, 0.5, "pgbench's single insert"), (Engine::Sqlite, 8.0, "one fsync per write")]
    {
        let at = create_at(engine);
        let (one, other) = (find(engine, Side::Service, CREATE, at), find(engine, Side::Limit, CREATE, at));
        compare(format!("create a space against {limit}, {}, {at}", engine.name()), goal, one, other);
    }
    for engine in engines {
        let plain = find(engine, Side::Service, "list 100 spaces", 16);
        let all = find(engine, Side::Service, "list 100 spaces, include=all", 16);
        let found = results.ratio(plain, all);
        goals.push(at_most(
            format!("include=all on 100 spaces against plain, {}, time", engine.name()),
            2.0,
            found,
        ));
    }
    for engine in engines {
        for call in [GET, LIST, MEMBERS, PROJECT, PROJECTS] {
            let opens = find(engine, Side::Service, call, 16).map_or(&[][..], |series| &series.opens);
            // Refusals are quick, but they are no successful responses.
            let is_whole = opens.iter().all(|open| open.failures == 0);
            let found = Summary::from_samples(opens.iter().map(Open::tail)).filter(|_| is_whole);
            goals.push(at_most(format!("p99 against p50, open loop, {call}, {}", engine.name()), 6.0, found));
        }
    }
    let footprint = &results.footprint;
    let megabytes = |bytes: u64| Summary::from_samples([crate::wrk::per(bytes, 1_000_000)]);
    goals.push(at_most("memory at rest, SQLite, MB".into(), 20.0, megabytes(footprint.at_rest_sqlite)));
    goals.push(at_most("memory at rest, Postgres, MB".into(), 20.0, megabytes(footprint.at_rest_postgres)));
    goals.push(at_most("memory after load, SQLite, MB".into(), 60.0, megabytes(footprint.after_load_sqlite)));
    goals.push(at_most(
        "memory after load, Postgres, MB".into(),
        60.0,
        megabytes(footprint.after_load_postgres),
    ));
    goals.push(at_most("binary, MB".into(), 25.0, megabytes(footprint.binary)));
    let starts = Summary::from_samples(footprint.cold_starts.iter().copied());
    goals.push(at_most("cold start to the first 200, SQLite, ms".into(), 100.0, starts));
    goals
}

/// Formats the goals and every series for a terminal.
pub(crate) fn text(results: &Results) -> String {
    let mut text = lines(&goals(results));
    for series in &results.series {
        let median = |pick: fn(&crate::result::Round) -> f64| {
            Summary::from_samples(series.rounds.iter().map(pick)).map_or(0.0, |summary| summary.median)
        };
        let failures: u64 = series.rounds.iter().map(|round| round.failures).sum();
        let _ = write!(
            text,
            "\n{:<9} {:<10} {:<36} {:>3}  {:>9.0}/s  cpu {:>6.0} + {:>6.0} µs  p50 {:>7.0} p99 {:>8.0}",
            series.engine.name(),
            format!("{:?}", series.side),
            series.call,
            series.connections,
            median(|round| round.rate),
            median(|round| round.server_cpu),
            median(|round| round.store_cpu),
            median(|round| round.p50),
            median(|round| round.p99),
        );
        if failures > 0 {
            let _ = write!(text, "  {failures} failures");
        }
        if let Some(open) = series.open() {
            let _ = write!(
                text,
                "\n{:>62} open {:>7.0}/s p50 {:>6.0} p90 {:>6.0} p99 {:>6.0} max {:>7.0} failures {}",
                "", open.rate, open.p50, open.p90, open.p99, open.max, open.failures
            );
        }
    }
    text
}

/// Formats goals, one a line.
pub(crate) fn lines(goals: &[Goal]) -> String {
    let mut text = String::new();
    for goal in goals {
        let found = goal.found.map_or_else(
            || "-".to_owned(),
            |found| format!("{:.2} ({:.2}–{:.2})", found.median, found.min, found.max),
        );
        let mark = if goal.met { "met" } else { "NOT" };
        // Writing to a `String` does not fail.
        let cpu = goal.by_cpu.map_or_else(String::new, |ratio| format!("  by processor time {ratio:.2}"));
        let _ = writeln!(text, "{mark} {:<66} {:>7}  {found}{cpu}", goal.what, goal.goal);
    }
    text
}
