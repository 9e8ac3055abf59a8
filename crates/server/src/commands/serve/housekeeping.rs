//! A background task of the server: deletes expired stored responses.

use std::time::Duration;

use loggia_domain::service::Loggia;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::sleep;

/// The pause between two runs. No call waits for a run: expired responses count as deleted before they are.
const PAUSE: Duration = Duration::from_secs(60);
/// The number of responses that one unit of work deletes: few, so that writers do not wait for long.
const BATCH: u32 = 500;
/// The maximum number of batches in one run, so that a server with much to delete also does other work.
const BATCHES: usize = 20;

/// The running task.
#[derive(Debug)]
pub(super) struct Housekeeping {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Housekeeping {
    /// Starts the task, which runs until [`Self::end`].
    pub(super) fn begin(loggia: Loggia) -> Self {
        let (stop, mut stopped) = oneshot::channel();
        let task = tokio::spawn(async move {
            loop {
                // A unit of work is never cancelled, only the pause.
                tokio::select! {
                    _ = &mut stopped => return,
                    () = sleep(PAUSE) => clean_up(&loggia).await,
                }
            }
        });
        Self { stop, task }
    }

    /// Finishes the run in progress, and stops.
    pub(super) async fn end(self) {
        // The task is gone already only if it panicked, which was logged.
        let _ = self.stop.send(());
        let _ = self.task.await;
    }
}

/// Deletes expired responses. If the store fails, the next run tries again.
async fn clean_up(loggia: &Loggia) {
    let mut forgotten = 0;
    for _ in 0..BATCHES {
        match loggia.operator().forget_stored_responses(BATCH).await {
            Ok(number) => {
                forgotten += number;
                if number < u64::from(BATCH) {
                    break;
                }
            }
            Err(error) => {
                tracing::warn!(%error, "expired stored responses could not be deleted");
                break;
            }
        }
    }
    tracing::debug!(forgotten, "expired stored responses were deleted");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn housekeeping_ends_on_request_without_finishing_its_pause() {
        let loggia = Loggia::on_ports(loggia_testkit::memory()).build();
        Housekeeping::begin(loggia).end().await;
    }

    #[tokio::test]
    async fn without_expired_responses_nothing_is_deleted() {
        let loggia = Loggia::on_ports(loggia_testkit::memory()).build();
        clean_up(&loggia).await;
        assert_eq!(loggia.operator().forget_stored_responses(BATCH).await.ok(), Some(0));
    }
}
