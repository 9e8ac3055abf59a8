//! How long a call may take.

use std::time::{Duration, Instant};

/// The time that is left for a call. Only what is waited for in [`Deadline::within`] counts, and not the arrival of a body,
/// which has a limit of its own.
#[derive(Debug)]
pub(crate) struct Deadline {
    left: Duration,
}

impl Deadline {
    pub(crate) fn seconds(seconds: u64) -> Self {
        Self { left: Duration::from_secs(seconds) }
    }

    /// Waits for something; `None` if time is over before. What is waited for is dropped then, so it must be a reading, or
    /// the waiting for something that goes on by itself.
    pub(crate) async fn within<T>(&mut self, future: impl Future<Output = T>) -> Option<T> {
        let begun = Instant::now();
        #[expect(
            clippy::disallowed_methods,
            reason = "writes run in tasks of their own, which this only waits for"
        )]
        let outcome = tokio::time::timeout(self.left, future).await;
        self.left = self.left.saturating_sub(begun.elapsed());
        outcome.ok()
    }
}
