//! An authenticated call, as handlers see it.

use std::sync::Arc;

use actix_web::web::Bytes;
use loggia_domain::id::{InvalidId, InvitationId, KeyId, OrganizationId, UserId};
use loggia_domain::key::Caller;
use loggia_domain::port::ProjectRef;
use loggia_domain::revision::Expected;
use loggia_domain::scope::ScopeChoice;
use loggia_domain::service::Acting;
use uuid::Uuid;

use crate::app::HttpApp;
use crate::base::BaseUrl;
use crate::conditional::Preconditions;
use crate::cursor::Cursors;
use crate::extract::body::Fields;
use crate::extract::json::Json;
use crate::extract::query::Query;
use crate::fair_semaphore::Permit;
use crate::fault::{Fault, FaultCode, Findings};
use crate::problem::{Code, Problem};
use crate::request_log::Notes;

/// The nil UUID, which is never assigned to a user (RFC 9562 §5.9).
const NOBODY: UserId = UserId::from_uuid(Uuid::nil());
const NO_KEY: KeyId = KeyId::from_uuid(Uuid::nil());
const NO_INVITATION: InvitationId = InvitationId::from_uuid(Uuid::nil());

/// An authenticated call, with everything that a handler needs. The call borrows nothing from the connection, so a handler can outlive the
/// connection.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) app: HttpApp,
    pub(crate) acting: Acting,
    /// The URL that links begin with.
    pub(crate) base: BaseUrl,
    pub(crate) caller: Caller,
    /// The values of the path's placeholders, in order.
    pub(crate) path: Vec<String>,
    pub(crate) query: Query,
    pub(crate) body: Bytes,
    /// The permit for the memory that the body takes.
    pub(crate) _room: Option<Arc<Permit>>,
    /// The validation errors found so far.
    pub(crate) findings: Findings,
    /// The preconditions of the request.
    pub(crate) preconditions: Preconditions,
    pub(crate) notes: Notes,
}

impl Call {
    /// Returns the use cases as the caller.
    pub(crate) fn acting(&self) -> &Acting {
        &self.acting
    }

    /// Returns the use cases that compare revisions, with the preconditions of the request.
    pub(crate) fn expecting(&self) -> Acting<Expected> {
        self.acting.expecting(self.preconditions.expected())
    }

    /// Returns this call with other use cases: those that share the unit of work of an idempotency key.
    pub(crate) fn with(&self, acting: Acting) -> Self {
        Self { acting, ..self.clone() }
    }

    /// Returns the cursors of the caller's lists.
    pub(crate) fn cursors(&self) -> Cursors<'_> {
        self.app.cursors.of(self.caller.user)
    }

    /// Parses the first id in the path. A malformed id gets 404, exactly as an unknown one does.
    pub(crate) fn id<T>(&self, parse: impl Fn(&str) -> Result<T, InvalidId>) -> Result<T, Problem> {
        self.path.first().and_then(|text| parse(text).ok()).ok_or_else(Problem::not_found)
    }

    /// Parses the user id that follows the record in the path. A malformed id is treated as the nil id, so it fails exactly as an unknown
    /// user does.
    pub(crate) fn user_in_path(&self) -> UserId {
        self.path.get(1).and_then(|text| UserId::parse(text).ok()).unwrap_or(NOBODY)
    }

    /// Parses the key id at position `n` of the path. A malformed id is treated as the nil id, so it fails exactly as an unknown key does.
    pub(crate) fn key_in_path(&self, n: usize) -> KeyId {
        self.path.get(n).and_then(|text| KeyId::parse(text).ok()).unwrap_or(NO_KEY)
    }

    /// Parses the invitation id that follows the organization in the path. A malformed id is treated as the nil id, so it fails exactly as
    /// an unknown invitation does.
    pub(crate) fn invitation_in_path(&self) -> InvitationId {
        self.path.get(1).and_then(|text| InvitationId::parse(text).ok()).unwrap_or(NO_INVITATION)
    }

    /// Parses the body as one JSON document. Fails with 400, and with all validation errors found so far.
    pub(crate) fn document<'a>(&mut self, body: &'a Bytes) -> Result<Json<'a>, Problem> {
        let read = if body.is_empty() { Err("it is empty".to_owned()) } else { Json::document(body) };
        read.map_err(|why| {
            let problem = Problem::new(Code::INVALID_JSON, format!("The body is not JSON: {why}."));
            self.findings.beside(problem.at_pointer(FaultCode::INVALID_JSON, ""))
        })
    }

    /// Parses the body as an object, of which `read` takes the fields. Fails with all validation errors, of the body and found before it.
    pub(crate) fn object<T>(
        &mut self,
        read: impl FnOnce(&mut Fields<'_>, &mut Findings) -> Option<T>,
    ) -> Result<T, Problem> {
        let body = self.body.clone();
        let json = self.document(&body)?;
        let value = Fields::read(json, &mut self.findings, read);
        self.findings.accept(value)
    }

    /// Fails with the validation errors found so far, if there are any. For an endpoint that reads nothing more.
    pub(crate) fn checked(&mut self) -> Result<(), Problem> {
        self.findings.accept(Some(()))
    }

    /// Parses a query parameter that chooses a scope: absent, empty, or an organization's id.
    pub(crate) fn scope_parameter(&mut self, name: &str) -> Option<ScopeChoice> {
        let choice = self.query.optional(&mut self.findings, name, scope_choice)?;
        Some(choice.unwrap_or(ScopeChoice::Default))
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

/// Parses a scope: empty for the personal one, anything else must be an organization's id.
pub(crate) fn scope_choice(text: &str) -> Result<ScopeChoice, InvalidId> {
    match text {
        "" => Ok(ScopeChoice::Personal),
        id => OrganizationId::parse(id).map(ScopeChoice::Organization),
    }
}

/// Parses a field of a body that chooses a scope: absent, null or empty, or an organization's id.
pub(crate) fn scope_field(
    fields: &mut Fields<'_>,
    findings: &mut Findings,
    name: &'static str,
) -> Option<ScopeChoice> {
    let read = |json: Json<'_>| scope_choice(&json.string()?).map_err(Fault::from);
    Some(match fields.nullable(findings, name, read)? {
        None => ScopeChoice::Default,
        Some(None) => ScopeChoice::Personal,
        Some(Some(choice)) => choice,
    })
}
