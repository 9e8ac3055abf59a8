//! The janitor, which drops databases after use.
//!
//! A test must not wait for that, and may end with its runtime gone. So one thread per process, with a runtime and a connection of its
//! own, does it for all tests. A process that ends may leave its last databases behind. Each name contains the process id of the
//! janitor's session, and the next janitor drops the databases whose session has ended.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::JoinHandle;

use sqlx::postgres::PgConnection;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;

use super::{DatabaseError, connect, execute};

/// The application name of this crate's sessions.
pub(super) const APPLICATION: &str = "loggia-testpg";

#[derive(Debug)]
pub(super) struct Janitor {
    /// The server's process id of the janitor's session, which is part of the names.
    session: i32,
    last: AtomicU32,
    /// `None` only while the janitor is being dropped.
    names: Option<Sender<String>>,
    thread: Option<JoinHandle<()>>,
}

impl Janitor {
    pub(super) async fn start(admin_url: &str) -> Result<Self, DatabaseError> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(DatabaseError::Thread)?;
        let (names, received) = mpsc::channel();
        let (ready, session) = oneshot::channel();
        let admin_url = admin_url.to_owned();
        let thread = std::thread::Builder::new()
            .name("test database janitor".to_owned())
            .spawn(move || work(&runtime, &admin_url, ready, &received))
            .map_err(DatabaseError::Thread)?;
        let session = session.await.map_err(|gone| DatabaseError::Thread(std::io::Error::other(gone)))??;
        Ok(Self { session, last: AtomicU32::new(0), names: Some(names), thread: Some(thread) })
    }

    /// Returns a name that no other database has.
    pub(super) fn next_name(&self) -> String {
        format!("loggia_test_{}_{}", self.session, self.last.fetch_add(1, Ordering::Relaxed) + 1)
    }

    pub(super) fn drop_later(&self, name: String) {
        if let Some(names) = &self.names {
            // Sending fails only if the janitor has ended, because its server has.
            names.send(name).ok();
        }
    }
}

impl Drop for Janitor {
    fn drop(&mut self) {
        drop(self.names.take());
        if let Some(thread) = self.thread.take() {
            // A panic of the thread was printed; another one here would only hide the test's message.
            thread.join().ok();
        }
    }
}

fn work(
    runtime: &Runtime,
    admin_url: &str,
    ready: oneshot::Sender<Result<i32, DatabaseError>>,
    names: &Receiver<String>,
) {
    let mut connection = match runtime.block_on(begin(admin_url)) {
        Ok((connection, session)) => {
            // The receiver may have been cancelled; then the channel of names is closed too.
            ready.send(Ok(session)).ok();
            connection
        }
        Err(error) => {
            ready.send(Err(error)).ok();
            return;
        }
    };
    let abandoned = runtime.block_on(abandoned(&mut connection)).unwrap_or_default();
    // Another process may have dropped some of them already.
    for name in abandoned.into_iter().chain(names) {
        runtime.block_on(drop_database(&mut connection, &name)).ok();
    }
}

/// Connects, and drops databases of an earlier session with the same process id, whose names would be reused.
async fn begin(admin_url: &str) -> Result<(PgConnection, i32), DatabaseError> {
    const DURING: &str = "looking for abandoned test databases";
    let mut connection = connect(admin_url).await?;
    let session: i32 = sqlx::query_scalar("SELECT pg_backend_pid()")
        .fetch_one(&mut connection)
        .await
        .map_err(DatabaseError::during(DURING))?;
    let in_the_way =
        sqlx::query_scalar("SELECT datname::text FROM pg_database WHERE starts_with(datname::text, $1)");
    let in_the_way: Vec<String> = in_the_way
        .bind(format!("loggia_test_{session}_"))
        .fetch_all(&mut connection)
        .await
        .map_err(DatabaseError::during(DURING))?;
    for name in in_the_way {
        drop_database(&mut connection, &name).await?;
    }
    Ok((connection, session))
}

/// Returns the test databases of sessions that have ended.
async fn abandoned(connection: &mut PgConnection) -> Result<Vec<String>, sqlx::Error> {
    let names = sqlx::query_scalar(
        r"SELECT datname::text FROM pg_database
          WHERE datname ~ '^loggia_test_\d+_\d+$'
            AND split_part(datname::text, '_', 3) NOT IN
                (SELECT pid::text FROM pg_stat_activity WHERE application_name = $1)",
    );
    names.bind(APPLICATION).fetch_all(connection).await
}

async fn drop_database(connection: &mut PgConnection, name: &str) -> Result<(), DatabaseError> {
    let statement = format!("DROP DATABASE IF EXISTS \"{name}\" WITH (FORCE)");
    execute(connection, statement, "dropping a test database").await
}
