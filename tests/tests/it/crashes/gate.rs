//! Where the writers find the process that serves at the moment.

use std::sync::{Condvar, Mutex};

/// The address of the process, which each kill makes invalid.
#[derive(Default)]
pub(super) struct Gate {
    process: Mutex<Process>,
    opened: Condvar,
}

/// A process, or none before the first one.
#[derive(Clone, Debug, Default)]
pub(super) struct Process {
    /// Counted from 1.
    pub(super) number: usize,
    pub(super) address: String,
    /// Whether it is not killed any more: writers complete their current writes, and end.
    pub(super) is_last: bool,
}

impl Gate {
    /// Lets the writers use that process.
    pub(super) fn open(&self, address: &str) {
        self.replace(address, false);
    }

    /// Lets the writers use that process to complete their current writes.
    pub(super) fn open_for_the_last_time(&self, address: &str) {
        self.replace(address, true);
    }

    fn replace(&self, address: &str, is_last: bool) {
        let mut process = self.process.lock().unwrap();
        *process = Process { number: process.number + 1, address: address.to_owned(), is_last };
        self.opened.notify_all();
    }

    /// Returns a value that ends the waits of all writers, with a panic, if it is dropped by one: they would wait for ever.
    pub(super) fn closing_on_panic(&self) -> Closing<'_> {
        Closing(self)
    }

    /// Waits for a process after the one with that number.
    pub(super) fn after(&self, number: usize) -> Process {
        let process = self.process.lock().unwrap();
        let process = self.opened.wait_while(process, |process| process.number <= number).unwrap().clone();
        assert!(process.number < usize::MAX, "the run has failed");
        process
    }
}

/// See [`Gate::closing_on_panic`].
pub(super) struct Closing<'a>(&'a Gate);

impl Drop for Closing<'_> {
    fn drop(&mut self) {
        if std::thread::panicking()
            && let Ok(mut process) = self.0.process.lock()
        {
            process.number = usize::MAX;
            self.0.opened.notify_all();
        }
    }
}
