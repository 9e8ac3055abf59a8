//! An operation with the function that serves it.

use std::ops::Deref;
use std::sync::OnceLock;

use crate::operation::Operation;
use crate::pipeline::handler::CallHandler;
use crate::pipeline::response_size::{Extents, ResponseSize};
use crate::problem::validation::ValidationErrors;
use crate::wire::query::Query;

/// The functions or the service that serve an operation.
#[derive(Clone, Copy)]
pub(crate) enum Handler {
    /// The functions that parse and run a request, once it is authenticated.
    Call(CallHandler),
    /// The service itself, without a key.
    Service(Service),
}

/// The services of the program that need no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Service {
    Liveness,
    Readiness,
    /// The OpenAPI document.
    Document,
    /// The API reference.
    Reference,
    /// The page where calls are tried.
    TryPage,
    /// A file of that page.
    TryFile,
    /// The page of a problem code.
    ProblemPage,
}

impl Service {
    /// Returns `true` for the health checks, which spare connections serve, too.
    pub(crate) const fn is_health_check(self) -> bool {
        matches!(self, Self::Liveness | Self::Readiness)
    }
}

/// An operation with what serves it. An endpoint dereferences to its operation.
pub struct Endpoint {
    /// The facts of the operation.
    pub operation: &'static Operation,
    pub(crate) handler: Handler,
    /// The extents of the responses, once they are known.
    extents: OnceLock<Extents>,
}

impl Endpoint {
    pub(crate) const fn new(operation: &'static Operation, handler: Handler) -> Self {
        Self { operation, handler, extents: OnceLock::new() }
    }
}

impl Endpoint {
    /// Returns the extents of the endpoint's responses. The first call computes them.
    pub(crate) fn extents(&self) -> Extents {
        *self.extents.get_or_init(|| Extents::new(self.operation))
    }

    /// Returns the maximum size of the response to a request with that query and no body.
    pub fn response_size(&self, query: &str) -> ResponseSize {
        self.response_size_of(&Query::parse(query, self.parameters, &mut ValidationErrors::default()), b"")
    }

    /// Returns the maximum size of the response to a request.
    pub(super) fn response_size_of(&self, query: &Query, body: &[u8]) -> ResponseSize {
        ResponseSize::new(self.operation, self.extents(), query, body)
    }
}

impl Deref for Endpoint {
    type Target = Operation;

    fn deref(&self) -> &Operation {
        self.operation
    }
}
