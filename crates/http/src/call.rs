//! One authenticated call, as handlers see it.

use std::sync::Arc;

use actix_web::web::Bytes;
use loggia_domain::id::{InvalidId, KeyId, OrganizationId, UserId};
use loggia_domain::key::Caller;
use loggia_domain::port::ProjectRef;
use loggia_domain::scope::ScopeChoice;
use loggia_domain::service::Loggia;
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

/// No id that is given out is nil (RFC 9562 §5.9).
const NOBODY: UserId = UserId::from_uuid(Uuid::nil());
const NO_KEY: KeyId = KeyId::from_uuid(Uuid::nil());

/// Everything a handler needs; nothing in it borrows from the connection, so that the handler can outlive that.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) app: HttpApp,
    /// What links begin with.
    pub(crate) base: BaseUrl,
    pub(crate) caller: Caller,
    /// The values of the path's placeholders, in order.
    pub(crate) path: Vec<String>,
    pub(crate) query: Query,
    pub(crate) body: Bytes,
    /// The memory that the body takes.
    pub(crate) _room: Option<Arc<Permit>>,
    /// What is wrong with the request so far.
    pub(crate) findings: Findings,
    /// What the request expects of what is there.
    pub(crate) preconditions: Preconditions,
    pub(crate) notes: Notes,
}

impl Call {
    pub(crate) fn loggia(&self) -> &Loggia {
        &self.app.loggia
    }

    /// The same call, to be done by other use cases: those of what is done once.
    pub(crate) fn with(&self, loggia: Loggia) -> Self {
        Self { app: HttpApp { loggia, ..self.app.clone() }, ..self.clone() }
    }

    /// The cursors that the caller is given and gives back.
    pub(crate) fn cursors(&self) -> Cursors<'_> {
        self.app.cursors.of(self.caller.user)
    }

    /// The id in the path. What is no id is not found, exactly as an id of nothing.
    pub(crate) fn id<T>(&self, parse: impl Fn(&str) -> Result<T, InvalidId>) -> Result<T, Problem> {
        self.path.first().and_then(|text| parse(text).ok()).ok_or_else(Problem::not_found)
    }

    /// The user whom a path names after a record. What is no id names nobody, who is found missing when anybody would be.
    pub(crate) fn user_in_path(&self) -> UserId {
        self.path.get(1).and_then(|text| UserId::parse(text).ok()).unwrap_or(NOBODY)
    }

    /// The key that a path names, likewise.
    pub(crate) fn key_in_path(&self, n: usize) -> KeyId {
        self.path.get(n).and_then(|text| KeyId::parse(text).ok()).unwrap_or(NO_KEY)
    }

    /// Reads the body as one JSON document.
    pub(crate) fn document<'a>(&mut self, body: &'a Bytes) -> Result<Json<'a>, Problem> {
        let read = if body.is_empty() { Err("it is empty".to_owned()) } else { Json::document(body) };
        read.map_err(|why| {
            let problem = Problem::new(Code::INVALID_JSON, format!("The body is not JSON: {why}."));
            self.findings.beside(problem.at_pointer(FaultCode::INVALID_JSON, ""))
        })
    }

    /// Reads the body as an object with `read`, which takes its fields; then tells all that was wrong, with it and before it.
    pub(crate) fn object<T>(
        &mut self,
        read: impl FnOnce(&mut Fields<'_>, &mut Findings) -> Option<T>,
    ) -> Result<T, Problem> {
        let body = self.body.clone();
        let json = self.document(&body)?;
        let value = Fields::read(json, &mut self.findings, read);
        self.findings.accept(value)
    }

    /// Tells what was wrong, where there is nothing more to read.
    pub(crate) fn checked(&mut self) -> Result<(), Problem> {
        self.findings.accept(Some(()))
    }

    /// The scope that a query parameter asks for: absent, present and empty, or an organization.
    pub(crate) fn scope_parameter(&mut self, name: &str) -> Option<ScopeChoice> {
        let choice = self.query.optional(&mut self.findings, name, scope_choice)?;
        Some(choice.unwrap_or(ScopeChoice::Default))
    }

    /// The organization that a project belongs to goes to the log.
    pub(crate) fn note_project(&self, project: Option<&ProjectRef>) {
        if let Some(project) = project {
            self.notes.organization(project.scope.organization());
        }
    }

    /// The organization of the scope that was chosen goes to the log.
    pub(crate) fn note_scope(&self, choice: ScopeChoice) {
        self.notes.organization(self.caller.scope(choice).organization());
    }
}

/// Empty means personal, anything else must be an organization's id.
pub(crate) fn scope_choice(text: &str) -> Result<ScopeChoice, InvalidId> {
    match text {
        "" => Ok(ScopeChoice::Personal),
        id => OrganizationId::parse(id).map(ScopeChoice::Organization),
    }
}

/// The scope that a field of a body asks for: absent, null or empty, or an organization.
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
