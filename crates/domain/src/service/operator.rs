//! The use cases as the operator of the instance.

use std::fmt;
use std::sync::Arc;

use super::execution::{Attempt, Setup};
use super::precondition::{Precondition, Unconditional};
use crate::revision::Expected;

/// The use cases as the operator of the instance, who needs no permission; see [`Loggia::operator`](super::Loggia::operator).
///
/// A program's command line holds one. A handler of calls holds an [`Acting`](super::Acting), which has none of the operator's own use cases
/// and leads to no operator:
///
/// ```compile_fail,E0599
/// # async fn call(acting: loggia_domain::service::Acting, user: loggia_domain::id::UserId) {
/// acting.keys(user, &loggia_domain::page::PageRequest::FIRST).await;
/// # }
/// ```
#[derive(Clone)]
pub struct Operator<P = Unconditional> {
    pub(super) setup: Arc<Setup>,
    precondition: P,
}

impl Operator {
    pub(super) fn new(setup: Arc<Setup>) -> Self {
        Self { setup, precondition: Unconditional }
    }

    /// Returns the use cases that change a record only if its revision is an expected one, like
    /// [`Acting::expecting`](super::Acting::expecting).
    ///
    /// ```compile_fail,E0599
    /// # async fn call(operator: loggia_domain::service::Operator) {
    /// let expected = loggia_domain::revision::Expected::OneOf(vec![2]);
    /// operator.expecting(expected).forget_stored_responses(1).await;
    /// # }
    /// ```
    #[must_use]
    pub fn expecting(&self, expected: Expected) -> Operator<Expected> {
        Operator { setup: Arc::clone(&self.setup), precondition: expected }
    }
}

impl<P: Precondition> Operator<P> {
    /// Starts an attempt at a use case.
    pub(super) fn attempt(&self) -> Attempt<'_> {
        Attempt::new(&self.setup, self.precondition.expected(), None)
    }
}

impl<P: fmt::Debug> fmt::Debug for Operator<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Operator").field("precondition", &self.precondition).finish_non_exhaustive()
    }
}
