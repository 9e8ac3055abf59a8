//! An authenticated, admitted call, as the functions that run it see it.

use std::sync::Arc;

use loggia_domain::key::Caller;
use loggia_domain::port::ProjectRef;
use loggia_domain::revision::Expected;
use loggia_domain::scope::ScopeChoice;
use loggia_domain::service::Acting;
use loggia_serve::admission::Permit;
use loggia_serve::client::BaseUrl;

use crate::pipeline::context::Notes;
use crate::wire::cursor::{CursorKey, Cursors};
use crate::wire::query::Query;

/// A call, with everything that it takes to run it beside its command. The call borrows nothing from the connection, so it can outlive the
/// connection.
pub(crate) struct Call {
    pub(super) acting: Acting,
    /// The revisions that the preconditions of the request name.
    pub(super) expected: Expected,
    pub(super) cursors: CursorKey,
    /// The URL that links begin with.
    pub(crate) base: BaseUrl,
    pub(crate) caller: Caller,
    /// The parameters of the request, which links repeat.
    pub(crate) query: Query,
    pub(crate) notes: Notes,
    /// The permit for the memory that the body took, and that the command takes.
    pub(super) _room: Option<Arc<Permit>>,
}

impl Call {
    /// Returns the use cases as the caller.
    pub(crate) fn acting(&self) -> &Acting {
        &self.acting
    }

    /// Returns the use cases that compare revisions, with the preconditions of the request.
    pub(crate) fn expecting(&self) -> Acting<Expected> {
        self.acting.expecting(self.expected.clone())
    }

    /// Returns this call with other use cases: those that share the unit of work of an idempotency key.
    pub(super) fn with(&self, acting: Acting) -> Self {
        Self {
            acting,
            expected: self.expected.clone(),
            cursors: self.cursors.clone(),
            base: self.base.clone(),
            caller: self.caller,
            query: self.query.clone(),
            notes: self.notes.clone(),
            _room: self._room.clone(),
        }
    }

    /// Returns the cursors of the caller's lists.
    pub(crate) fn cursors(&self) -> Cursors<'_> {
        self.cursors.for_reader(self.caller.user)
    }

    /// Adds the organization of the project to the request's log line.
    pub(crate) fn note_project(&self, project: Option<&ProjectRef>) {
        if let Some(project) = project {
            self.notes.organization(project.scope.organization());
        }
    }

    /// Adds the organization of the chosen scope to the request's log line.
    pub(crate) fn note_scope(&self, choice: ScopeChoice) {
        self.notes.organization(self.caller.scope(choice).organization());
    }
}
