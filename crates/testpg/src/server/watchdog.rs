//! A shell that outlives us if we are killed, and cleans up then.

use std::io::Write;
use std::path::Path;
use std::process::{Child, Stdio};

use super::ServerError;
use super::account::{Account, command};

/// It reads which process to watch, one line after another (an empty one for none), until the pipe is closed. The system closes it
/// whatever ends us. Then it kills that process, waits until it is gone, and deletes the directory. It goes by the lock file as well,
/// because the number of a process that nobody waits for stays taken.
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

    /// From now on this is the process to kill.
    pub(super) fn watch(&mut self, pid: u32) {
        self.tell(&pid.to_string());
    }

    /// The process is gone; its number may be another's soon.
    pub(super) fn forget(&mut self) {
        self.tell("");
    }

    /// Closes the pipe, as our end would.
    pub(super) fn let_go(&mut self) {
        drop(self.shell.stdin.take());
    }

    /// Lets go and waits until all is clean.
    pub(super) fn finish(&mut self) {
        self.let_go();
        // Should waiting fail, the directory is deleted by its other owner.
        self.shell.wait().ok();
    }

    fn tell(&mut self, line: &str) {
        // A watchdog that somebody killed is missed only if we are killed too.
        if let Some(pipe) = &mut self.shell.stdin {
            writeln!(pipe, "{line}").ok();
        }
    }
}
