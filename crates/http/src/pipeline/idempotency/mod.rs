//! Safe retries: a write with an `Idempotency-Key` is done once, and a retry gets the stored response.
//!
//! The domain defines what reservations and stored responses guarantee. This module parses the header, fingerprints the request, and
//! encodes and decodes responses.

mod in_flight;
mod request;
mod stored_response;

use actix_web::http::header::{HeaderName, HeaderValue, RETRY_AFTER};
use loggia_domain::once::{Claim, Once, StoredResponse};
use loggia_domain::service::Loggia;

use crate::pipeline::call::Call;
use crate::pipeline::context::Notes;
use crate::pipeline::handler::{Work, finished};
use crate::problem::from_domain::no_access;
use crate::problem::{Code, Problem};
use crate::wire::response::Reply;

pub(crate) use in_flight::InFlight;
pub(crate) use request::claim;

/// The header that marks a replayed response.
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// Returns the response to a call with an idempotency key. A request that is invalid by itself has a problem instead of work: it is answered
/// with the problem unless the key was used before.
pub(crate) async fn run_once(
    loggia: &Loggia,
    call: Call,
    work: Result<Box<dyn Work>, Problem>,
    claim: &Claim,
) -> Reply {
    let (caller, notes) = (&call.caller, &call.notes);
    let work = match work {
        Ok(work) => work,
        Err(problem) => {
            let outcome = loggia.once(caller, claim, |_| async { ((), None) }).await?;
            return respond(outcome, notes, |()| Err(problem));
        }
    };
    let run = |acting| {
        let running = finished(work.run_copy(call.with(acting)), call.base.clone());
        async move {
            let kept =
                running.await.and_then(|answer| Ok((stored_response::from_response(&answer)?, answer)));
            match kept {
                Ok((kept, answer)) => (Ok(answer), Some(kept)),
                // A refusal is not stored, and nothing is written.
                Err(problem) => (Err(problem), None),
            }
        }
    };
    respond(loggia.once(caller, claim, run).await?, notes, |reply| reply)
}

/// Returns the response to a request: by `done` if it was executed or refused now, or else that of the request that used its key before.
fn respond<R>(outcome: Once<R>, notes: &Notes, done: impl FnOnce(R) -> Reply) -> Reply {
    match outcome {
        Once::Done(outcome) => done(outcome),
        Once::Kept(StoredResponse::Shown(bytes)) => {
            notes.replayed();
            replayed(&bytes)
        }
        Once::Kept(StoredResponse::Withheld) => Err(Problem::new(
            Code::SECRET_ALREADY_SHOWN,
            "The first request succeeded, and its response showed a secret, which is shown only once. If it was lost, revoke that API key and create another, or send the invitation again.",
        )),
        Once::OtherRequest => Err(Problem::new(
            Code::IDEMPOTENCY_KEY_REUSED,
            "This Idempotency-Key was sent with another query, body or media type. Use a new one for a new request.",
        )),
        Once::InFlight => Err(in_use()),
        Once::NoLonger => Err(no_access()),
    }
}

fn replayed(bytes: &[u8]) -> Reply {
    stored_response::decode(bytes)?.with_header(REPLAYED, "true")
}

/// Returns the problem of a request whose idempotency key is in use: the first request with that key has not ended.
pub(crate) fn in_use() -> Problem {
    Problem::new(
        Code::IDEMPOTENCY_KEY_IN_USE,
        "The first request with this Idempotency-Key is still running. Try again.",
    )
    .with_header(RETRY_AFTER, HeaderValue::from_static("1"))
}
