//! The context of a request: its id, and the contents of its log line and of the headers of its response.

use std::cell::Cell;
use std::sync::{Arc, OnceLock};

use actix_web::HttpResponse;
use loggia_domain::id::{KeyId, OrganizationId};
use loggia_serve::admission::Rate;
use loggia_serve::client::BaseUrl;

use crate::problem::Problem;

/// The context of a request, from its arrival until its response is complete.
pub(crate) struct RequestContext {
    /// The id under which the request is logged and answered.
    pub(crate) id: Arc<str>,
    /// The facts for the log line.
    pub(crate) notes: Notes,
    rate: Cell<Option<Rate>>,
    /// The URL under which the client reaches an API that is mounted in another application.
    pub(crate) mounted_at: Option<BaseUrl>,
}

impl RequestContext {
    /// Creates the context of a request with that id.
    pub(crate) fn new(id: Arc<str>, mounted_at: Option<BaseUrl>) -> Self {
        Self { id, notes: Notes::default(), rate: Cell::default(), mounted_at }
    }

    /// Returns the response that refuses the request.
    pub(crate) fn refuse(&self, problem: Problem) -> HttpResponse {
        problem.into_response(&self.id, self.mounted_at.as_ref().map_or("", BaseUrl::path))
    }

    /// Sets the state of the rate limits that the request counts for.
    pub(crate) fn set_rate(&self, rate: Rate) {
        self.rate.set(Some(rate));
    }

    /// Returns the state of the rate limits, if requests are limited and this one was counted.
    pub(crate) fn rate(&self) -> Option<Rate> {
        self.rate.get()
    }
}

/// The facts about a request that are added to its log line while it is served. A clone adds to the same line.
#[derive(Clone, Default)]
pub(crate) struct Notes(Arc<NotesInner>);

#[derive(Default)]
struct NotesInner {
    key: OnceLock<KeyId>,
    organization: OnceLock<Option<OrganizationId>>,
    replayed: OnceLock<()>,
}

impl Notes {
    /// Notes the key of the request.
    pub(crate) fn key(&self, key: Option<KeyId>) {
        if let Some(key) = key {
            let _ = self.0.key.set(key);
        }
    }

    /// Notes that the response is a replay.
    pub(crate) fn replayed(&self) {
        let _ = self.0.replayed.set(());
    }

    /// Notes the organization of the request. Only the first call has an effect.
    pub(crate) fn organization(&self, organization: Option<OrganizationId>) {
        let _ = self.0.organization.set(organization);
    }

    /// Returns the noted key.
    pub(super) fn noted_key(&self) -> Option<KeyId> {
        self.0.key.get().copied()
    }

    /// Returns the noted organization.
    pub(super) fn noted_organization(&self) -> Option<OrganizationId> {
        self.0.organization.get().copied().flatten()
    }

    /// Returns `true` if the response is a replay.
    pub(super) fn is_replay(&self) -> bool {
        self.0.replayed.get().is_some()
    }
}
