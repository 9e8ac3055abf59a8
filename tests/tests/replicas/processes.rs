//! Processes of the built binary that serve one database.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use loggia_tests::binary::{binary, forget};
use serde_json::Value;
use tempfile::TempDir;

/// A serving process, which is killed when dropped.
pub(crate) struct Process {
    child: Child,
    listens: Receiver<SocketAddr>,
    said: Arc<Mutex<String>>,
    // The process's folder is dropped after the process.
    _home: TempDir,
}

impl Process {
    /// Starts a process on a database without waiting for it.
    pub(crate) fn start(database_url: &str) -> Self {
        let home = TempDir::new().unwrap();
        let mut command = Command::new(binary());
        forget(&mut command, "LOGGIA_");
        command.arg("serve").current_dir(home.path()).stdin(Stdio::null());
        command.env("LOGGIA_DATABASE_URL", database_url).env("LOGGIA_LISTEN", "127.0.0.1:0");
        command.env("LOGGIA_LOG_FORMAT", "json").stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (sender, listens) = channel();
        let said = Arc::new(Mutex::new(String::new()));
        let log = BufReader::new(child.stderr.take().unwrap());
        let kept = said.clone();
        thread::spawn(move || hear(log, &kept, &sender));
        Self { child, listens, said, _home: home }
    }

    /// Returns the address of the process, once the log names it; the process listens only after the migrations.
    pub(crate) fn address(&mut self, deadline: Instant) -> SocketAddr {
        let timeout = deadline.saturating_duration_since(Instant::now());
        let address = self.listens.recv_timeout(timeout.max(Duration::from_millis(1)));
        address.unwrap_or_else(|_| panic!("it does not listen; its output is\n{}", self.said.lock().unwrap()))
    }

    /// Kills the process with SIGKILL, and returns `true` if the signal ended it.
    pub(crate) fn kill(mut self) -> bool {
        self.child.kill().unwrap();
        self.child.wait().unwrap().signal() == Some(9)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Reads a log to its end, so that a full pipe never blocks the process.
fn hear(log: impl BufRead, said: &Mutex<String>, listens: &Sender<SocketAddr>) {
    for line in log.lines().map_while(Result::ok) {
        if let Some(address) = address_in(&line) {
            // The receiver may have been dropped.
            listens.send(address).ok();
        }
        let mut said = said.lock().unwrap();
        said.push_str(&line);
        said.push('\n');
    }
}

/// Returns the address in the log line that announces it.
fn address_in(line: &str) -> Option<SocketAddr> {
    let line: Value = serde_json::from_str(line).ok()?;
    let fields = line.get("fields").unwrap_or(&line);
    (fields.get("message")? == "listening").then(|| fields.get("addr")?.as_str()?.parse().ok())?
}
