//! The closed loop: `wrk` sends the next request on a connection as soon as the response has arrived.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

use crate::request::{Call, DIGITS};

/// The result of a closed loop.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Closed {
    /// All responses, including refusals.
    requests: u64,
    /// Refusals, responses that never arrived, and broken connections.
    pub(crate) failures: u64,
    microseconds: u64,
    pub(crate) p50: f64,
    pub(crate) p99: f64,
}

impl Closed {
    /// Returns the successful responses per second.
    pub(crate) fn rate(&self) -> f64 {
        let good = self.requests.saturating_sub(self.failures);
        per(good, self.microseconds) * 1_000_000.0
    }

    /// Returns the number of successful responses.
    pub(crate) fn good(&self) -> u64 {
        self.requests.saturating_sub(self.failures)
    }
}

/// Returns the ratio of two numbers, for display: beyond 2^53 it is not exact.
#[expect(clippy::cast_precision_loss, reason = "nobody reads that many digits")]
pub(crate) fn per(part: u64, whole: u64) -> f64 {
    part as f64 / whole.max(1) as f64
}

/// Sends a call's requests over `connections` connections for `seconds` seconds. `first` is the first of the numbers in them.
pub(crate) fn run(address: &str, call: &Call, connections: u32, seconds: u32, first: u64) -> Result<Closed> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("call.lua");
    std::fs::write(&file, script(call, first))?;
    run_script(address, &file, connections, seconds).with_context(|| format!("while measuring {}", call.name))
}

fn run_script(address: &str, file: &Path, connections: u32, seconds: u32) -> Result<Closed> {
    let output = Command::new("wrk")
        .args(["--threads", "1", "--connections", &connections.to_string()])
        .args(["--duration", &format!("{seconds}s"), "--timeout", "10s", "--script"])
        .arg(file)
        .arg(format!("http://{address}/"))
        .output()
        .context("wrk could not be started")?;
    let text = String::from_utf8_lossy(&output.stdout);
    ensure!(output.status.success(), "wrk ended with {}: {text}", output.status);
    let line = text.lines().rfind(|line| line.starts_with('{')).context("wrk reported no result")?;
    serde_json::from_str(line).with_context(|| format!("wrk reported {line}"))
}

/// Returns the script by which wrk sends the requests. It only concatenates texts, since it runs on the same cores as the server.
fn script(call: &Call, first: u64) -> String {
    let mut script = String::from("local heads, tails = {}, {}\n");
    for (at, request) in call.requests.iter().enumerate() {
        let tail = request.tail.as_ref().map_or_else(|| "false".to_owned(), |tail| quoted(tail));
        // Writing to a `String` does not fail.
        let _ = writeln!(script, "heads[{0}], tails[{0}] = {1}, {tail}", at + 1, quoted(&request.head));
    }
    let _ = write!(
        script,
        r#"local at, number = 0, {first}
request = function()
  at = at % #heads + 1
  local tail = tails[at]
  if tail then
    number = number + 1
    return heads[at] .. string.format("%0{DIGITS}d", number) .. tail
  end
  return heads[at]
end
done = function(summary, latency)
  local errors = summary.errors
  local failures = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format('\n{{"requests":%d,"failures":%d,"microseconds":%d,"p50":%.1f,"p99":%.1f}}\n',
    summary.requests, failures, summary.duration, latency:percentile(50), latency:percentile(99)))
end
"#
    );
    script
}

/// Quotes a text as a Lua string.
fn quoted(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\r', "\\r").replace('\n', "\\n");
    format!("\"{escaped}\"")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::Request;

    #[test]
    fn a_script_has_every_request_on_a_line() {
        let requests = vec![Request::new("POST", "/x", "k", "", Some(r#"{"name":"{n}"}"#)); 2];
        let script = script(&Call { name: "x", requests, writes: true }, 5);
        assert!(script.contains(r#"heads[2], tails[2] = "POST /x HTTP/1.1\r\nHost"#), "{script}");
        assert!(script.contains(r#"{\"name\":\"", "\"}""#), "{script}");
        assert!(script.contains("number = 0, 5") && script.contains("%012d"), "{script}");
    }

    #[test]
    fn refusals_are_not_counted_as_throughput() {
        let output = r#"{"requests":300,"failures":100,"microseconds":2000000,"p50":1.5,"p99":2.0}"#;
        let closed: Closed = serde_json::from_str(output).unwrap();
        assert!((closed.rate() - 100.0).abs() < 1e-9);
    }
}
