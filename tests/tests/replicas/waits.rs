//! Whether anybody waited for a lock: a race in which nobody ever did was none.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use loggia_testpg::TestDatabase;
use sqlx::Connection;
use tokio::task::JoinHandle;

use crate::town::connect;

/// How long nobody looks.
const PAUSE: Duration = Duration::from_millis(5);

/// Looks at the sessions of a database again and again.
pub(crate) struct Waits {
    enough: Arc<AtomicBool>,
    seen: JoinHandle<u64>,
}

impl Waits {
    /// Begins to look.
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

    /// How many sessions were seen waiting for a lock, each as often as it was seen.
    pub(crate) async fn seen(self) -> u64 {
        self.enough.store(true, Ordering::Relaxed);
        self.seen.await.expect("a count")
    }
}
