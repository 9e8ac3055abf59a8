//! A shell that outlives this process if that is killed, and then cleans up.

use std::io::Write;
use std::path::Path;
use std::process::{Child, Stdio};

use super::ServerError;
use super::account::{Account, command};

/// Reads the process id to watch, one line after another (an empty one for none), until the pipe is closed. The system closes the pipe
/// whatever ends this process. Then the shell stops the watched process, waits until it has ended, and deletes the directory. It also
/// checks the lock file, because the id of a process stays taken until its parent has waited for it.
const SCRIPT: &str = r#"
trap '' HUP INT TERM
pid=
while read -r line; do pid=$line; done
if [ -n "$pid" ]; then
    kill -s QUIT "$pid"
    tries=100
    while [ -e "$0/data/postmaster.pid" ] && kill -s 0 "$pid"; do
        if [ "$tries" -eq 0 ]; then kill -s KILL "$pid"; break; fi
        sleep 0.1
        tries=$((tries - 1))
    done
fi
rm -rf "$0"
"#;

#[derive(Debug)]
pub(super) struct Watchdog {
    shell: Child,
}

impl Watchdog {
    pub(super) fn start(directory: &Path, account: Option<&Account>) -> Result<Self, ServerError> {
        let shell = command(Path::new("sh"), Path::new("/"), account)
            .args(["-c", SCRIPT])
            .arg(directory)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        Ok(Self { shell: shell.map_err(|source| ServerError::io("starting sh", source))? })
    }

    /// Makes `pid` the process to stop.
    pub(super) fn watch(&mut self, pid: u32) {
        self.send(&pid.to_string());
    }

    /// Notifies the watchdog that the process has ended, and that its id may be reused.
    pub(super) fn forget(&mut self) {
        self.send("");
    }

    /// Closes the pipe, as the end of this process would.
    pub(super) fn close_pipe(&mut self) {
        drop(self.shell.stdin.take());
    }

    /// Closes the pipe and waits until the watchdog has cleaned up.
    pub(super) fn finish(&mut self) {
        self.close_pipe();
        // If waiting fails, the owner of the directory deletes it.
        self.shell.wait().ok();
    }

    fn send(&mut self, line: &str) {
        // A watchdog that was killed is needed only if this process is killed too.
        if let Some(pipe) = &mut self.shell.stdin {
            writeln!(pipe, "{line}").ok();
        }
    }
}
