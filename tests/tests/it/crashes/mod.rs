//! The process is killed with SIGKILL again and again under 32 writers (promises B1 and B3). Every write has an `Idempotency-Key`. A writer
//! whose connection breaks cannot know the outcome, and sends the same request to the next process. Afterwards every write is stored once:
//! none that was acknowledged is lost, none was done twice, none by half.
//!
//! `cargo test` kills it a few times; `cargo xtask crash` kills the build of the image fifty times on each engine, and writes the figures
//! into `docs/reliability.md`.

mod gate;
mod ledger;
mod orders;
mod report;
mod rest;
mod writer;

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::harness::{
    Home, Picture, Server, TIMEOUT, await_the_end_of_its_sessions, note_all_uses, on_every_engine,
};
use gate::Gate;
use ledger::{Difference, Ledger};
use orders::Kind;
use writer::Writer;

on_every_engine!(no_write_is_lost_or_done_twice_or_by_half);

/// The number of simultaneous writers.
const WRITERS: usize = 32;
/// The number of kills in `cargo test`.
const A_FEW: usize = 3;
/// The number of kills beyond the wanted ones, after which a run fails in which a case of interest never came up.
const FURTHER: usize = 20;

/// The rounds of a run.
struct Rounds {
    /// The number of kills.
    kills: usize,
    /// A process is killed after fewer acknowledged writes than this.
    longest: usize,
}

impl Rounds {
    /// Returns the run that `cargo xtask crash` asks for, or else a short one.
    #[expect(
        clippy::disallowed_methods,
        reason = "a setting of the test, which the program's settings do not concern"
    )]
    fn wanted() -> Self {
        let kills = std::env::var("CRASH_KILLS").ok().map(|kills| kills.parse().unwrap());
        kills.map_or(Self { kills: A_FEW, longest: 120 }, |kills| Self { kills, longest: 3_000 })
    }

    /// Returns the number of acknowledged writes after which a process is killed: spread over the range, and the same in every run.
    fn acknowledged_before(&self, kill: usize) -> usize {
        WRITERS + kill.wrapping_mul(0x9E37_79B9) % self.longest
    }
}

fn no_write_is_lost_or_done_twice_or_by_half(home: Home) {
    let made = home.bootstrap("ada@example.com");
    let server = home.serve();
    let (gate, ledger) = (Gate::default(), Ledger::default());
    let (acknowledged, acknowledgements) = channel();
    let mut writers: Vec<_> = (0..WRITERS).map(|number| Writer::new(number, &server, &made)).collect();
    let alone = each_kind_alone(&home, &server, &mut writers[0]);
    note_all_uses(&home);
    let before = Picture::take(&home);
    let rounds = Rounds::wanted();
    let (mut kills, mut pauses) = (0, Vec::new());
    let started = Instant::now();
    let server = thread::scope(|scope| {
        let _closing = gate.closing_on_panic();
        for writer in writers {
            let (gate, ledger, acknowledged) = (&gate, &ledger, acknowledged.clone());
            scope.spawn(move || writer.write(gate, ledger, &acknowledged));
        }
        let mut server = server;
        while kills < rounds.kills || !ledger.has_seen_everything() {
            assert!(kills < rounds.kills + FURTHER, "a case never came up: {ledger:?}");
            gate.open(server.address());
            await_acknowledgements(&acknowledgements, rounds.acknowledged_before(kills));
            server.kill();
            let (_, printed) = server.end();
            assert!(!printed.contains("panicked"), "{printed}");
            kills += 1;
            await_the_end_of_its_sessions(&home);
            rest::assert_whole(&home);
            let restarted = Instant::now();
            server = home.serve();
            pauses.push(restarted.elapsed());
        }
        gate.open_for_the_last_time(server.address());
        server
    });
    let took = started.elapsed() - pauses.iter().sum::<Duration>();
    let (status, printed) = server.terminate();
    assert!(status.success(), "{printed}");
    rest::assert_whole(&home);
    let found: Difference = Picture::take(&home).since(&before).into_iter().collect();
    assert_eq!(found, ledger.times(&alone), "each write is stored once and whole");
    assert_eq!(
        rest::names_of_spaces(&home),
        ledger.names_of_spaces(),
        "the spaces with the names of the last change"
    );
    report::write(home.engine(), kills, &ledger, took, &mut pauses);
}

/// Does one write of each kind, and returns the difference that each makes.
fn each_kind_alone(home: &Home, server: &Server, writer: &mut Writer) -> BTreeMap<Kind, Difference> {
    let difference = |kind| {
        let before = Picture::take(home);
        writer.write_one(server, kind);
        (kind, Picture::take(home).since(&before).into_iter().collect())
    };
    Kind::ALL.map(difference).into_iter().collect()
}

fn await_acknowledgements(acknowledgements: &Receiver<()>, number: usize) {
    for _ in 0..number {
        acknowledgements.recv_timeout(TIMEOUT).unwrap();
    }
}
