//! Servers as processes, and the system's figures about them.

use std::fs;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::connection::Connection;

/// The longest time until a server responds.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A server process that ends when this is dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: String,
    /// The time from the start of the process to the first response with status 200.
    pub(crate) start: Duration,
}

impl Server {
    /// Starts the server, with the address to listen on as the last argument, and waits for the first response with status 200.
    pub(crate) fn start(command: &mut Command, path: &str) -> Result<Self> {
        // No other process takes the port meanwhile, since nothing else should run during a measurement.
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
        let began = Instant::now();
        let child = command
            .args(["--listen", &address])
            // The log is written as in production, though it is not read here.
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("a server could not be started")?;
        let mut server = Self { child, address, start: Duration::ZERO };
        let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        while !responds(&server.address, request.as_bytes()) {
            if let Some(status) = server.child.try_wait()? {
                bail!("a server ended with {status} before its first response: {command:?}");
            }
            if began.elapsed() > TIMEOUT {
                bail!("a server does not respond: {command:?}");
            }
            thread::sleep(Duration::from_micros(500));
        }
        server.start = began.elapsed();
        Ok(server)
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The process holds nothing that is needed after the run.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn responds(address: &str, request: &[u8]) -> bool {
    let response = Connection::open(address).and_then(|mut connection| connection.send(request));
    response.is_ok_and(|response| response.status == 200)
}

/// Returns the resident memory of a process in bytes, which includes pages of its program file.
pub(crate) fn resident_bytes(pid: u32) -> Result<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
    let kilobytes: u64 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(kilobytes * 1024)
}

/// Returns the number of bytes that a process has read from files so far, from the system's cache or from the disk; sockets do not count.
pub(crate) fn bytes_read(pid: u32) -> Result<u64> {
    let io = fs::read_to_string(format!("/proc/{pid}/io"))?;
    let line = io.lines().find_map(|line| line.strip_prefix("rchar:")).context("no rchar")?;
    Ok(line.trim().parse()?)
}

/// Returns the processor time that some processes have used, in microseconds; ended processes count with their parents.
pub(crate) fn cpu_micros(pids: &[u32]) -> u64 {
    // The unit of Linux on all its platforms.
    const MICROS_PER_TICK: u64 = 10_000;
    pids.iter().filter_map(|pid| stat(*pid)).map(|stat| stat.ticks * MICROS_PER_TICK).sum()
}

/// Returns a process and its children.
pub(crate) fn with_children(parent: u32) -> Vec<u32> {
    let mut pids = vec![parent];
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let pid = entry.file_name().to_str().and_then(|name| name.parse().ok());
        pids.extend(pid.filter(|pid| stat(*pid).is_some_and(|stat| stat.parent == parent)));
    }
    pids
}

struct Stat {
    parent: u32,
    ticks: u64,
}

fn stat(pid: u32) -> Option<Stat> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name is in parentheses and may contain any characters.
    let (_, rest) = text.rsplit_once(')')?;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let number = |at: usize| fields.get(at).and_then(|field| field.parse::<u64>().ok());
    // The process's own time in user and in kernel mode, and both of its ended children.
    let ticks = number(11)? + number(12)? + number(13)? + number(14)?;
    Some(Stat { parent: fields.get(1)?.parse().ok()?, ticks })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_os = "linux")]
    fn the_system_counts_this_process() {
        let own = std::process::id();
        assert!(resident_bytes(own).unwrap() > 100_000);
        let stat = stat(own).unwrap();
        assert!(stat.parent > 0 && with_children(stat.parent).contains(&own));
        assert_eq!(cpu_micros(&[]), 0);
    }
}
