//! The readiness of the store.

use std::time::{Duration, Instant};

use loggia_domain::port::StoreError;
use loggia_domain::service::Loggia;
use tokio::sync::Mutex;

use crate::limits::READINESS_MILLISECONDS;
use crate::pipeline::state::HttpApp;
use crate::problem::{Code, Problem};

/// The last result of the store's readiness check. The store is asked at most once per
/// [`Limits::readiness_seconds`](crate::limits::Limits::readiness_seconds), however many requests come.
#[derive(Debug, Default)]
pub(crate) struct Readiness(Mutex<Option<(Instant, Result<(), Code>)>>);

/// Fails if the server was asked to stop, or if the store is unavailable.
pub(crate) async fn check(app: &HttpApp) -> Result<(), Problem> {
    if app.server.is_stopping() {
        let detail = "This server is shutting down; send requests to another server.";
        return Err(Problem::new(Code::STOPPING, detail));
    }
    app.readiness.check(&app.loggia, Duration::from_secs(app.limits.readiness_seconds)).await
}

impl Readiness {
    /// Fails if the store is unavailable. A result is good for that long; then the store is asked again.
    async fn check(&self, loggia: &Loggia, good_for: Duration) -> Result<(), Problem> {
        // A request that comes while the store is being asked waits for that result.
        let mut known = self.0.lock().await;
        let answer = match *known {
            Some((at, answer)) if at.elapsed() < good_for => answer,
            _ => {
                let answer = ask(loggia).await;
                let outcome = answer.as_ref().map_err(Problem::code).copied();
                *known = Some((Instant::now(), outcome));
                return answer;
            }
        };
        answer.map_err(|code| Problem::new(code, "The store was unavailable when it was last checked."))
    }
}

async fn ask(loggia: &Loggia) -> Result<(), Problem> {
    let asking = loggia.check_ready();
    #[expect(clippy::disallowed_methods, reason = "nothing is written by what is cancelled")]
    let answer = tokio::time::timeout(Duration::from_millis(READINESS_MILLISECONDS), asking).await;
    answer.unwrap_or_else(|elapsed| Err(StoreError::Unavailable(Some(elapsed.into())))).map_err(Problem::from)
}
