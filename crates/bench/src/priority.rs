//! The generator before all else: it measures by when it gets to run itself, and must not wait for a processor behind what it measures. What it
//! takes, the server lacks, which one on a machine of its own would not do.

use std::process::{Command, Stdio};

/// This process's first thread runs as soon as it has something to do (SCHED_RR), until this is dropped. What it starts does not.
#[derive(Debug)]
pub(crate) struct First(());

impl First {
    /// `None` where the system does not allow it.
    pub(crate) fn take() -> Option<Self> {
        chrt(&["--reset-on-fork", "--rr", "--pid", "1"]).then_some(Self(()))
    }
}

impl Drop for First {
    fn drop(&mut self) {
        chrt(&["--other", "--pid", "0"]);
    }
}

/// Of util-linux: Rust's library cannot ask for it, and a call to the system would be unsafe code of ours.
fn chrt(arguments: &[&str]) -> bool {
    let own = std::process::id().to_string();
    let mut command = Command::new("chrt");
    command.args(arguments).arg(own).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
