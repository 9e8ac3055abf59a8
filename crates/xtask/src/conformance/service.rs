//! The running service, with two separate organizations.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::paths::Paths;
use super::store::Store;

/// The longest time that a start may take on a busy machine.
const TIMEOUT: Duration = Duration::from_secs(60);

/// A shell that ends the service when its input ends: on request, or when this process is killed.
const GUARD: &str = r#"
"$@" </dev/null &
service=$!
trap '' HUP INT TERM
read -r _
trap - HUP INT TERM
kill "$service"
(sleep 30; kill -KILL "$service") >/dev/null 2>&1 </dev/null &
deadline=$!
wait "$service"
status=$?
kill "$deadline"
exit "$status"
"#;

/// A running service. Dropping this ends it.
pub(super) struct Service {
    guard: Child,
    pub(super) url: String,
    /// The key of an admin of an organization full of data.
    pub(super) ada: String,
    /// The key of an admin of another organization.
    pub(super) eve: String,
    // Dropped after the guard, and so when the service has ended.
    _store: Store,
}

/// The output of a command that creates a user.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Made {
    api_key: String,
}

impl Service {
    /// Fills the store and serves it.
    pub(super) fn start(paths: &Paths, store: Store) -> Result<Self> {
        let ada: Made = asked(paths, &store, ADA)?;
        let eve: Made = asked(paths, &store, EVE)?;
        let mut command = Command::new("sh");
        command.args(["-c", GUARD, "guard"]).arg(&paths.binary).args(["serve", "--listen", "127.0.0.1:0"]);
        command
            .env("LOGGIA_DATABASE_URL", store.url())
            .env("LOGGIA_LOG", "info")
            // Schemathesis tries invalid keys by the hundred, and no client needs the drain.
            .env("LOGGIA_FAILED_AUTHENTICATIONS_PER_MINUTE", "off")
            .env("LOGGIA_DRAIN_SECONDS", "0")
            .env("LOGGIA_LOG_FORMAT", "json");
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut guard = command.spawn().context("sh could not be started")?;
        let log = guard.stderr.take().context("the log is a pipe")?;
        // If the address does not come, this is dropped and so ends the service.
        let mut service =
            Self { guard, url: String::new(), ada: ada.api_key, eve: eve.api_key, _store: store };
        let address = address(log).recv_timeout(TIMEOUT);
        service.url = format!("http://{}", address.context("the service does not say where it listens")?);
        Ok(service)
    }

    /// Ends the service, and fails unless it exits successfully.
    pub(super) fn stop(mut self) -> Result<()> {
        let status = self.end()?;
        ensure!(status.success(), "the service ended with {status}");
        Ok(())
    }

    fn end(&mut self) -> std::io::Result<std::process::ExitStatus> {
        drop(self.guard.stdin.take());
        self.guard.wait()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // An error could not be handled here.
        let _ = self.end();
    }
}

const ADA: &[&str] =
    &["demo", "--json", "--people", "30", "--projects", "10", "--tasks", "50", "--spaces", "60"];

const EVE: &[&str] = &[
    "bootstrap",
    "--json",
    "--organization",
    "Far Away",
    "--email",
    "eve@example.com",
    "--first-name",
    "Eve",
    "--last-name",
    "Moneypenny",
];

/// Runs a command of the service and parses its output.
fn asked<T: DeserializeOwned>(paths: &Paths, store: &Store, arguments: &[&str]) -> Result<T> {
    let output = paths.loggia().args(arguments).env("LOGGIA_DATABASE_URL", store.url()).output()?;
    let complaint = String::from_utf8_lossy(&output.stderr);
    let name = arguments.first().copied().unwrap_or_default();
    ensure!(output.status.success(), "`loggia {name}` ended with {}: {complaint}", output.status);
    serde_json::from_slice(&output.stdout).with_context(|| format!("`loggia {name}` answers no JSON of ours"))
}

/// Returns the receiver of the service's address, which the log contains. The log is read to its end, since a full pipe would block the
/// service.
fn address(log: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        for line in BufReader::new(log).lines().map_while(Result::ok) {
            if let Some(address) = address_in(&line) {
                // The receiver takes the first address only.
                let _ = sender.send(address);
            }
        }
    });
    receiver
}

/// Returns the address on this machine that a line of the log contains.
fn address_in(line: &str) -> Option<String> {
    if !line.contains("\"listening\"") {
        return None;
    }
    let (_, rest) = line.split_once("127.0.0.1:")?;
    let port: String = rest.chars().take_while(char::is_ascii_digit).collect();
    (!port.is_empty()).then(|| format!("127.0.0.1:{port}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_read_from_the_log_line_about_listening() {
        let line = r#"{"level":"INFO","fields":{"message":"listening","addr":"127.0.0.1:4711","data":"x"}}"#;
        assert_eq!(address_in(line).as_deref(), Some("127.0.0.1:4711"));
        assert_eq!(address_in(r#"{"fields":{"message":"answered","peer":"127.0.0.1:5"}}"#), None);
    }

    #[test]
    fn the_guard_ends_its_process_when_its_input_ends() {
        let mut command = Command::new("sh");
        command.args(["-c", GUARD, "guard", "sleep", "600"]).stdin(Stdio::piped());
        let mut guard = command.spawn().unwrap();
        drop(guard.stdin.take());
        // A shell exits with 128 plus the signal's number.
        assert_eq!(guard.wait().unwrap().code(), Some(143));
    }
}
