//! The use cases as one caller.

use std::fmt;
use std::sync::Arc;

use super::execution::{Attempt, Setup, SharedUnit};
use super::precondition::{Precondition, Unconditional};
use crate::key::Caller;
use crate::port::Views;
use crate::revision::Expected;

/// The use cases as one caller, for whom the policy decides; see [`Loggia::acting_as`](super::Loggia::acting_as).
///
/// Creating and cloning it is cheap. It borrows nothing, so it can move into a task of its own.
#[derive(Clone)]
pub struct Acting<P = Unconditional> {
    pub(super) setup: Arc<Setup>,
    pub(super) caller: Caller,
    /// The read side that was opened for this call; `None` for that of the host's ports.
    reading: Option<Arc<dyn Views>>,
    /// The unit of work to write in if the use case is executed once for a claim, see [`Loggia::once`](super::Loggia::once).
    shared: Option<Arc<SharedUnit>>,
    precondition: P,
}

impl Acting {
    pub(super) fn new(setup: Arc<Setup>, caller: Caller) -> Self {
        Self { setup, caller, reading: None, shared: None, precondition: Unconditional }
    }

    /// Returns these use cases with another read side.
    pub(super) fn reading(self, views: Arc<dyn Views>) -> Self {
        Self { reading: Some(views), ..self }
    }

    /// Returns these use cases with a unit of work to write in.
    pub(super) fn sharing(self, unit: Arc<SharedUnit>) -> Self {
        Self { shared: Some(unit), ..self }
    }

    /// Returns the use cases that change a record only if its revision is an expected one: those that update, rename or delete an
    /// organization, one of its members, a space, a project or a task.
    ///
    /// They fail with [`Stale`](crate::revision::Stale) if the revision is another one; every other refusal takes precedence. Use cases
    /// that compare no revision cannot be called:
    ///
    /// ```compile_fail,E0599
    /// # async fn call(acting: loggia_domain::service::Acting) {
    /// use loggia_domain::{project::NewProject, revision::Expected, scope::ScopeChoice, text::ProjectName};
    /// let new = NewProject::named(ProjectName::parse("Harbour").unwrap());
    /// acting.expecting(Expected::OneOf(vec![2])).create_project(ScopeChoice::Default, new).await;
    /// # }
    /// ```
    #[must_use]
    pub fn expecting(&self, expected: Expected) -> Acting<Expected> {
        let Self { setup, caller, reading, shared, precondition: Unconditional } = self.clone();
        Acting { setup, caller, reading, shared, precondition: expected }
    }
}

impl<P> Acting<P> {
    /// Returns the caller.
    pub const fn caller(&self) -> &Caller {
        &self.caller
    }

    /// Returns the read side.
    pub(super) fn views(&self) -> &dyn Views {
        self.reading.as_deref().unwrap_or(&*self.setup.ports.views)
    }
}

impl<P: Precondition> Acting<P> {
    /// Starts an attempt at a use case.
    pub(super) fn attempt(&self) -> Attempt<'_> {
        Attempt::new(&self.setup, self.precondition.expected(), self.shared.as_deref())
    }
}

impl<P: fmt::Debug> fmt::Debug for Acting<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Acting")
            .field("caller", &self.caller)
            .field("precondition", &self.precondition)
            .finish_non_exhaustive()
    }
}
