//! One throw-away server.

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

/// How long a server may take to accept connections, or to go.
const PATIENCE: Duration = Duration::from_secs(30);

/// A Postgres server on a temporary directory, with the superuser `postgres`, who needs no password.
///
/// It listens on 127.0.0.1 and on a Unix socket in its directory. Dropping it stops it and deletes the directory. Its methods
/// block: from async code that must go on meanwhile, call them on a thread.
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
    /// Finds the programs, makes a data directory and waits until the server accepts connections.
    pub fn start(options: &ServerOptions) -> Result<Self, ServerError> {
        Self::start_from(Binaries::find()?, options)
    }

    /// Does what [`Self::start`] does, with these programs.
    pub fn start_from(binaries: Binaries, options: &ServerOptions) -> Result<Self, ServerError> {
        let account = Account::to_run_as()?;
        let directory = cluster::make_directory(account.as_ref())?;
        let watchdog = Watchdog::start(directory.path(), account.as_ref())?;
        let mut server = Self { binaries, account, port: 0, postmaster: None, watchdog, directory };
        cluster::init(&server.binaries, server.directory.path(), server.account.as_ref(), options)?;
        server.launch(free_port)?;
        Ok(server)
    }

    /// Returns whether the account that servers run as reaches a folder: for root that is another account.
    pub fn reaches(folder: &Path) -> Result<bool, ServerError> {
        Ok(Account::to_run_as()?.is_none() || cluster::anyone_reaches(folder))
    }

    /// The URL of a database for its superuser, over TCP.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    /// The URL of a database for its superuser, over the Unix socket.
    pub fn socket_url(&self, database: &str) -> String {
        let folder = self.directory.path().display().to_string().replace('%', "%25").replace('/', "%2F");
        format!("postgres://postgres@{folder}:{}/{database}", self.port)
    }

    /// The TCP port; it stays the same over restarts.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The process id of the postmaster, while it runs.
    pub fn pid(&self) -> Option<u32> {
        self.postmaster.as_ref().map(Postmaster::pid)
    }

    /// The programs that it runs.
    pub fn binaries(&self) -> &Binaries {
        &self.binaries
    }

    /// Stops it in order (`fast`): what is under way is rolled back, the caches are written. Returns when it is gone.
    pub fn stop(&mut self) -> Result<(), ServerError> {
        self.end("INT")
    }

    /// Stops it at once (`immediate`): the next start has to recover. Returns when it is gone.
    pub fn kill_immediately(&mut self) -> Result<(), ServerError> {
        self.end("QUIT")
    }

    /// Kills the postmaster with SIGKILL and returns when it is gone. Its other processes notice for themselves, a little later.
    pub fn kill_9(&mut self) -> Result<(), ServerError> {
        self.end("KILL")
    }

    /// Starts it again on the same data and port, stopping it in order first if it runs, and waits until it accepts connections.
    pub fn restart(&mut self) -> Result<(), ServerError> {
        self.stop()?;
        let port = self.port;
        self.launch(|| Ok(port))
    }

    fn end(&mut self, signal: &str) -> Result<(), ServerError> {
        if let Some(postmaster) = self.postmaster.take() {
            let ended = postmaster.end(signal, PATIENCE);
            self.watchdog.forget();
            ended?;
        }
        Ok(())
    }

    /// Tries again while what stands in the way goes by itself: a port that somebody else uses just now, or the last processes
    /// of a server whose postmaster was killed.
    fn launch(&mut self, choose_port: impl Fn() -> Result<u16, ServerError>) -> Result<(), ServerError> {
        let deadline = Instant::now() + PATIENCE;
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
        // Nobody is left to hear of an error; the watchdog kills what is still there, and deletes the directory.
        if let Some(postmaster) = self.postmaster.take()
            && postmaster.end("QUIT", PATIENCE).is_ok()
        {
            self.watchdog.forget();
        }
        self.watchdog.finish();
    }
}

/// A port that is free at this moment, below those that systems give to outgoing connections.
///
/// Of those, one can be taken while a test has stopped its server; and a client that keeps trying to connect to one may get it as
/// its own end and so connect to itself.
fn free_port() -> Result<u16, ServerError> {
    const FIRST: u16 = 15_000;
    const COUNT: u16 = 17_000;
    let failed = |source| ServerError::io("looking for a free port", source);
    loop {
        // The system's choice is only where to begin: servers started side by side should not try the same ones.
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
        // What the system does when it ends us: the pipe is closed, and no more code of ours runs.
        server.watchdog.let_go();
        let mut postmaster = server.postmaster.take().unwrap();
        let deadline = Instant::now() + PATIENCE;
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
