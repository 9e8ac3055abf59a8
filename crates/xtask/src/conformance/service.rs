//! The running service, with two organizations that know nothing of each other.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::places::Places;
use super::store::Store;

/// How long a start may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A shell that ends the service when its input ends: when we say so, and when we are killed.
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

/// A running service. Dropping it ends it.
pub(super) struct Service {
    guard: Child,
    pub(super) url: String,
    /// The key of somebody who may do everything in an organization full of data.
    pub(super) ada: String,
    /// The key of somebody who may do everything in another organization.
    pub(super) eve: String,
    // After the guard: whoever drops this has ended the service first.
    _store: Store,
}

/// What is told of somebody who was made.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Made {
    api_key: String,
}

impl Service {
    /// Fills the store and serves it.
    pub(super) fn start(places: &Places, store: Store) -> Result<Self> {
        let ada: Made = asked(places, &store, ADA)?;
        let eve: Made = asked(places, &store, EVE)?;
        let mut command = Command::new("sh");
        command.args(["-c", GUARD, "guard"]).arg(&places.binary).args(["serve", "--listen", "127.0.0.1:0"]);
        command
            .env("LOGGIA_DATABASE_URL", store.url())
            .env("LOGGIA_LOG", "info")
            // Made-up keys come by the hundred; and nobody who calls is waiting for a notice.
            .env("LOGGIA_FAILED_AUTHENTICATIONS_PER_MINUTE", "off")
            .env("LOGGIA_DRAIN_SECONDS", "0")
            .env("LOGGIA_LOG_FORMAT", "json");
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut guard = command.spawn().context("sh could not be started")?;
        let log = guard.stderr.take().context("the log is a pipe")?;
        // Dropped, and so ended, where the address does not come.
        let mut service =
            Self { guard, url: String::new(), ada: ada.api_key, eve: eve.api_key, _store: store };
        let address = address(log).recv_timeout(PATIENCE);
        service.url = format!("http://{}", address.context("the service does not say where it listens")?);
        Ok(service)
    }

    /// Ends it, and fails if it does not end well.
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
        // Nobody is left who could do anything about it.
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

/// What a command of the service answers.
fn asked<T: DeserializeOwned>(places: &Places, store: &Store, arguments: &[&str]) -> Result<T> {
    let output = places.loggia().args(arguments).env("LOGGIA_DATABASE_URL", store.url()).output()?;
    let complaint = String::from_utf8_lossy(&output.stderr);
    let name = arguments.first().copied().unwrap_or_default();
    ensure!(output.status.success(), "`loggia {name}` ended with {}: {complaint}", output.status);
    serde_json::from_slice(&output.stdout).with_context(|| format!("`loggia {name}` answers no JSON of ours"))
}

/// Where it listens, once the log tells it. The log is read to its end: a full pipe would hold up the service.
fn address(log: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        for line in BufReader::new(log).lines().map_while(Result::ok) {
            if let Some(address) = address_in(&line) {
                // Nobody listens any more once the first has come.
                let _ = sender.send(address);
            }
        }
    });
    receiver
}

/// The address of this machine that a line of the log tells.
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
    fn the_log_tells_the_address_once_it_listens() {
        let line = r#"{"level":"INFO","fields":{"message":"listening","addr":"127.0.0.1:4711","data":"x"}}"#;
        assert_eq!(address_in(line).as_deref(), Some("127.0.0.1:4711"));
        assert_eq!(address_in(r#"{"fields":{"message":"answered","peer":"127.0.0.1:5"}}"#), None);
    }

    #[test]
    fn the_guard_ends_what_it_guards_when_its_input_ends() {
        let mut command = Command::new("sh");
        command.args(["-c", GUARD, "guard", "sleep", "600"]).stdin(Stdio::piped());
        let mut guard = command.spawn().unwrap();
        drop(guard.stdin.take());
        // A shell says 128 and the signal's number.
        assert_eq!(guard.wait().unwrap().code(), Some(143));
    }
}
