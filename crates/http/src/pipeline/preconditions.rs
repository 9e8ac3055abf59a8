//! Conditional requests (RFC 9110 §13): the entity tags of responses, and the preconditions of requests.
//!
//! The use case compares the revisions of a change under its lock. This module parses the headers and answers conditional reads.

use actix_web::http::header::{HeaderMap, IF_MATCH, IF_NONE_MATCH};
use loggia_domain::revision::Expected;

use crate::operation::Operation;
use crate::problem::from_domain::stale;
use crate::problem::validation::{ValidationErrors, ValueError};
use crate::problem::{Code, FieldErrorCode, Problem};
use crate::wire::entity_tag::EntityTag;
use crate::wire::response::{Answer, Reply};
use crate::wire::tag_list::TagList;

/// The preconditions of a request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Preconditions {
    if_match: Option<TagList>,
    if_none_match: Option<TagList>,
}

impl Preconditions {
    /// Parses the preconditions that the operation supports. A precondition that can never hold there is refused rather than ignored.
    pub(crate) fn read(
        operation: &Operation,
        headers: &HeaderMap,
        if_match_is_required: bool,
        errors: &mut ValidationErrors,
    ) -> Self {
        let mut read = |name, header| match TagList::parse(headers.get_all(name)) {
            Ok(list) => list,
            Err(error) => {
                errors.header(header, error);
                None
            }
        };
        if operation.takes_if_none_match() {
            return Self {
                if_match: read(&IF_MATCH, "If-Match"),
                if_none_match: read(&IF_NONE_MATCH, "If-None-Match"),
            };
        }
        if operation.method == "GET" {
            return Self::default();
        }
        let if_match = read(&IF_MATCH, "If-Match");
        if headers.contains_key(IF_NONE_MATCH) {
            let detail = "applies to GET and HEAD only; use If-Match to guard a change";
            errors.header("If-None-Match", ValueError::new(FieldErrorCode::NOT_ALLOWED, detail));
        }
        match (operation.takes_if_match(), &if_match) {
            (true, None) if if_match_is_required => errors.otherwise(
                Code::PRECONDITION_REQUIRED,
                "Read the record, and send its ETag as If-Match, so that you change the version that you have read.",
            ),
            (false, Some(_)) => errors.otherwise(
                Code::PRECONDITION_FAILED,
                "This endpoint changes no single record with an ETag, so If-Match never matches.",
            ),
            _ => {}
        }
        Self { if_match, if_none_match: None }
    }

    /// Returns the revisions at which a change may be written.
    pub(crate) fn expected(&self) -> Expected {
        self.if_match.as_ref().map_or(Expected::Any, TagList::expected)
    }

    /// Evaluates the preconditions of a successful read: returns 304 if the client has the representation already.
    pub(crate) fn judge(&self, answer: Answer) -> Reply {
        match answer.tag() {
            Some(tag) if self.spare(tag)? => Ok(answer.not_modified()),
            _ => Ok(answer),
        }
    }

    /// Returns `true` if the client has the representation with that tag already. Fails with 412 if `If-Match` does not match, which is
    /// evaluated first (RFC 9110 §13.2.2).
    pub(crate) fn spare(&self, tag: &EntityTag) -> Result<bool, Problem> {
        if self.if_match.as_ref().is_some_and(|list| !list.matches_strongly(tag)) {
            return Err(stale().with_tag(tag.as_str()));
        }
        Ok(self.if_none_match.as_ref().is_some_and(|list| list.matches_weakly(tag)))
    }
}

/// Returns the outcome of a change. If its precondition failed, adds the `ETag` of the record, which `current` reads, to the problem.
pub(crate) async fn or_current_tag<T, E: Into<Problem>>(
    outcome: Result<T, E>,
    current: impl Future<Output = Reply>,
) -> Result<T, Problem> {
    match outcome.map_err(Into::into) {
        Err(problem) if problem.code() == Code::PRECONDITION_FAILED => match current.await {
            Ok(answer) => {
                Err(answer.tag().into_iter().fold(problem, |problem, tag| problem.with_tag(tag.as_str())))
            }
            // The record may have been deleted meanwhile; the precondition's failure is the response all the same.
            Err(_) => Err(problem),
        },
        outcome => outcome,
    }
}
