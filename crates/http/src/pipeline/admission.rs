//! Admission: permits to query the store, and memory for bodies, shared fairly between tenants.
//!
//! A call holds no permit while its body arrives, only memory for the bytes that have arrived. A call of an overloaded tenant is refused
//! before its body is read. Memory for a response is reserved before the store is asked, as much as the response may take; the memory that
//! the response does take stays reserved until the client has received it. Health checks need no permit.

use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::dev::Payload;
use actix_web::web::Bytes;
use loggia_observe::{Stage, Timer};
use loggia_serve::admission::{Deadline, FairSemaphore, Permit, Tenant};

use crate::operation::Operation;
use crate::operation::description::BodyRule;
use crate::pipeline::payload;
use crate::pipeline::state::HttpApp;
use crate::problem::{Code, Problem};
use crate::wire::response::{ROOM_UNIT, ResponseRoom};

/// The resources that a read needs before it asks the store.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ReadNeeds {
    /// `true` if the read may run long.
    pub(crate) is_long: bool,
    /// The memory in bytes that the response may take, or 0 if the response is small, see [`response_size`](crate::pipeline::response_size).
    pub(crate) memory: usize,
}

/// The permits of a read.
#[derive(Debug)]
pub(crate) struct ReadPermits {
    _read: Permit,
    _long_read: Option<Permit>,
}

/// Acquires what a read needs: memory for its response, then a long-read permit, then a general permit. So a read never holds a permit
/// while it waits for memory or for a scarcer permit.
pub(crate) async fn read_permits(
    app: &HttpApp,
    tenant: Tenant,
    needs: ReadNeeds,
    deadline: &mut Deadline,
) -> Result<(ReadPermits, ResponseRoom), Problem> {
    let room = response_room(app, tenant, needs.memory, deadline).await?;
    let long_read = match needs.is_long {
        true => Some(acquire(&app.long_reads, tenant, 1, deadline).await?),
        false => None,
    };
    let read = acquire(&app.reads, tenant, 1, deadline).await?;
    Ok((ReadPermits { _read: read, _long_read: long_read }, room))
}

/// Acquires what a read needs if all of it is free now.
pub(crate) fn try_read_permits(
    app: &HttpApp,
    tenant: Tenant,
    needs: ReadNeeds,
) -> Option<(ReadPermits, ResponseRoom)> {
    let room = match needs.memory {
        0 => None,
        memory => Some(app.response_room.try_acquire(tenant, response_units(app, memory))?),
    };
    let long_read = match needs.is_long {
        true => Some(app.long_reads.try_acquire(tenant, 1)?),
        false => None,
    };
    Some((ReadPermits { _read: app.reads.try_acquire(tenant, 1)?, _long_read: long_read }, room))
}

/// Acquires memory for a response that may take `memory` bytes. Returns `None` if `memory` is 0.
pub(crate) async fn response_room(
    app: &HttpApp,
    tenant: Tenant,
    memory: usize,
    deadline: &mut Deadline,
) -> Result<ResponseRoom, Problem> {
    if memory == 0 {
        return Ok(None);
    }
    let units = response_units(app, memory);
    acquire(&app.response_room, tenant, units, deadline).await.map(Some)
}

/// Returns the units of memory for that many bytes, at most what one user may hold. On a host that gives less memory than the largest
/// response may take, such responses are served one at a time instead of being refused for good.
fn response_units(app: &HttpApp, memory: usize) -> usize {
    memory.div_ceil(ROOM_UNIT).min(app.response_room.max_per_user())
}

/// Acquires permits. Only a call that has to wait is in the stage of the queue.
async fn acquire(
    semaphore: &FairSemaphore,
    tenant: Tenant,
    number: usize,
    deadline: &mut Deadline,
) -> Result<Permit, Problem> {
    if let Some(permit) = semaphore.try_acquire(tenant, number) {
        return Ok(permit);
    }
    let _queue = Timer::begin(Stage::Queue);
    deadline.acquire(semaphore, tenant, number).await.ok_or_else(Problem::busy)
}

/// Acquires a permit to write.
pub(crate) async fn write_permit(
    app: &HttpApp,
    tenant: Tenant,
    deadline: &mut Deadline,
) -> Result<Permit, Problem> {
    acquire(&app.writes, tenant, 1, deadline).await
}

/// Acquires a permit to look up a key.
pub(crate) async fn authentication_permit(
    app: &HttpApp,
    tenant: Tenant,
    deadline: &mut Deadline,
) -> Result<Permit, Problem> {
    acquire(&app.authentications, tenant, 1, deadline).await
}

/// Returns the problem of a read that was abandoned because it took too long.
pub(crate) fn took_too_long(app: &HttpApp) -> Problem {
    let detail =
        format!("The request took longer than {} seconds; nothing was written.", app.limits.request_seconds);
    Problem::new(Code::BUSY, detail + " Try again.")
}

/// A body and the permit for its memory, which is released when the last clone is dropped.
pub(crate) type Body = (Bytes, Option<Arc<Permit>>);

/// Reads the body that an operation asks for.
pub(crate) async fn body(
    request: &HttpRequest,
    payload: &mut Payload,
    operation: &Operation,
    app: &HttpApp,
    tenant: Tenant,
    deadline: &mut Deadline,
) -> Result<Body, Problem> {
    if operation.body_rule() == BodyRule::None {
        return Ok((Bytes::new(), None));
    }
    // Fails early if no permit can be had; the call acquires one once the body has arrived.
    if app.writes.is_overloaded(tenant) && !deadline.would_acquire(&app.writes, tenant).await {
        return Err(Problem::busy());
    }
    let mut room = payload::BodyRoom { semaphore: &app.body_room, tenant, permit: None };
    let body = payload::read(request, payload, operation.body_rule(), &app.limits, &mut room).await?;
    Ok((body, room.permit.map(Arc::new)))
}
