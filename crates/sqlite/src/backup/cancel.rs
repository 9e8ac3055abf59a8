//! Work on another thread that ends when its caller goes away.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, InterruptHandle};

use super::BackupError;

/// The request to end, and the connection that is at work.
#[derive(Default)]
pub(super) struct Cancel {
    is_asked: AtomicBool,
    current: Mutex<Option<InterruptHandle>>,
}

impl Cancel {
    /// Lets the request interrupt the statements of this connection from now on.
    pub(super) fn watch(&self, connection: &Connection) -> Result<(), BackupError> {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        *current = Some(connection.get_interrupt_handle());
        self.check()
    }

    /// Fails with [`BackupError::Interrupted`] if the caller has gone away.
    pub(super) fn check(&self) -> Result<(), BackupError> {
        if self.is_asked.load(Ordering::Relaxed) { Err(BackupError::Interrupted) } else { Ok(()) }
    }

    fn ask(&self) {
        self.is_asked.store(true, Ordering::Relaxed);
        let current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(handle) = &*current {
            handle.interrupt();
        }
    }
}

/// Asks the work to end when it is dropped.
pub(super) struct CancelOnDrop(pub(super) Arc<Cancel>);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.ask();
    }
}
