//! A client's connection, with the limits that actix lacks: on the head of every request and not only of the first one, and on the time in
//! which a client reads a response. A connection with no request in flight ends when the server stops.

pub mod framing;
mod slots;

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

use self::framing::Framing;
pub(crate) use self::slots::{Connections, Slot, Use};
use crate::lifecycle::{Lifecycle, OpenConnection, Phase};
use crate::limits::{SPARE_HEAD_SECONDS, ServerLimits};

/// The state that a connection shares with its requests.
///
/// The counter of requests in flight is at most 1, since the next one begins when the one before it has got its response.
#[derive(Clone, Debug, Default)]
pub(crate) struct Busy(Arc<AtomicUsize>);

/// A request in flight on its connection, until its response has been handed over for sending.
#[derive(Debug)]
pub(crate) struct Hold(Busy);

impl Busy {
    pub(crate) fn hold(&self) -> Hold {
        self.0.fetch_add(1, Ordering::Relaxed);
        Hold(self.clone())
    }

    fn is_open(&self) -> bool {
        self.0.load(Ordering::Relaxed) > 0
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A timeout that starts when it is first polled.
#[derive(Debug)]
struct Patience {
    length: Duration,
    running: Option<Pin<Box<Sleep>>>,
}

impl Patience {
    fn new(seconds: u64) -> Self {
        Self { length: Duration::from_secs(seconds), running: None }
    }

    /// Starts the timeout unless it is running. Returns `true` if it has expired.
    fn is_over(&mut self, context: &mut Context<'_>) -> bool {
        let length = self.length;
        let running = self.running.get_or_insert_with(|| Box::pin(sleep(length)));
        running.as_mut().poll(context).is_ready()
    }

    fn end(&mut self) {
        self.running = None;
    }
}

/// A stream with timeouts for its client.
pub(crate) struct Connection<T> {
    stream: T,
    busy: Busy,
    /// The request boundaries in the bytes read so far.
    framing: Framing,
    /// The timeout for the rest of a request's head.
    head: Patience,
    /// The timeout for a whole response, from the first byte that the client did not take at once.
    answer: Patience,
    /// Becomes ready when the server stops, and is `None` afterwards.
    stop: Option<Pin<Box<dyn Future<Output = ()>>>>,
    /// The slot that counts this connection. The stream is declared first, so it is closed before the slot is released.
    slot: Slot,
    _open: OpenConnection,
}

impl<T> Connection<T> {
    pub(crate) fn new(stream: T, limits: &ServerLimits, lifecycle: &Lifecycle, slot: Slot) -> Self {
        let stopping = lifecycle.clone();
        let is_spare = slot.allows == Use::Spare;
        Self {
            stream,
            busy: Busy::default(),
            framing: Framing::default(),
            head: Patience::new(if is_spare { SPARE_HEAD_SECONDS } else { limits.head_seconds }),
            answer: Patience::new(limits.answer_seconds),
            stop: Some(Box::pin(async move { stopping.reached(Phase::Stopping).await })),
            slot,
            _open: lifecycle.connection(),
        }
    }

    /// Returns the state that is shared with the connection's requests.
    pub(crate) fn busy(&self) -> Busy {
        self.busy.clone()
    }

    /// Returns what the connection may be used for.
    pub(crate) fn allows(&self) -> Use {
        self.slot.allows
    }

    fn is_stopping(&mut self, context: &mut Context<'_>) -> bool {
        if self.stop.as_mut().is_some_and(|stop| stop.as_mut().poll(context).is_ready()) {
            self.stop = None;
        }
        self.stop.is_none()
    }
}

fn too_slow(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, format!("the client was too slow to {what}"))
}

impl<T: AsyncRead + Unpin> AsyncRead for Connection<T> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        let read = Pin::new(&mut this.stream).poll_read(context, buffer);
        if read.is_ready() {
            let heads = this.framing.heads();
            this.framing.feed(buffer.filled().get(before..).unwrap_or_default());
            if this.framing.heads() != heads {
                // The bytes that follow belong to another head, which has the full timeout.
                this.head.end();
            }
            return read;
        }
        let is_stopping = this.is_stopping(context);
        if this.busy.is_open() {
            // The bytes that arrive belong to a body or to a pipelined request.
            return Poll::Pending;
        }
        // On a spare connection, the timeout of the request runs from the beginning.
        let is_unused_spare = this.slot.allows == Use::Spare && this.framing.heads() == 0;
        if is_unused_spare || !this.framing.is_between() {
            let is_over = this.head.is_over(context);
            return if is_over { Poll::Ready(Err(too_slow("send a request"))) } else { Poll::Pending };
        }
        // Reading nothing means end of file, which ends a connection without a request in flight.
        if is_stopping { Poll::Ready(Ok(())) } else { Poll::Pending }
    }
}

impl<T: AsyncWrite + Unpin> Connection<T> {
    fn written<R>(&mut self, context: &mut Context<'_>, poll: Poll<io::Result<R>>) -> Poll<io::Result<R>> {
        if poll.is_pending() && self.answer.is_over(context) {
            return Poll::Ready(Err(too_slow("read an answer")));
        }
        poll
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Connection<T> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let poll = Pin::new(&mut this.stream).poll_write(context, bytes);
        this.written(context, poll)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let poll = Pin::new(&mut this.stream).poll_flush(context);
        // A long response is written in parts, and flushed after each.
        if poll.is_ready() && !this.busy.is_open() {
            this.answer.end();
            // A part of a head may have been pipelined. No further event may cause it to be looked at, so its timeout starts here.
            if !this.framing.is_between() && this.head.is_over(context) {
                return Poll::Ready(Err(too_slow("send a request")));
            }
            if this.stop.is_none() {
                // The connection is read from again only if it is polled again.
                context.waker().wake_by_ref();
            }
        }
        this.written(context, poll)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let poll = Pin::new(&mut this.stream).poll_shutdown(context);
        this.written(context, poll)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let poll = Pin::new(&mut this.stream).poll_write_vectored(context, slices);
        this.written(context, poll)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
