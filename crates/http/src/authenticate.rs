//! Authentication: the key of a request, the limits on key guessing and on request rates, and the last-used timestamp of a key.

use actix_web::{HttpMessage as _, HttpRequest};
use loggia_domain::key::{Caller, KeySecret};
use loggia_domain::service::{Acting, Authenticated};

use crate::address::Address;
use crate::admission;
use crate::app::HttpApp;
use crate::deadline::Deadline;
use crate::endpoints::Endpoint;
use crate::extract::bearer;
use crate::problem::{Code, Problem};
use crate::routes::Route;
use crate::tenant::Tenant;
use crate::{first_read, uses};

/// Authenticates a call and counts it against the rate limits. For a read, use cases to read with may be returned, too, which may hold a
/// session of the store, so nothing may be waited for while they are held.
///
/// The key is checked first and a failure is counted afterwards, so that a valid key passes from any address: a client that guesses keys
/// may share its address with others. A text that is not a key is refused without asking the store.
pub(crate) async fn caller(
    endpoint: &Endpoint,
    route: &Route,
    request: &HttpRequest,
    app: &HttpApp,
    deadline: &mut Deadline,
) -> Result<(Caller, Option<Acting>), Problem> {
    match look_up_in_turn(endpoint, route, request, app, deadline).await {
        Ok((authenticated, reading)) => {
            let caller = authenticated.caller;
            // An open read keeps others from the store, so it ends before the key is written; the call reads without it.
            let reading = if authenticated.ends_unless_used { None } else { reading };
            if let (Some(key), true) = (caller.key, authenticated.ends_unless_used) {
                uses::keep(app, key).await?;
            }
            if let (Some(key), true) = (caller.key, authenticated.use_is_unnoted) {
                uses::note(app, key);
            }
            count(request, app, &caller)?;
            request.extensions_mut().insert(Tenant::from(&caller));
            Ok((caller, reading))
        }
        // A request without a key guesses nothing, and an unavailable store says nothing about the key: neither counts as a failure.
        Err(problem) if problem.code() == Code::INVALID_KEY => Err(count_failure(request, app, problem)),
        Err(problem) => Err(problem),
    }
}

/// Looks a read's key up again after the read has waited for a permit, so that a key that was revoked meanwhile is refused.
pub(crate) async fn again(
    endpoint: &Endpoint,
    route: &Route,
    request: &HttpRequest,
    app: &HttpApp,
    deadline: &mut Deadline,
) -> Result<(Caller, Option<Acting>), Problem> {
    let secret = bearer::key(request.headers())?;
    let (authenticated, reading) = look_up(endpoint, route, request, app, &secret, deadline).await?;
    Ok((authenticated.caller, reading))
}

/// Looks a key up with an authentication permit: one of its user's if the key was valid recently, or else one of the address.
async fn look_up_in_turn(
    endpoint: &Endpoint,
    route: &Route,
    request: &HttpRequest,
    app: &HttpApp,
    deadline: &mut Deadline,
) -> Result<(Authenticated, Option<Acting>), Problem> {
    let secret = bearer::key(request.headers())?;
    let known = app.known_keys.tenant(&secret, || Address::of_call(request, &app.proxies));
    let _permit = admission::authentication_permit(app, known, deadline).await?;
    let found = look_up(endpoint, route, request, app, &secret, deadline).await;
    match &found {
        Ok((authenticated, _)) => {
            app.known_keys.remember(&secret, known, Tenant::from(&authenticated.caller))
        }
        // Later lookups of a revoked key take no permit of the user it belonged to.
        Err(problem) if problem.code() == Code::INVALID_KEY => app.known_keys.forget(&secret),
        Err(_) => {}
    }
    found
}

async fn look_up(
    endpoint: &Endpoint,
    route: &Route,
    request: &HttpRequest,
    app: &HttpApp,
    secret: &KeySecret,
    deadline: &mut Deadline,
) -> Result<(Authenticated, Option<Acting>), Problem> {
    let look_up = async {
        if endpoint.writes() {
            let authenticated = app.loggia.authenticate(secret).await?;
            return Ok((authenticated, None));
        }
        let first = first_read::of(endpoint, route, request.query_string());
        Ok(app.loggia.authenticate_reader(secret, first).await?)
    };
    deadline.within(look_up).await.unwrap_or_else(|| Err(admission::took_too_long(app)))
}

/// Counts a request if requests are limited, and stores the state of the limits for the response headers.
fn count(request: &HttpRequest, app: &HttpApp, caller: &Caller) -> Result<(), Problem> {
    if let Some(limits) = &app.rate_limits {
        let rate = limits.count(caller, app.loggia.now())?;
        request.extensions_mut().insert(rate);
    }
    Ok(())
}

fn count_failure(request: &HttpRequest, app: &HttpApp, problem: Problem) -> Problem {
    let address = Address::of_call(request, &app.proxies);
    match app.failures.take(address, app.loggia.now()) {
        Ok(_) => problem,
        Err(level) => {
            let detail = "Too many invalid API keys came from your address. Requests with a valid key are still accepted.";
            level.refuse(Problem::new(Code::TOO_MANY_FAILED_AUTHENTICATIONS, detail))
        }
    }
}
