//! Who is let in: turns at the store and room in memory, each shared out so that nobody takes it all.
//!
//! A call is refused before its body is read if there is no turn for it then. While a body arrives no turn is held, only
//! room: whoever sends slowly stands in nobody's way. The checks of health need no turn.

use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::dev::Payload;
use actix_web::web::Bytes;

use crate::app::{HttpApp, ROOM_UNIT};
use crate::endpoints::{BodyRule, Endpoint};
use crate::extract::payload;
use crate::fair_semaphore::{Party, Share};
use crate::problem::{Code, Problem};

/// A turn at the store.
#[derive(Debug)]
pub(crate) struct Turn {
    _share: Share,
    /// What whoever may run long has beside it.
    _of_the_long: Option<Share>,
}

/// A turn to read. Whoever may run long waits for one of the turns for that first, and for nothing that the others lack meanwhile.
pub(crate) async fn turn_to_read(app: &HttpApp, party: Party, may_run_long: bool) -> Result<Turn, Problem> {
    let of_the_long = match may_run_long {
        true => Some(app.long_reads.take(party).await.ok_or_else(busy)?),
        false => None,
    };
    let share = app.reads.take(party).await.ok_or_else(busy)?;
    Ok(Turn { _share: share, _of_the_long: of_the_long })
}

/// The same, if there is one now.
pub(crate) fn turn_to_read_at_once(app: &HttpApp, party: Party, may_run_long: bool) -> Option<Turn> {
    let of_the_long = match may_run_long {
        true => Some(app.long_reads.try_take(party, 1)?),
        false => None,
    };
    Some(Turn { _share: app.reads.try_take(party, 1)?, _of_the_long: of_the_long })
}

/// A turn to write.
pub(crate) async fn turn_to_write(app: &HttpApp, party: Party) -> Result<Turn, Problem> {
    let share = app.writes.take(party).await.ok_or_else(busy)?;
    Ok(Turn { _share: share, _of_the_long: None })
}

/// A turn to look up who calls.
pub(crate) async fn turn_at_the_door(app: &HttpApp, party: Party) -> Result<Share, Problem> {
    app.doors.take(party).await.ok_or_else(busy)
}

/// Nothing has been done.
fn busy() -> Problem {
    Problem::new(Code::BUSY, "Too much is under way; nothing was done. Try again.")
}

/// What was given up after the time that a call may take, where it was only going to read.
pub(crate) fn took_too_long(app: &HttpApp) -> Problem {
    let detail = format!("This took longer than {} seconds; nothing was done.", app.limits.request_seconds);
    Problem::new(Code::BUSY, detail + " Try again.")
}

/// A body with the room that it takes, which is given back when the last copy is dropped.
pub(crate) type Body = (Bytes, Option<Arc<Share>>);

/// Reads the body that an endpoint asks for.
pub(crate) async fn body(
    request: &HttpRequest,
    payload: &mut Payload,
    endpoint: &Endpoint,
    app: &HttpApp,
    party: Party,
) -> Result<Body, Problem> {
    if endpoint.body == BodyRule::None {
        return Ok((Bytes::new(), None));
    }
    // Whether there is one now; it is taken anew when the body is there.
    drop(turn_to_write(app, party).await?);
    let bytes = payload::most(request, &app.limits);
    let room = app.room.try_take(party, bytes.div_ceil(ROOM_UNIT)).ok_or_else(busy)?;
    let body = payload::read(request, payload, endpoint.body, &app.limits).await?;
    Ok((body, Some(Arc::new(room))))
}

/// Room for an answer that is not small, until its client has taken it.
pub(crate) fn room_for_answer(app: &HttpApp, party: Party, bytes: usize) -> Result<Share, Problem> {
    app.room.try_take(party, bytes.div_ceil(ROOM_UNIT)).ok_or_else(busy)
}
