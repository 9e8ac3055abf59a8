//! Safe retries: a write with an `Idempotency-Key` is done once, and a retry gets the stored response.
//!
//! The domain defines what reservations and stored responses guarantee. This module parses the header, fingerprints the request, and
//! encodes and decodes responses.

mod header;
mod kept;
mod request;
mod underway;

use actix_web::http::header::{HeaderName, HeaderValue, RETRY_AFTER};
use loggia_domain::once::{Claim, KeptAnswer, Once};

use crate::answer::Reply;
use crate::call::Call;
use crate::dispatch::run_here;
use crate::endpoints::Endpoint;
use crate::problem::{Code, Problem};
use crate::refusal::no_access;

pub(crate) use request::claim;
pub(crate) use underway::Underway;

/// The header that marks a replayed response.
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

impl Endpoint {
    /// Returns `true` if the endpoint supports `Idempotency-Key`. The other methods are idempotent.
    pub fn takes_idempotency_key(&self) -> bool {
        matches!(self.method, "POST" | "PATCH")
    }
}

/// Returns the response to a call with an idempotency key.
pub(crate) async fn run_once(endpoint: &'static Endpoint, call: Call, claim: &Claim) -> Reply {
    let (loggia, caller, notes) = (call.app.loggia.clone(), call.caller, call.notes.clone());
    let work = |acting| {
        let call = call.with(acting);
        async move {
            let reply = run_here(endpoint, call).await;
            let kept = reply.and_then(|answer| Ok((kept::of(&answer)?, answer)));
            match kept {
                Ok((kept, answer)) => (Ok(answer), Some(kept)),
                // A refusal is not stored, and nothing is written.
                Err(problem) => (Err(problem), None),
            }
        }
    };
    match loggia.once(&caller, claim, work).await? {
        Once::Done(reply) => reply,
        Once::Kept(KeptAnswer::Shown(bytes)) => {
            notes.replayed();
            replayed(&bytes)
        }
        Once::Kept(KeptAnswer::Withheld) => Err(Problem::new(
            Code::SECRET_ALREADY_SHOWN,
            "The first request succeeded, and its response showed a secret, which is shown only once. If it was lost, revoke that API key and create another, or send the invitation again.",
        )),
        Once::OtherRequest => Err(Problem::new(
            Code::IDEMPOTENCY_KEY_REUSED,
            "This Idempotency-Key was sent with another query, body or media type. Use a new one for a new request.",
        )),
        Once::Underway => Err(in_use()),
        Once::NoLonger => Err(no_access()),
    }
}

fn replayed(bytes: &[u8]) -> Reply {
    kept::decode(bytes)?.with_header(REPLAYED, "true")
}

/// Returns the problem of a request whose idempotency key is in use: the first request with that key has not ended.
pub(crate) fn in_use() -> Problem {
    Problem::new(
        Code::IDEMPOTENCY_KEY_IN_USE,
        "The first request with this Idempotency-Key is still running. Try again.",
    )
    .with_header(RETRY_AFTER, HeaderValue::from_static("1"))
}
