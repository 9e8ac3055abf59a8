//! The readiness of the service: whether it is serving and its store is available.

use std::time::{Duration, Instant};

use loggia_domain::port::StoreError;
use tokio::sync::Mutex;

use crate::limits::READINESS_MILLISECONDS;
use crate::pipeline::state::HttpApp;
use crate::problem::{Code, Problem};

/// The last result of the store's readiness check. The store is asked at most once per
/// [`Limits::readiness_seconds`](crate::limits::Limits::readiness_seconds), however many requests come.
#[derive(Debug, Default)]
pub(crate) struct Readiness(Mutex<Option<(Instant, Result<(), Code>)>>);

/// Fails if the service is stopping or its store is unavailable.
pub(crate) async fn check(app: &HttpApp) -> Result<(), Problem> {
    if app.server.is_stopping() {
        return Err(Problem::new(
            Code::STOPPING,
            "This server is shutting down; send requests to another server.",
        ));
    }
    let good_for = Duration::from_secs(app.limits.readiness_seconds);
    // A request that comes while the store is being asked waits for that result.
    let mut known = app.readiness.0.lock().await;
    let answer = match *known {
        Some((at, answer)) if at.elapsed() < good_for => answer,
        _ => {
            let answer = ask(app).await;
            let told = answer.as_ref().map_err(Problem::code).copied();
            *known = Some((Instant::now(), told));
            return answer;
        }
    };
    answer.map_err(|code| Problem::new(code, "The store was unavailable when it was last checked."))
}

async fn ask(app: &HttpApp) -> Result<(), Problem> {
    let asking = app.loggia.check_ready();
    #[expect(clippy::disallowed_methods, reason = "nothing is written by what is cancelled")]
    let answer = tokio::time::timeout(Duration::from_millis(READINESS_MILLISECONDS), asking).await;
    answer.unwrap_or_else(|elapsed| Err(StoreError::Unavailable(Some(elapsed.into())))).map_err(Problem::from)
}
