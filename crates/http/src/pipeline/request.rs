//! An authenticated request, as the functions that parse it see it.

use actix_web::web::Bytes;
use loggia_domain::id::{InvalidId, InvitationId, KeyId, OrganizationId, UserId};
use loggia_domain::key::Caller;
use loggia_domain::scope::ScopeChoice;
use uuid::Uuid;

use crate::problem::validation::{ValidationErrors, ValueError};
use crate::problem::{Code, FieldErrorCode, Problem};
use crate::wire::body::Fields;
use crate::wire::cursor::{CursorKey, Cursors};
use crate::wire::json::Json;
use crate::wire::parameter::{self, Parameter};
use crate::wire::query::Query;

/// The nil UUID, which is never assigned to a user (RFC 9562 §5.9).
const NOBODY: UserId = UserId::from_uuid(Uuid::nil());
const NO_KEY: KeyId = KeyId::from_uuid(Uuid::nil());
const NO_INVITATION: InvitationId = InvitationId::from_uuid(Uuid::nil());

/// An authenticated request. Parsing it asks the store for nothing.
pub(crate) struct Request<'a> {
    pub(crate) caller: Caller,
    /// The values of the path's placeholders, in order.
    pub(super) path: &'a [String],
    pub(crate) query: Query,
    pub(super) body: &'a Bytes,
    /// The validation errors found so far.
    pub(crate) errors: ValidationErrors,
    pub(super) cursors: &'a CursorKey,
}

impl<'a> Request<'a> {
    /// Returns the cursors of the caller's lists.
    pub(crate) fn cursors(&self) -> Cursors<'a> {
        self.cursors.for_reader(self.caller.user)
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

    /// Returns `true` if the request has no body.
    pub(crate) fn has_no_body(&self) -> bool {
        self.body.is_empty()
    }

    /// Parses the body as one JSON document. Fails with 400, and with all validation errors found so far.
    pub(crate) fn document(&mut self) -> Result<Json<'a>, Problem> {
        let body: &'a [u8] = self.body;
        let read = if body.is_empty() { Err("it is empty".to_owned()) } else { Json::document(body) };
        read.map_err(|why| {
            let problem = Problem::new(Code::INVALID_JSON, format!("The body is not JSON: {why}."));
            self.errors.beside(problem.at_pointer(FieldErrorCode::INVALID_JSON, ""))
        })
    }

    /// Parses the body as an object, of which `read` takes the fields. Fails with all validation errors, of the body and found before it.
    pub(crate) fn object<T>(
        &mut self,
        read: impl FnOnce(&mut Fields<'_>, &mut ValidationErrors) -> Option<T>,
    ) -> Result<T, Problem> {
        let json = self.document()?;
        let value = Fields::read(json, &mut self.errors, read);
        self.errors.accept(value)
    }

    /// Fails with the validation errors found so far, if there are any. For an endpoint that reads nothing more.
    pub(crate) fn checked(&mut self) -> Result<(), Problem> {
        self.errors.accept(Some(()))
    }

    /// Parses a query parameter that chooses a scope: absent, empty, or an organization's id.
    pub(crate) fn scope_parameter(&mut self, parameter: &Parameter<ScopeChoice>) -> Option<ScopeChoice> {
        let choice = self.query.read(&mut self.errors, parameter)?;
        Some(choice.unwrap_or(ScopeChoice::Default))
    }
}

/// Declares a query parameter that chooses a scope.
pub(crate) const fn scope_parameter(name: &'static str) -> Parameter<ScopeChoice> {
    Parameter::new(
        name,
        "The scope. Absent: the API key's default scope. Present and empty: the caller's personal scope. An id: that organization, of which the caller must be an active member (403 otherwise).",
        parameter::schema_of_or_empty::<OrganizationId>,
        |text| scope_choice(text).map_err(ValueError::from),
    )
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
    errors: &mut ValidationErrors,
    name: &'static str,
) -> Option<ScopeChoice> {
    let read = |json: Json<'_>| scope_choice(&json.string()?).map_err(ValueError::from);
    Some(match fields.nullable(errors, name, read)? {
        None => ScopeChoice::Default,
        Some(None) => ScopeChoice::Personal,
        Some(Some(choice)) => choice,
    })
}
