//! Instruction counts by valgrind's callgrind.

use std::process::{Command, Stdio};

use crate::alone;

/// Returns the number of instructions of each part of the counting process, over all its threads. A part ends where counting a call begins
/// or ends.
pub(crate) fn totals(rounds: usize) -> Vec<u64> {
    let there = Command::new("valgrind").arg("--version").stdout(Stdio::null()).status();
    assert!(
        there.is_ok_and(|status| status.success()),
        "valgrind is not installed, which this test counts instructions with: on Debian and Ubuntu, run \
         `sudo apt-get install --yes valgrind`"
    );
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let arguments = [
        "--tool=callgrind".to_owned(),
        "--cache-sim=no".to_owned(),
        // Valgrind schedules waiting threads fairly.
        "--fair-sched=yes".to_owned(),
        "--dump-before=*calls::here_counting_begins_or_ends*".to_owned(),
        format!("--callgrind-out-file={}", out.display()),
    ];
    alone::run(Some(("valgrind", &arguments)), rounds);
    let parts = (1..).map(|part| format!("{}.{part}", out.display()));
    let texts = parts.map_while(|file| std::fs::read_to_string(file).ok());
    texts.map(|text| total(&text).expect("a part has a total")).collect()
}

/// Returns the total of a part.
fn total(part: &str) -> Option<u64> {
    part.lines().find_map(|line| line.strip_prefix("totals: "))?.trim().parse().ok()
}

#[test]
fn the_total_of_a_part_is_read() {
    assert_eq!(total("events: Ir\nfn=(1)\n3 4\n\ntotals: 1234\n"), Some(1234));
    assert_eq!(total("events: Ir\n"), None);
}
