//! Who calls: the key of a request, the limits on those who guess and on those who call too often, and the note of when a key
//! was last used.

use std::hash::BuildHasher as _;

use actix_web::{HttpMessage as _, HttpRequest};
use loggia_domain::key::{Caller, KeySecret};
use loggia_domain::port::FirstRead;
use loggia_domain::service::{Authenticated, Loggia};

use crate::address::Address;
use crate::admission;
use crate::app::HttpApp;
use crate::endpoints::Endpoint;
use crate::extract::bearer;
use crate::fair_semaphore::Party;
use crate::problem::{Code, Problem};
use crate::routes::Route;
use crate::{first_read, uses};

/// Finds out who calls. Where the call goes on to read, the use cases to do so with may come with it: they may have something of the
/// store's in their hands, so nothing is waited for while they are held.
///
/// The key is judged first and failures are counted after, so that a good key passes from wherever it comes: those who guess
/// may share their address with those who do not. A text that is no key is refused without asking the store.
pub(crate) async fn caller(
    endpoint: &Endpoint,
    route: &Route,
    request: &HttpRequest,
    app: &HttpApp,
) -> Result<(Caller, Option<Loggia>), Problem> {
    let outcome = match bearer::key(request.headers()) {
        Ok(secret) => {
            let first = first_read::of(endpoint, route, request.query_string());
            look_up(endpoint, app, &secret, first).await
        }
        Err(problem) => Err(problem),
    };
    match outcome {
        Ok((authenticated, reading)) => {
            let caller = authenticated.caller;
            // A read that is held keeps others from the store, so it ends before the key is written; the call reads without it.
            let reading = if authenticated.ends_unless_used { None } else { reading };
            if let (Some(key), true) = (caller.key, authenticated.ends_unless_used) {
                uses::keep(app, key).await?;
            }
            if let (Some(key), true) = (caller.key, authenticated.use_is_unnoted) {
                uses::note(app, key);
            }
            count(request, app, &caller)?;
            request.extensions_mut().insert(Party::from(&caller));
            Ok((caller, reading))
        }
        // Who sent no key at all guesses nothing, and a store that is away says nothing about the key.
        Err(problem) if problem.code() == Code::INVALID_KEY => Err(count_failure(request, app, problem)),
        Err(problem) => Err(problem),
    }
}

async fn look_up(
    endpoint: &Endpoint,
    app: &HttpApp,
    secret: &KeySecret,
    first: Option<FirstRead>,
) -> Result<(Authenticated, Option<Loggia>), Problem> {
    let party = Party::Presented(app.presented.hash_one(secret.expose()));
    let _turn = admission::turn_at_the_door(app, party).await?;
    if endpoint.writes() {
        let authenticated = app.loggia.authenticate(secret).await?;
        return Ok((authenticated, None));
    }
    Ok(app.loggia.authenticate_reader(secret, first).await?)
}

/// Counts a request, if requests are limited, and keeps what the response tells of the limits.
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
            let detail = "Too many invalid keys came from your address. Valid ones still pass.";
            level.refuse(Problem::new(Code::TOO_MANY_FAILED_AUTHENTICATIONS, detail))
        }
    }
}
