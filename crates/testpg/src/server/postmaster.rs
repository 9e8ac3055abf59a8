//! The server's first process (the postmaster), from its start to its end.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::ServerError;
use super::account::{Account, command};
use super::cluster::{data_folder, log_file, log_since, tail};
use crate::Binaries;

/// The pause between two checks of a process that gives no notice when it is ready or has ended.
pub(super) const POLL: Duration = Duration::from_millis(10);

/// Log messages after which another attempt may succeed.
const GOES_BY_ITSELF: [&str; 3] =
    ["could not bind", "pre-existing shared memory block", "is another postmaster"];

#[derive(Debug)]
pub(super) struct Postmaster {
    process: Child,
    /// The position in the log at which its own lines begin.
    log_position: usize,
}

/// The outcome of a start.
pub(super) enum Launch {
    /// The server accepts connections.
    Ready,
    /// The server ended because of a temporary obstacle; with the end of its log.
    Obstructed(String),
    /// The server ended, or was killed because it was not ready in time; with the end of its log.
    Failed(String),
}

impl Postmaster {
    pub(super) fn spawn(
        binaries: &Binaries,
        directory: &Path,
        port: u16,
        account: Option<&Account>,
    ) -> Result<Self, ServerError> {
        let failed = |source| ServerError::io("starting postgres", source);
        let log_position = log_since(directory, 0).len();
        let log = File::options().create(true).append(true).open(log_file(directory)).map_err(failed)?;
        let process = command(&binaries.program("postgres"), directory, account)
            .arg("-D")
            .arg(data_folder(directory))
            .args(["-p", &port.to_string()])
            .stdin(Stdio::null())
            .stdout(log.try_clone().map_err(failed)?)
            .stderr(log)
            .spawn()
            .map_err(failed)?;
        Ok(Self { process, log_position })
    }

    pub(super) fn pid(&self) -> u32 {
        self.process.id()
    }

    pub(super) fn wait_until_ready(
        &mut self,
        directory: &Path,
        deadline: Instant,
    ) -> Result<Launch, ServerError> {
        loop {
            if says_ready(directory, self.pid()) {
                return Ok(Launch::Ready);
            }
            if self.has_ended()? {
                let log = log_since(directory, self.log_position);
                let obstructed = GOES_BY_ITSELF.iter().any(|words| log.contains(words));
                return Ok(if obstructed { Launch::Obstructed } else { Launch::Failed }(tail(&log)));
            }
            if Instant::now() > deadline {
                self.kill()?;
                return Ok(Launch::Failed(tail(&log_since(directory, self.log_position))));
            }
            thread::sleep(POLL);
        }
    }

    /// Sends a signal and waits until the process has ended.
    ///
    /// Fails with [`ServerError::DidNotStop`] if that takes longer than `timeout`; the process is killed then.
    pub(super) fn end(mut self, signal: &str, timeout: Duration) -> Result<(), ServerError> {
        let pid = self.pid();
        send(signal, pid)?;
        let deadline = Instant::now() + timeout;
        while !self.has_ended()? {
            if Instant::now() > deadline {
                self.kill()?;
                return Err(ServerError::DidNotStop { pid });
            }
            thread::sleep(POLL);
        }
        Ok(())
    }

    pub(super) fn has_ended(&mut self) -> Result<bool, ServerError> {
        let status =
            self.process.try_wait().map_err(|source| ServerError::io("waiting for postgres", source))?;
        Ok(status.is_some())
    }

    fn kill(&mut self) -> Result<(), ServerError> {
        let killed = self.process.kill().and_then(|()| self.process.wait());
        killed.map(|_| ()).map_err(|source| ServerError::io("killing postgres", source))
    }
}

/// Returns `true` if the postmaster's lock file says that it accepts connections, which is how `pg_ctl` waits for it. The file of a
/// killed postmaster stays, so the first line must be this one's process id.
fn says_ready(directory: &Path, pid: u32) -> bool {
    const STATUS_LINE: usize = 7;
    let text = fs::read_to_string(data_folder(directory).join("postmaster.pid")).unwrap_or_default();
    let mut lines = text.lines().map(str::trim);
    lines.next() == Some(&pid.to_string()) && lines.nth(STATUS_LINE - 1) == Some("ready")
}

/// Sends a signal by a shell, since the standard library has no such call.
fn send(signal: &str, pid: u32) -> Result<(), ServerError> {
    let mut kill = Command::new("sh");
    kill.args(["-c", "kill -s \"$0\" \"$1\"", signal, &pid.to_string()]).stderr(Stdio::null());
    // For a process that has ended already, `kill` fails, which does not matter.
    kill.status().map(|_| ()).map_err(|source| ServerError::io("starting sh", source))
}
