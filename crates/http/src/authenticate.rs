//! Who calls: the key of a request, the limit on those who guess, and the note of when a key was last used.

use actix_web::HttpRequest;
use actix_web::http::header::{HeaderValue, RETRY_AFTER};
use loggia_domain::key::Caller;

use crate::app::HttpApp;
use crate::extract::bearer;
use crate::failures::Address;
use crate::problem::{Code, Problem};
use crate::uses;

/// Finds out who calls.
///
/// The key is judged first and failures are counted after, so that a good key passes from wherever it comes: those who guess
/// may share their address with those who do not. A text that is no key is refused without asking the store.
pub(crate) async fn caller(request: &HttpRequest, app: &HttpApp) -> Result<Caller, Problem> {
    let outcome = match bearer::key(request.headers()) {
        Ok(secret) => app.loggia.authenticate(&secret).await.map_err(Problem::from),
        Err(problem) => Err(problem),
    };
    match outcome {
        Ok(authenticated) => {
            let caller = authenticated.caller;
            if let (Some(key), true) = (caller.key, authenticated.use_is_unnoted) {
                uses::note(app, key);
            }
            Ok(caller)
        }
        // Who sent no key at all guesses nothing, and a store that is away says nothing about the key.
        Err(problem) if problem.code() == Code::INVALID_KEY => Err(count_failure(request, app, problem)),
        Err(problem) => Err(problem),
    }
}

fn count_failure(request: &HttpRequest, app: &HttpApp, problem: Problem) -> Problem {
    // Of the connection, never of a header: whoever guesses would write another one each time.
    let address = Address::of(request.peer_addr().map(|peer| peer.ip()));
    match app.failures.count(address, app.loggia.now()) {
        Ok(()) => problem,
        Err(wait) => {
            let detail = "Too many invalid keys came from your address. Valid ones still pass.";
            let seconds = HeaderValue::from(wait.seconds());
            Problem::new(Code::TOO_MANY_FAILED_AUTHENTICATIONS, detail).with_header(RETRY_AFTER, seconds)
        }
    }
}
