//! A running server that cannot outlive its test.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Instant;

use super::client::TIMEOUT;
use super::{Response, request};

/// A running server. Dropping it kills the process.
pub(crate) struct Server {
    child: Child,
    lines: Receiver<String>,
    printed: String,
    address: String,
}

impl Server {
    /// Starts the server and waits until it logs its address.
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (sender, lines) = channel();
        forward(child.stdout.take().unwrap(), sender.clone());
        forward(child.stderr.take().unwrap(), sender);
        let mut server = Self { child, lines, printed: String::new(), address: String::new() };
        while server.address.is_empty() {
            let line = server.next_line();
            server.address = address_in(&line).unwrap_or_default();
        }
        // The server has bound its port before it logs that, but only a response proves it. On a very busy machine the store may take
        // longer than the program waits.
        let deadline = Instant::now() + TIMEOUT;
        while server.get("/readyz", None).status != 200 {
            assert!(Instant::now() < deadline, "it does not become ready");
        }
        server
    }

    fn next_line(&mut self) -> String {
        let line = self.lines.recv_timeout(TIMEOUT);
        let line = line.unwrap_or_else(|_| panic!("the server said nothing more after:\n{}", self.printed));
        self.printed.push_str(&line);
        self.printed.push('\n');
        line
    }

    /// Returns everything that the server has printed, once that satisfies the condition.
    pub(crate) fn printed_until(&mut self, condition: impl Fn(&str) -> bool) -> &str {
        while !condition(&self.printed) {
            self.next_line();
        }
        &self.printed
    }

    /// Returns the server's address, such as `127.0.0.1:12345`.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    pub(crate) fn send(&self, method: &str, path: &str, key: Option<&str>, body: Option<&str>) -> Response {
        request(&self.address, method, path, key, body).unwrap()
    }

    pub(crate) fn get(&self, path: &str, key: Option<&str>) -> Response {
        self.send("GET", path, key, None)
    }

    /// Returns the id of the server's process.
    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }

    /// Kills the process without a warning, while others still use it.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
    }

    /// Sends SIGTERM. Uses the `kill` of the shell, since not every machine has the program of that name.
    pub(crate) fn ask_to_stop(&self) {
        let sent = Command::new("bash").args(["-c", &format!("kill -TERM {}", self.child.id())]).status();
        assert!(sent.unwrap().success(), "SIGTERM was sent");
    }

    /// Stops the server. Returns its exit status and everything that it has printed.
    pub(crate) fn terminate(self) -> (ExitStatus, String) {
        self.ask_to_stop();
        self.end()
    }

    /// Waits for the end of the server. Returns its exit status and everything that it has printed.
    pub(crate) fn end(mut self) -> (ExitStatus, String) {
        let deadline = Instant::now() + TIMEOUT;
        // Both pipes are closed when the process is gone, so the channel is disconnected.
        loop {
            match self.lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(line) => {
                    self.printed.push_str(&line);
                    self.printed.push('\n');
                }
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => panic!("it does not end; it said\n{}", self.printed),
            }
        }
        (self.child.wait().unwrap(), std::mem::take(&mut self.printed))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Forwards each line as it comes, so that the server never blocks on a full pipe.
fn forward(pipe: impl Read + Send + 'static, lines: Sender<String>) {
    thread::spawn(move || {
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            if lines.send(line).is_err() {
                break;
            }
        }
    });
}

/// Returns the local address in a line, unless its port is the 0 of the settings.
fn address_in(line: &str) -> Option<String> {
    let (_, rest) = line.split_once("127.0.0.1:")?;
    let port: String = rest.chars().take_while(char::is_ascii_digit).collect();
    port.parse::<u16>().ok().filter(|port| *port != 0).map(|port| format!("127.0.0.1:{port}"))
}
