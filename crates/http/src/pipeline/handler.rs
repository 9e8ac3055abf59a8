//! The two functions of an operation. The first parses the request, before any permit, transaction or idempotency key is taken for it; the
//! second does what the request asks for.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;

use futures_util::FutureExt as _;
use loggia_serve::client::BaseUrl;

use crate::pipeline::call::Call;
use crate::pipeline::request::Request;
use crate::problem::Problem;
use crate::wire::response::Reply;

/// Parses a request, and returns the work that it asks for.
pub(crate) type CallHandler = fn(&mut Request<'_>) -> Result<Box<dyn Work>, Problem>;

/// Work in progress.
pub(crate) type Running = Pin<Box<dyn Future<Output = Reply> + Send>>;

/// The work that a request asks for.
pub(crate) trait Work: Send + Sync {
    /// Does the work.
    fn run(self: Box<Self>, call: Call) -> Running;

    /// Does the work so that it can be done again: a unit of work that conflicts with another begins anew.
    fn run_copy(&self, call: Call) -> Running;
}

/// A command that a request asks for, with the function that runs it.
struct Task<C, F> {
    command: C,
    run: fn(C, Call) -> F,
}

impl<C, F> Work for Task<C, F>
where
    C: Clone + Send + Sync + 'static,
    F: Future<Output = Reply> + Send + 'static,
{
    fn run(self: Box<Self>, call: Call) -> Running {
        Box::pin((self.run)(self.command, call))
    }

    fn run_copy(&self, call: Call) -> Running {
        Box::pin((self.run)(self.command.clone(), call))
    }
}

/// Returns the work of a parsed request.
pub(crate) fn work<C, F>(command: C, run: fn(C, Call) -> F) -> Box<dyn Work>
where
    C: Clone + Send + Sync + 'static,
    F: Future<Output = Reply> + Send + 'static,
{
    Box::new(Task { command, run })
}

/// Defines `handle`, the handler of an operation, by its two functions: `parse` takes a [`Request`] and returns a command or a problem, and
/// the asynchronous `run` takes the command and a [`Call`] and returns a reply.
macro_rules! handler {
    ($parse:ident, $run:ident) => {
        /// Parses a request, and returns the work that it asks for.
        pub(crate) fn handle(
            request: &mut $crate::pipeline::request::Request<'_>,
        ) -> Result<Box<dyn $crate::pipeline::handler::Work>, $crate::problem::Problem> {
            Ok($crate::pipeline::handler::work($parse(request)?, $run))
        }
    };
}
pub(crate) use handler;

/// Waits for work to end. A panic in it becomes a problem. The location of a created resource begins with `base`.
pub(crate) async fn finished(work: Running, base: BaseUrl) -> Reply {
    let outcome = AssertUnwindSafe(work).catch_unwind().await;
    outcome.unwrap_or_else(|panic| Err(panicked(panic)))?.located_at(&base)
}

/// Returns the problem of a handler that panicked.
pub(crate) fn panicked(panic: Box<dyn Any + Send>) -> Problem {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    Problem::internal(format!("a handler panicked: {}", text.unwrap_or_default()))
}
