//! Authentication: the key of a request, or the caller whom the host recognises; the limits on key guessing and on request rates; and the
//! last-used timestamp of a key.

use actix_web::HttpRequest;
use loggia_domain::id::{KeyId, OrganizationId};
use loggia_domain::key::{Caller, KeySecret};
use loggia_domain::scope::Reach;
use loggia_domain::service::{Acting, Authenticated};
use loggia_observe::Observed;
use loggia_serve::admission::{Deadline, Member, Tenant};
use loggia_serve::client::Address;

use crate::operation::Operation;
use crate::pipeline::admission;
use crate::pipeline::context::RequestContext;
use crate::pipeline::guest;
use crate::pipeline::router::Route;
use crate::pipeline::state::HttpApp;
use crate::pipeline::usage::LimitedRate;
use crate::problem::{Code, Problem};
use crate::wire::bearer;

/// Authenticates a call and counts it against the rate limits. For a read, use cases to read with may be returned, too, which may hold a
/// session of the store, so nothing may be waited for while they are held.
///
/// The key is checked first and a failure is counted afterwards, so that a valid key passes from any address: a client that guesses keys
/// may share its address with others. A text that is not a key is refused without asking the store.
pub(crate) async fn caller(
    operation: &Operation,
    route: &Route,
    request: &HttpRequest,
    app: &HttpApp,
    context: &RequestContext,
    deadline: &mut Deadline,
) -> Result<(Caller, Option<Acting>), Problem> {
    if let Some(callers) = app.callers() {
        let caller = Box::pin(guest::caller(callers, request, app, deadline)).await?;
        count(app, context, &caller)?;
        return Ok((caller, None));
    }
    match look_up_in_turn(operation, route, request, app, deadline).await {
        Ok((authenticated, reading)) => {
            let caller = authenticated.caller;
            // An open read keeps others from the store, so it ends before the key is written; the call reads without it.
            let reading = if authenticated.ends_unless_used { None } else { reading };
            if let (Some(key), true) = (caller.key, authenticated.ends_unless_used) {
                keep(app, key).await?;
            }
            if let (Some(key), true) = (caller.key, authenticated.use_is_unrecorded) {
                note(app, key);
            }
            count(app, context, &caller)?;
            Ok((caller, reading))
        }
        // A request without a key guesses nothing, and an unavailable store says nothing about the key: neither counts as a failure.
        Err(problem) if problem.code() == Code::INVALID_KEY => Err(count_failure(request, app, problem)),
        Err(problem) => Err(problem),
    }
}

/// Authenticates a read again after it has waited for a permit, so that a key that was revoked meanwhile is refused.
pub(crate) async fn again(
    operation: &Operation,
    route: &Route,
    request: &HttpRequest,
    app: &HttpApp,
    deadline: &mut Deadline,
) -> Result<(Caller, Option<Acting>), Problem> {
    if let Some(callers) = app.callers() {
        return Ok((Box::pin(guest::caller(callers, request, app, deadline)).await?, None));
    }
    let secret = bearer::key(request.headers())?;
    let (authenticated, reading) = look_up(operation, route, request, app, &secret, deadline).await?;
    Ok((authenticated.caller, reading))
}

/// Looks a key up with an authentication permit: one of its user's if the key was valid recently, or else one of the address.
async fn look_up_in_turn(
    operation: &Operation,
    route: &Route,
    request: &HttpRequest,
    app: &HttpApp,
    deadline: &mut Deadline,
) -> Result<(Authenticated, Option<Acting>), Problem> {
    let secret = bearer::key(request.headers())?;
    let known =
        app.known_keys.tenant(secret.expose(), || Address::from_request(request, &app.server.proxies));
    let _permit = admission::authentication_permit(app, known, deadline).await?;
    let found = look_up(operation, route, request, app, &secret, deadline).await;
    match &found {
        Ok((authenticated, _)) => {
            app.known_keys.remember(secret.expose(), known, tenant(&authenticated.caller))
        }
        // Later lookups of a revoked key take no permit of the user it belonged to.
        Err(problem) if problem.code() == Code::INVALID_KEY => app.known_keys.forget(secret.expose()),
        Err(_) => {}
    }
    found
}

