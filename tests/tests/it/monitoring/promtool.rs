//! The linter of Prometheus.

use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::harness::root;

/// Runs promtool. Returns whether it succeeded, and its output.
pub(super) fn promtool(arguments: &[&str], input: Option<&str>) -> (bool, String) {
    let mut command = Command::new("promtool");
    command.args(arguments).current_dir(root().join("docs/operations"));
    let started = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = started.unwrap_or_else(|error| {
        panic!(
            "promtool, which the package `prometheus` of Debian and Ubuntu has, could not be started: {error}"
        )
    });
    let mut stdin = child.stdin.take().unwrap();
    // It may end before it has read everything.
    let _ = stdin.write_all(input.unwrap_or_default().as_bytes());
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&said).into_owned())
}
