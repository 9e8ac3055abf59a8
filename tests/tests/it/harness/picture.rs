//! The stored records, as a new connection counts them.

use sqlx::postgres::PgConnection;
use sqlx::sqlite::SqliteConnection;
use sqlx::{AssertSqlSafe, Connection};

use super::{Engine, Home, block_on};

/// The counts: everything that the writes of these tests change, and everything else that they could.
const COUNTS: [(&str, &str); 20] = [
    ("users", "SELECT count(*) FROM users"),
    ("scopes", "SELECT count(*) FROM scopes"),
    ("members", "SELECT count(*) FROM members"),
    ("members with access", "SELECT count(*) FROM members WHERE active"),
    ("spaces", "SELECT count(*) FROM spaces"),
    ("changes of spaces", "SELECT CAST(coalesce(sum(revision), 0) AS bigint) FROM spaces"),
    ("projects", "SELECT count(*) FROM projects"),
    ("memberships of rosters", "SELECT count(*) FROM project_members"),
    ("tasks", "SELECT count(*) FROM tasks"),
    ("assigned tasks", "SELECT count(*) FROM tasks WHERE assignee_id IS NOT NULL"),
    ("changes of tasks", "SELECT CAST(coalesce(sum(revision), 0) AS bigint) FROM tasks"),
    ("keys", "SELECT count(*) FROM api_keys"),
    ("keys with an end", "SELECT count(*) FROM api_keys WHERE expires_at IS NOT NULL"),
    ("revoked keys", "SELECT count(*) FROM api_keys WHERE revoked_at IS NOT NULL"),
    ("numbers of members", "SELECT CAST(sum(next_member_number) AS bigint) FROM scopes"),
    ("numbers of projects", "SELECT CAST(sum(next_project_number) AS bigint) FROM scopes"),
    ("numbers of tasks", "SELECT CAST(coalesce(sum(next_task_number), 0) AS bigint) FROM projects"),
    ("stored responses", "SELECT count(*) FROM stored_responses"),
    ("totals of lists", "SELECT CAST(coalesce(sum(total), 0) AS bigint) FROM list_totals"),
    ("events", "SELECT count(*) FROM events"),
];

/// Marks all keys as used in the far future, so that no last use is recorded beside the call.
const NOTED: &str = "UPDATE api_keys SET last_used_at = 7258118400000000";

/// The numbers of records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Picture([i64; COUNTS.len()]);

impl Picture {
    pub(crate) fn take(home: &Home) -> Self {
        let url = home.database_url();
        let mut counts = [0; COUNTS.len()];
        /// Counts on a connection of its own.
        macro_rules! count {
            ($connection:ident) => {{
                let mut connection = $connection::connect(&url).await.unwrap();
                for (count, (_, sql)) in counts.iter_mut().zip(COUNTS) {
                    *count = sqlx::query_scalar(sql).fetch_one(&mut connection).await.unwrap();
                }
                connection.close().await.unwrap();
            }};
        }
        block_on(async {
            match home.engine() {
                Engine::Sqlite => count!(SqliteConnection),
                Engine::Postgres => count!(PgConnection),
            }
        });
        Self(counts)
    }

    /// Returns the differences since then.
    pub(crate) fn since(&self, before: &Self) -> Vec<(&'static str, i64)> {
        let differences = COUNTS.iter().zip(self.0.iter().zip(before.0));
        let differences = differences.map(|((what, _), (now, then))| (*what, now - then));
        differences.filter(|(_, difference)| *difference != 0).collect()
    }
}

/// Records a last use far in the future for every key.
pub(crate) fn note_all_uses(home: &Home) {
    let url = home.database_url();
    block_on(async {
        match home.engine() {
            Engine::Sqlite => {
                let mut connection = SqliteConnection::connect(&url).await.unwrap();
                sqlx::raw_sql(AssertSqlSafe(NOTED)).execute(&mut connection).await.unwrap();
                connection.close().await.unwrap();
            }
            Engine::Postgres => {
                let mut connection = PgConnection::connect(&url).await.unwrap();
                sqlx::raw_sql(AssertSqlSafe(NOTED)).execute(&mut connection).await.unwrap();
                connection.close().await.unwrap();
            }
        }
    });
}

/// Waits until Postgres has noticed that a process is gone: until then its locks are held.
pub(crate) fn await_the_end_of_its_sessions(home: &Home) {
    if home.engine() == Engine::Sqlite {
        return;
    }
    let url = home.database_url();
    block_on(async {
        let mut connection = PgConnection::connect(&url).await.unwrap();
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
        loop {
            let sessions: i64 = sqlx::query_scalar(
                "SELECT count(*) FROM pg_stat_activity
                 WHERE datname = current_database() AND application_name = 'loggia'",
            )
            .fetch_one(&mut connection)
            .await
            .unwrap();
            if sessions == 0 {
                break;
            }
            assert!(std::time::Instant::now() < deadline, "{sessions} sessions stay");
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        connection.close().await.unwrap();
    });
}
