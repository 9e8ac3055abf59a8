//! Checkpoints: the committed pages in the write-ahead log are copied into the file.
//!
//! Until then the file alone is an older state: a copy of it without the log lacks what was committed since.

use std::cell::Cell;
use std::ffi::c_int;
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::hooks::{CheckpointMode, Wal};

use crate::sessions::history;

/// The number of pages in the log from which on each commit copies them into the file; SQLite's own default.
const LOG_PAGES: c_int = 1_000;
/// The time without a commit after which the log is copied into the file.
pub(super) const QUIET: Duration = Duration::from_secs(1);
/// The longest time between two attempts to copy the log of a store in which nothing is committed: other processes may have written.
pub(super) const PAUSE: Duration = Duration::from_secs(60);

/// The log after a commit or a checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct LogState {
    /// The number of pages in it.
    pages: c_int,
    /// `true` if all of them are in the file, so that the next transaction may begin a new log.
    is_copied: bool,
}

thread_local! {
    /// The log after the commit that this thread has made: SQLite calls the hook on the thread that commits, and the hook has no other way
    /// to report it.
    static AFTER_COMMIT: Cell<Option<LogState>> = const { Cell::new(None) };
}

/// Lets the connection that writes make a checkpoint whenever the log has become long. This replaces SQLite's own rule, which does the same
/// but does not report whether the whole log was copied.
pub(crate) fn follow(connection: &Connection) {
    connection.wal_hook(Some(after_commit));
}

fn after_commit(log: &Wal, pages: c_int) -> Result<(), rusqlite::Error> {
    let mut state = LogState { pages, is_copied: false };
    if pages >= LOG_PAGES {
        // A failure is not the commit's: that was done. The next commit tries again.
        if let Ok((pages, copied)) = log.checkpoint_v2(CheckpointMode::PASSIVE) {
            state = LogState { pages, is_copied: pages == copied };
        }
    }
    AFTER_COMMIT.set(Some(state));
    Ok(())
}

/// The state of the log, as the connection that writes knows it.
#[derive(Debug)]
pub(crate) struct Watch {
    /// `true` if the next transaction that writes may begin a new log. It then changes the stamp, see [`history`].
    may_begin: bool,
    /// `true` if the log may hold pages that the file does not have.
    is_behind: bool,
    /// The number of pages after the last commit.
    pages: c_int,
    /// The number of rows that the connection had changed when the transaction began.
    changes: u64,
}

impl Watch {
    /// Returns what is known before the first transaction of a connection.
    pub(crate) fn new() -> Self {
        Self { may_begin: true, is_behind: true, pages: 0, changes: 0 }
    }

    /// Notes that a transaction begins.
    pub(crate) fn begin(&mut self, connection: &Connection) {
        self.changes = connection.total_changes();
    }

    /// Runs a commit. A transaction that has changed rows and may begin a new log changes the stamp before.
    pub(crate) fn commit(
        &mut self,
        connection: &Connection,
        commit: impl FnOnce() -> Result<(), rusqlite::Error>,
    ) -> Result<(), rusqlite::Error> {
        if self.may_begin && connection.total_changes() != self.changes {
            history::stamp(connection)?;
        }
        AFTER_COMMIT.set(None);
        commit()?;
        // Without a state nothing was written.
        if let Some(after) = AFTER_COMMIT.take() {
            // Another process has copied the log, and this commit has begun a new one without a stamp.
            let was_missed = !self.may_begin && after.pages <= self.pages;
            self.may_begin = after.is_copied || was_missed;
            self.is_behind = !after.is_copied;
            self.pages = after.pages;
        }
        Ok(())
    }

    /// Returns `true` if the log may hold pages that the file does not have.
    pub(crate) fn is_behind(&self) -> bool {
        self.is_behind
    }

    /// Copies the log into the file, and empties the log if no other connection reads from it. Waits for no other connection. `usual` is
    /// the busy timeout of the connection.
    pub(crate) fn checkpoint(
        &mut self,
        connection: &Connection,
        usual: Duration,
    ) -> Result<(), rusqlite::Error> {
        connection.busy_timeout(Duration::ZERO)?;
        let pages = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |row| {
            Ok((row.get::<_, c_int>(1)?, row.get::<_, c_int>(2)?))
        });
        connection.busy_timeout(usual)?;
        // Both are -1 if another connection is making a checkpoint.
        let (pages, copied) = pages?;
        self.is_behind = pages < 0 || pages != copied;
        if !self.is_behind {
            (self.may_begin, self.pages) = (true, pages);
        }
        Ok(())
    }
}
