//! Cells: one call at one number of connections, of the service or of a program that it is compared with.

use std::thread;
use std::time::Duration;

use anyhow::Result;

use crate::goals;
use crate::limit::pgbench::{PgBench, Statement};
use crate::limit::sqlite::{Loop, SqliteLimit};
use crate::process::{Server, cpu_micros, with_children};
use crate::request::Call;
use crate::result::{Engine, Load, Round, Series, Side};
use crate::scene;
use crate::stage::Stage;
use crate::wrk::{self, per};

/// A cell of the tables.
pub(crate) struct Cell<'a> {
    pub(crate) stage: &'a Stage,
    pub(crate) side: Side,
    call: String,
    pub(crate) connections: u32,
    pub(crate) subject: Subject<'a>,
}

/// The program that is measured in a cell.
pub(crate) enum Subject<'a> {
    Server(&'a Server, &'a Call),
    PgBench(&'a PgBench, Statement),
    Sqlite(&'a SqliteLimit, Loop),
}

/// The programs that measure the limits of both stores.
pub(crate) struct Limits {
    pub(crate) pgbench: PgBench,
    pub(crate) sqlite: SqliteLimit,
}

/// Returns what the limits run instead of a call.
fn instead(call: &str) -> Option<(Statement, Loop)> {
    match call {
        goals::GET => Some((Statement::Space, Loop::Space)),
        goals::LIST => Some((Statement::Spaces, Loop::Spaces)),
        goals::MEMBERS => Some((Statement::Roster, Loop::Roster)),
        goals::CREATE => Some((Statement::Insert, Loop::Insert)),
        _ => None,
    }
}

/// Returns all cells of calls whose names contain `only`; cells that are compared are next to each other.
pub(crate) fn cells<'a>(
    load: &Load,
    only: &str,
    stages: [&'a Stage; 2],
    limits: &'a Limits,
) -> Vec<Cell<'a>> {
    let mut cells = Vec::new();
    for stage in stages {
        for call in stage.scene.calls.iter().filter(|call| call.name.contains(only)) {
            let mut connections = load.connections.clone();
            if call.name == goals::CREATE {
                connections.push(goals::create_at(stage.engine));
                connections.sort_unstable();
                connections.dedup();
            }
            for connections in connections {
                cells.extend(beside_each_other(stage, call, connections, limits));
            }
        }
    }
    cells
}

fn beside_each_other<'a>(
    stage: &'a Stage,
    call: &'a Call,
    connections: u32,
    limits: &'a Limits,
) -> Vec<Cell<'a>> {
    let cell = |side, call: &str, subject| Cell { stage, side, call: call.to_owned(), connections, subject };
    let mut cells = vec![cell(Side::Service, call.name, Subject::Server(&stage.service, call))];
    let Some((statement, work)) = instead(call.name) else { return cells };
    if !call.writes {
        cells.push(cell(Side::BareStack, call.name, Subject::Server(&stage.bare, call)));
        cells.push(cell(Side::Ceiling, call.name, Subject::Server(&stage.ceiling, call)));
    }
    cells.push(match stage.engine {
        Engine::Postgres => cell(Side::Limit, call.name, Subject::PgBench(&limits.pgbench, statement)),
        Engine::Sqlite => cell(Side::Limit, call.name, Subject::Sqlite(&limits.sqlite, work)),
    });
    if (stage.engine, call.name) == (Engine::Postgres, goals::GET) {
        let subject = Subject::PgBench(&limits.pgbench, Statement::PrimaryKey);
        cells.push(cell(Side::Limit, goals::PRIMARY_KEY, subject));
    }
    cells
}

impl Cell<'_> {
    /// Returns the cell's series, without results yet.
    pub(crate) fn series(&self) -> Series {
        Series {
            engine: self.stage.engine,
            side: self.side,
            call: self.call.clone(),
            connections: self.connections,
            rounds: Vec::new(),
            opens: Vec::new(),
        }
    }

    /// Measures the cell once. `first` is the first of the numbers in its requests.
    pub(crate) fn measure(&self, load: &Load, postmaster: u32, first: u64) -> Result<Round> {
        let store_cpu = || store_micros(self.stage.engine, postmaster);
        let store_before = store_cpu();
        let nothing = Round { rate: 0.0, failures: 0, server_cpu: 0.0, store_cpu: 0.0, p50: 0.0, p99: 0.0 };
        match &self.subject {
            Subject::Server(server, call) => {
                self.prepare(call)?;
                measure(server, call, self.connections, load.seconds, first, store_cpu)
            }
            Subject::PgBench(pgbench, statement) => {
                let rate = pgbench.run(*statement, self.connections, load.seconds)?;
                // The processor time of a session is added to its parent's when it ends, a little after pgbench does.
                thread::sleep(Duration::from_millis(200));
                let micros = store_cpu().saturating_sub(store_before);
                Ok(Round { rate, store_cpu: each(micros, rate, load), ..nothing })
            }
            Subject::Sqlite(limit, work) => {
                let own = [std::process::id()];
                let before = cpu_micros(&own);
                let rate = limit.run(*work, Duration::from_secs(load.seconds.into()))?;
                Ok(Round { rate, store_cpu: each(cpu_micros(&own) - before, rate, load), ..nothing })
            }
        }
    }

    /// Undoes what an earlier series of the call may have left.
    pub(crate) fn prepare(&self, call: &Call) -> Result<()> {
        if call.name == scene::MEMBERSHIPS {
            self.stage.scene.reset(&self.stage.service.address)
        } else {
            Ok(())
        }
    }
}

/// Returns the processor time that a store's own processes have used, in microseconds.
fn store_micros(engine: Engine, postmaster: u32) -> u64 {
    match engine {
        Engine::Postgres => database_micros(postmaster),
        Engine::Sqlite => 0,
    }
}

/// Returns the processor time that a Postgres server has used, in microseconds.
pub(crate) fn database_micros(postmaster: u32) -> u64 {
    cpu_micros(&with_children(postmaster))
}

/// Measures one call of one server once, in a closed loop.
pub(crate) fn measure(
    server: &Server,
    call: &Call,
    connections: u32,
    seconds: u32,
    first: u64,
    store_cpu: impl Fn() -> u64,
) -> Result<Round> {
    let (server_before, store_before) = (cpu_micros(&[server.pid()]), store_cpu());
    let closed = wrk::run(&server.address, call, connections, seconds, first)?;
    Ok(Round {
        rate: closed.rate(),
        failures: closed.failures,
        server_cpu: per(cpu_micros(&[server.pid()]) - server_before, closed.good()),
        store_cpu: per(store_cpu().saturating_sub(store_before), closed.good()),
        p50: closed.p50,
        p99: closed.p99,
    })
}

/// Returns the processor time for each request, in microseconds.
fn each(micros: u64, rate: f64, load: &Load) -> f64 {
    per(micros, 1) / (rate * f64::from(load.seconds)).max(1.0)
}
