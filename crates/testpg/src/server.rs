//! A temporary server.

mod account;
mod cluster;
mod error;
mod options;
mod postmaster;
mod watchdog;

use std::net::TcpListener;
use std::path::Path;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::Binaries;
use account::Account;
use postmaster::{Launch, Postmaster};
use watchdog::Watchdog;

pub use error::ServerError;
pub use options::ServerOptions;

/// The longest time until a server accepts connections, or has ended.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A Postgres server in a temporary directory, with the superuser `postgres`, who needs no password.
///
/// The server listens on 127.0.0.1 and on a Unix socket in its directory. Dropping it stops the server and deletes the directory. Its
/// methods block: call them on a separate thread from async code that must not stop meanwhile.
#[derive(Debug)]
pub struct Server {
    binaries: Binaries,
    account: Option<Account>,
    port: u16,
    postmaster: Option<Postmaster>,
    watchdog: Watchdog,
    directory: TempDir,
}

impl Server {
    /// Finds the programs, creates a data directory, and waits until the server accepts connections.
    pub fn start(options: &ServerOptions) -> Result<Self, ServerError> {
        Self::start_from(Binaries::find()?, options)
    }

    /// Starts a server as [`Self::start`] does, with these programs.
    pub fn start_from(binaries: Binaries, options: &ServerOptions) -> Result<Self, ServerError> {
        let account = Account::to_run_as()?;
        let directory = cluster::make_directory(account.as_ref(), options.in_memory && !options.durable)?;
        let watchdog = Watchdog::start(directory.path(), account.as_ref())?;
        let mut server = Self { binaries, account, port: 0, postmaster: None, watchdog, directory };
        cluster::init(&server.binaries, server.directory.path(), server.account.as_ref(), options)?;
        server.launch(free_port)?;
        Ok(server)
    }

    /// Returns `true` if the account that servers run as can reach `folder`; if this process runs as root, that is another account.
    pub fn reaches(folder: &Path) -> Result<bool, ServerError> {
        Ok(Account::to_run_as()?.is_none() || cluster::anyone_reaches(folder))
    }

    /// Returns the URL of a database for the superuser, over TCP.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    /// Returns the URL of a database for the superuser, over the Unix socket.
    pub fn socket_url(&self, database: &str) -> String {
        let folder = self.directory.path().display().to_string().replace('%', "%25").replace('/', "%2F");
        format!("postgres://postgres@{folder}:{}/{database}", self.port)
    }

    /// Returns the TCP port, which restarts keep.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Returns the process id of the postmaster, or `None` if it does not run.
    pub fn pid(&self) -> Option<u32> {
        self.postmaster.as_ref().map(Postmaster::pid)
    }

    /// Returns the programs of the server.
    pub fn binaries(&self) -> &Binaries {
        &self.binaries
    }

    /// Stops the server in `fast` mode: transactions in flight are rolled back, and a checkpoint is written. Returns when it has ended.
    pub fn stop(&mut self) -> Result<(), ServerError> {
        self.end("INT")
    }

    /// Stops the server in `immediate` mode: the next start has to recover. Returns when it has ended.
    pub fn kill_immediately(&mut self) -> Result<(), ServerError> {
        self.end("QUIT")
    }

    /// Kills the postmaster with SIGKILL and returns when it has ended. The server's other processes notice that a little later.
    pub fn kill_9(&mut self) -> Result<(), ServerError> {
        self.end("KILL")
    }

    /// Starts the server again on the same data and port, and waits until it accepts connections. Stops it in `fast` mode first if it
    /// runs.
    pub fn restart(&mut self) -> Result<(), ServerError> {
        self.stop()?;
        let port = self.port;
        self.launch(|| Ok(port))
    }

    fn end(&mut self, signal: &str) -> Result<(), ServerError> {
        if let Some(postmaster) = self.postmaster.take() {
            let ended = postmaster.end(signal, TIMEOUT);
            self.watchdog.forget();
            ended?;
        }
        Ok(())
    }

    /// Starts the postmaster, and retries while an obstacle is temporary: another process uses the port, or processes of a killed
    /// postmaster have not ended yet.
    fn launch(&mut self, choose_port: impl Fn() -> Result<u16, ServerError>) -> Result<(), ServerError> {
        let deadline = Instant::now() + TIMEOUT;
        loop {
            self.port = choose_port()?;
            let folder = self.directory.path();
            let mut postmaster = Postmaster::spawn(&self.binaries, folder, self.port, self.account.as_ref())?;
            self.watchdog.watch(postmaster.pid());
            match postmaster.wait_until_ready(folder, deadline)? {
                Launch::Ready => {
                    self.postmaster = Some(postmaster);
                    return Ok(());
                }
                Launch::Obstructed(_) if Instant::now() < deadline => self.watchdog.forget(),
                Launch::Obstructed(log) | Launch::Failed(log) => {
                    self.watchdog.forget();
                    return Err(ServerError::DidNotStart { log });
                }
            }
            std::thread::sleep(postmaster::POLL);
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // An error could not be reported from here; the watchdog kills the remaining process and deletes the directory.
        if let Some(postmaster) = self.postmaster.take()
            && postmaster.end("QUIT", TIMEOUT).is_ok()
        {
            self.watchdog.forget();
        }
        self.watchdog.finish();
    }
}

/// Returns a port that is free at this moment, below the range of ephemeral ports.
///
/// An ephemeral port could be taken while a test has stopped its server, and a client that keeps trying to connect to one may get it as
/// its own source port and so connect to itself.
fn free_port() -> Result<u16, ServerError> {
    const FIRST: u16 = 15_000;
    const COUNT: u16 = 17_000;
    let failed = |source| ServerError::io("looking for a free port", source);
    loop {
        // The system's choice is only the start: servers that start at the same time should not try the same ports.
        let somewhere =
            TcpListener::bind(("127.0.0.1", 0)).and_then(|probe| probe.local_addr()).map_err(failed)?;
        let port = FIRST + somewhere.port() % COUNT;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return Ok(port);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_left_when_the_owner_is_killed() {
        let mut server = Server::start(&ServerOptions::default()).unwrap();
        let directory = server.directory.path().to_owned();
        // The effect of killing this process: the pipe is closed, and none of its code runs any more.
        server.watchdog.close_pipe();
        let mut postmaster = server.postmaster.take().unwrap();
        let deadline = Instant::now() + TIMEOUT;
        while !postmaster.has_ended().unwrap() {
            assert!(Instant::now() < deadline, "the server goes on");
            std::thread::sleep(postmaster::POLL);
        }
        server.watchdog.finish();
        assert!(!directory.exists());
    }

    #[test]
    fn ports_are_not_those_of_outgoing_connections() {
        let port = free_port().unwrap();
        assert!((15_000..32_000).contains(&port), "{port}");
    }
}
