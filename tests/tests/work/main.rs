//! The cost of six calls to the service, in instructions, counted by valgrind's callgrind, and in allocations. Neither depends on the speed
//! or the load of the machine. The counted build is unoptimised, as all test builds are: its counts are not those of production, but rise
//! and fall with them, and need no further build.
//!
//! `cargo xtask counts --update` writes the figures anew. The calls are counted in a separate process of this program, which runs nothing
//! else.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test's helpers may fail as loudly as the test"
)]

mod alone;
mod callgrind;
mod calls;
mod figures;

use std::alloc::System;

use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

use self::calls::{NAMES, Service};
use self::figures::Figures;

/// Counts the allocations of the whole process, in all threads.
#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// The number of requests of each call in a count.
const REQUESTS: usize = 12;

/// The number of counts, under callgrind, which is slow, and without. The minimum is taken, since a thread that happens to wait adds a
/// random amount.
const ROUNDS_OF_INSTRUCTIONS: usize = 3;
const ROUNDS_OF_ALLOCATIONS: usize = 20;

/// In the counting process, this test is what is counted.
#[test]
fn every_call_succeeds() {
    actix_web::rt::System::new().block_on(async {
        let service = Service::new().await;
        let mut lines = String::new();
        for name in NAMES {
            for _ in 0..alone::rounds() {
                let allocated = service.counted(name, REQUESTS).await;
                lines.push_str(&format!("{} {}\n", allocated.allocations, allocated.bytes_allocated));
            }
        }
        alone::tell(&lines);
    });
}

#[test]
fn each_call_allocates_as_often_as_the_committed_figures_say() {
    let counts = alone::run(None, ROUNDS_OF_ALLOCATIONS);
    let column = |at: usize| {
        let counted = counts.lines().map(|line| line.split(' ').nth(at).unwrap().parse().unwrap());
        each(&counted.collect::<Vec<u64>>(), ROUNDS_OF_ALLOCATIONS)
    };
    let counts = column(0).into_iter().zip(column(1));
    let counts = counts.map(|((name, times), (_, bytes))| (name, vec![times, bytes])).collect();
    Figures { file: "allocations.txt", units: &["allocations", "bytes"], tolerance: 5, counts }.compare();
}

#[test]
fn each_call_takes_as_many_instructions_as_the_committed_figures_say() {
    let totals = callgrind::totals(ROUNDS_OF_INSTRUCTIONS);
    // Each counted part lies between two parts of preparation; the first and last parts are the program's beginning and end.
    let counted: Vec<u64> =
        totals.into_iter().skip(1).step_by(2).take(NAMES.len() * ROUNDS_OF_INSTRUCTIONS).collect();
    let counts =
        each(&counted, ROUNDS_OF_INSTRUCTIONS).into_iter().map(|(name, count)| (name, vec![count])).collect();
    Figures { file: "instructions.txt", units: &["instructions"], tolerance: 3, counts }.compare();
}

/// Returns the minimum count of each call for one request, from the counts of all rounds of all calls.
fn each(counted: &[u64], rounds: usize) -> Vec<(String, u64)> {
    assert_eq!(counted.len(), NAMES.len() * rounds, "each round of each call is counted by itself");
    let least = counted.chunks(rounds).map(|rounds| rounds.iter().min().unwrap() / REQUESTS as u64);
    NAMES.iter().map(|name| (*name).to_owned()).zip(least).collect()
}
