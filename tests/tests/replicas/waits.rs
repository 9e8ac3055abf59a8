//! Counts sessions that wait for a lock: a race in which no session waits proves nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use loggia_testpg::TestDatabase;
use sqlx::Connection;
use tokio::task::JoinHandle;

use crate::town::connect;

/// The pause between two samples.
const PAUSE: Duration = Duration::from_millis(5);

/// Samples the sessions of a database repeatedly.
pub(crate) struct Waits {
    enough: Arc<AtomicBool>,
    seen: JoinHandle<u64>,
}

impl Waits {
    /// Starts to sample.
    pub(crate) async fn watch(database: &TestDatabase) -> Self {
        let mut connection = connect(database).await;
        let enough = Arc::new(AtomicBool::new(false));
        let until = enough.clone();
        let seen = tokio::spawn(async move {
            let mut seen = 0;
            while !until.load(Ordering::Relaxed) {
                let waiting: i64 = sqlx::query_scalar(
                    "SELECT count(*) FROM pg_stat_activity
                     WHERE datname = current_database() AND wait_event_type = 'Lock'",
                )
                .fetch_one(&mut connection)
                .await
                .expect("a count");
                seen += u64::try_from(waiting).expect("a count");
                tokio::time::sleep(PAUSE).await;
            }
            connection.close().await.expect("closing");
            seen
        });
        Self { enough, seen }
    }

    /// Stops, and returns the number of waiting sessions over all samples.
    pub(crate) async fn seen(self) -> u64 {
        self.enough.store(true, Ordering::Relaxed);
        self.seen.await.expect("a count")
    }
}
