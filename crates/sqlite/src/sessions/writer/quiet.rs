//! Checkpoints of a quiet store: soon after the last commit, the file alone has all that was committed.

use std::sync::Weak;

use tokio::sync::watch;
use tokio::time::sleep;

use super::Writer;
use super::state::SharedWriter;
use crate::sessions::checkpoint::{PAUSE, QUIET};

/// Makes a checkpoint whenever nothing was committed for [`QUIET`], until the store is closed or dropped.
pub(super) async fn checkpoints(writer: Weak<SharedWriter>, mut commits: watch::Receiver<u64>) {
    loop {
        // One sleep after the other, so that a commit costs no timer.
        loop {
            commits.borrow_and_update();
            sleep(QUIET).await;
            match commits.has_changed() {
                Ok(true) => {}
                Ok(false) => break,
                Err(_) => return,
            }
        }
        let Some(writer) = writer.upgrade() else { return };
        if writer.permit.is_closed() {
            return;
        }
        let is_whole = Writer(writer).checkpoint().await;
        if let Err(error) = &is_whole {
            tracing::warn!(%error, "the write-ahead log could not be copied into the database file");
        }
        // A reader that still needs the log is gone soon.
        if is_whole.is_ok_and(|is_whole| !is_whole) {
            continue;
        }
        tokio::select! {
            changed = commits.changed() => if changed.is_err() { return },
            () = sleep(PAUSE) => {}
        }
    }
}