async fn look_up(
    operation: &Operation,
    route: &Route,
    request: &HttpRequest,
    app: &HttpApp,
    secret: &KeySecret,
    deadline: &mut Deadline,
) -> Result<(Authenticated, Option<Acting>), Problem> {
    let look_up = async {
        if operation.writes() {
            let authenticated = app.loggia.authenticate(secret).await?;
            return Ok((authenticated, None));
        }
        let first = operation.first_read(&route.values, request.query_string());
        Ok(app.loggia.authenticate_reader(secret, first).await?)
    };
    deadline.within(look_up).await.unwrap_or_else(|| Err(admission::took_too_long(app)))
}

/// Counts a request if requests are limited, and stores the state of the limits for the response headers.
fn count(app: &HttpApp, context: &RequestContext, caller: &Caller) -> Result<(), Problem> {
    if let Some(limits) = &app.rate_limits {
        let counted = limits.count(tenant(caller), app.loggia.now().micros());
        context.set_rate(counted.inspect_err(|exceeded| app.rate_refusals.count(exceeded.into()))?);
    }
    Ok(())
}

fn count_failure(request: &HttpRequest, app: &HttpApp, problem: Problem) -> Problem {
    let address = Address::from_request(request, &app.server.proxies);
    match app.failures.take(address, app.loggia.now().micros()) {
        Ok(_) => problem,
        Err(level) => {
            app.rate_refusals.count(LimitedRate::InvalidKeys);
            Problem::too_many_failures(level)
        }
    }
}

/// Returns the tenant that a caller's requests count for: the user, under the organization that the key is confined to, or else that of its
/// default scope, unless that is the user's personal scope.
pub(crate) fn tenant(caller: &Caller) -> Tenant {
    let organization = match caller.reach {
        Reach::Only(organization) => Some(organization),
        Reach::Everywhere => caller.default_scope.organization(),
    };
    Tenant {
        member: Member::User(caller.user.as_uuid()),
        organization: organization.map(OrganizationId::as_uuid),
    }
}

/// Keeps a key that ends unless it is used, before its call goes on. The write completes even if the client goes away.
async fn keep(app: &HttpApp, key: KeyId) -> Result<(), Problem> {
    let loggia = app.loggia.clone();
    let keeping = Observed::current(async move { loggia.keep_key(key).await });
    let kept = app.runtime.spawn(app.server.tasks.track_future(keeping));
    match kept.await {
        Ok(kept) => kept.map_err(Problem::from),
        Err(error) => Err(Problem::internal(error)),
    }
}

/// Records the last use of a key, in parallel with the call and its response. If too much is being recorded already, that is left to the
/// key's next call.
fn note(app: &HttpApp, key: KeyId) {
    let Some(turn) = app.last_used.begin(key) else { return };
    let loggia = app.loggia.clone();
    app.runtime.spawn(app.server.tasks.track_future(async move {
        if let Err(error) = loggia.touch_key(key).await {
            tracing::debug!(key_id = %key, %error, "the use of a key was not noted");
        }
        drop(turn);
    }));
}

#[cfg(test)]
mod tests {
    use loggia_domain::id::UserId;
    use loggia_domain::scope::Scope;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_key_counts_for_the_organization_of_its_reach_or_its_default_scope() {
        let user = UserId::from_uuid(Uuid::from_u128(7));
        let [own, other] = [1, 2].map(|id| OrganizationId::from_uuid(Uuid::from_u128(id)));
        let organization = |caller: &Caller| tenant(caller).organization;
        let personal = Caller::unchecked(user, Scope::Personal(user));
        assert_eq!(organization(&personal), None);
        let confined = personal.confined_to(own);
        assert_eq!(organization(&confined), Some(own.as_uuid()));
        let usual = Caller::unchecked(user, Scope::Organization(other));
        assert_eq!(organization(&usual), Some(other.as_uuid()));
        for caller in [personal, confined, usual] {
            assert_eq!(tenant(&caller).member, Member::User(user.as_uuid()));
        }
    }
}
