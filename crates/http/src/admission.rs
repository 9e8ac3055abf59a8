//! Admission: permits to query the store, and memory for bodies, shared fairly between tenants.
//!
//! A call holds no permit while its body arrives, only memory for the bytes that have arrived. A call of an overloaded tenant is refused before its
//! body is read. Health checks need no permit.

use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::dev::Payload;
use actix_web::web::Bytes;

use crate::app::{HttpApp, ROOM_UNIT};
use crate::deadline::Deadline;
use crate::endpoints::{BodyRule, Endpoint};
use crate::extract::payload;
use crate::fair_semaphore::{FairSemaphore, Permit};
use crate::problem::{Code, Problem};
use crate::tenant::Tenant;

/// The permits of a read.
#[derive(Debug)]
pub(crate) struct ReadPermits {
    _read: Permit,
    _long_read: Option<Permit>,
}

/// Acquires the permits of a read. A long read acquires a long-read permit first, so it never holds a general permit while it waits for that.
pub(crate) async fn read_permits(
    app: &HttpApp,
    tenant: Tenant,
    is_long: bool,
    deadline: &mut Deadline,
) -> Result<ReadPermits, Problem> {
    let long_read = match is_long {
        true => Some(deadline.acquire(&app.long_reads, tenant).await.ok_or_else(busy)?),
        false => None,
    };
    let read = deadline.acquire(&app.reads, tenant).await.ok_or_else(busy)?;
    Ok(ReadPermits { _read: read, _long_read: long_read })
}

/// Acquires the permits of a read if they are free now.
pub(crate) fn try_read_permits(app: &HttpApp, tenant: Tenant, is_long: bool) -> Option<ReadPermits> {
    let long_read = match is_long {
        true => Some(app.long_reads.try_acquire(tenant, 1)?),
        false => None,
    };
    Some(ReadPermits { _read: app.reads.try_acquire(tenant, 1)?, _long_read: long_read })
}

/// Acquires a permit to write.
pub(crate) async fn write_permit(
    app: &HttpApp,
    tenant: Tenant,
    deadline: &mut Deadline,
) -> Result<Permit, Problem> {
    deadline.acquire(&app.writes, tenant).await.ok_or_else(busy)
}

/// Acquires a permit to look up a key.
pub(crate) async fn authentication_permit(
    app: &HttpApp,
    tenant: Tenant,
    deadline: &mut Deadline,
) -> Result<Permit, Problem> {
    deadline.acquire(&app.authentications, tenant).await.ok_or_else(busy)
}

/// Returns the refusal of a call for which there is no permit or no memory. The call has done nothing.
fn busy() -> Problem {
    Problem::new(Code::BUSY, "Too many requests are in flight; nothing was done. Try again.")
}

/// Returns the refusal of a read that was given up since it took too long.
pub(crate) fn took_too_long(app: &HttpApp) -> Problem {
    let detail = format!("This took longer than {} seconds; nothing was done.", app.limits.request_seconds);
    Problem::new(Code::BUSY, detail + " Try again.")
}

/// A body with the memory that it takes, which is given back when the last copy is dropped.
pub(crate) type Body = (Bytes, Option<Arc<Permit>>);

/// Reads the body that an endpoint asks for.
pub(crate) async fn body(
    request: &HttpRequest,
    payload: &mut Payload,
    endpoint: &Endpoint,
    app: &HttpApp,
    tenant: Tenant,
    deadline: &mut Deadline,
) -> Result<Body, Problem> {
    if endpoint.body == BodyRule::None {
        return Ok((Bytes::new(), None));
    }
    if app.writes.is_overloaded(tenant) {
        // Whether there is a permit now; the call acquires it anew when the body has arrived.
        drop(write_permit(app, tenant, deadline).await?);
    }
    let mut room = BodyRoom { semaphore: &app.body_room, tenant, permit: None };
    let body = payload::read(request, payload, endpoint.body, &app.limits, &mut room).await?;
    Ok((body, room.permit.map(Arc::new)))
}

/// Memory for one body, which is reserved as the body arrives.
pub(crate) struct BodyRoom<'a> {
    semaphore: &'a FairSemaphore,
    tenant: Tenant,
    permit: Option<Permit>,
}

impl BodyRoom<'_> {
    /// Reserves memory for `bytes` in all. Fails with 503 if the tenant or the service has no more.
    pub(crate) fn reserve(&mut self, bytes: usize) -> Result<(), Problem> {
        let units = bytes.div_ceil(ROOM_UNIT);
        let is_reserved = match &mut self.permit {
            Some(permit) => permit.try_grow(units),
            none => {
                *none = self.semaphore.try_acquire(self.tenant, units);
                none.is_some()
            }
        };
        if is_reserved { Ok(()) } else { Err(busy()) }
    }
}

/// Reserves memory for a response that is not small, until its client has taken it.
pub(crate) fn response_room(app: &HttpApp, tenant: Tenant, bytes: usize) -> Result<Permit, Problem> {
    app.response_room.try_acquire(tenant, bytes.div_ceil(ROOM_UNIT)).ok_or_else(busy)
}
