//! What a server does beside answering: it deletes what is kept no longer.

use std::time::Duration;

use loggia_domain::service::Loggia;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::sleep;

/// How often. Nobody waits for it: what is over counts as gone before it is deleted.
const PAUSE: Duration = Duration::from_secs(60);
/// So many at once: writers must not wait for long.
const BATCH: u32 = 500;
/// So many times in a row. Else a server that has much to delete would do nothing but that.
const BATCHES: usize = 20;

/// The work beside, under way.
#[derive(Debug)]
pub(super) struct Housekeeping {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Housekeeping {
    /// Begins, and goes on until told to end.
    pub(super) fn begin(loggia: Loggia) -> Self {
        let (stop, mut stopped) = oneshot::channel();
        let task = tokio::spawn(async move {
            loop {
                // A unit of work is never dropped on its way: only the pause is broken off.
                tokio::select! {
                    _ = &mut stopped => return,
                    () = sleep(PAUSE) => clean_up(&loggia).await,
                }
            }
        });
        Self { stop, task }
    }

    /// Finishes what is under way.
    pub(super) async fn end(self) {
        // It is gone already only if it panicked, which has been told then.
        let _ = self.stop.send(());
        let _ = self.task.await;
    }
}

/// Deletes what is over. Where the store does not do it, the next time will.
async fn clean_up(loggia: &Loggia) {
    let mut forgotten = 0;
    for _ in 0..BATCHES {
        match loggia.forget_kept_answers(BATCH).await {
            Ok(number) => {
                forgotten += number;
                if number < u64::from(BATCH) {
                    break;
                }
            }
            Err(error) => {
                tracing::warn!(%error, "kept answers that are over could not be deleted");
                break;
            }
        }
    }
    tracing::debug!(forgotten, "kept answers that are over were deleted");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_ends_when_it_is_told_to_and_does_not_finish_its_pause() {
        let loggia = Loggia::new(loggia_testkit::memory());
        Housekeeping::begin(loggia).end().await;
    }

    #[tokio::test]
    async fn where_nothing_is_over_nothing_happens() {
        let loggia = Loggia::new(loggia_testkit::memory());
        clean_up(&loggia).await;
        assert_eq!(loggia.forget_kept_answers(BATCH).await.ok(), Some(0));
    }
}
