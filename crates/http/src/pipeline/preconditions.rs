//! Conditional requests (RFC 9110 §13): the entity tags of responses, and the preconditions of requests.
//!
//! The use case compares the revisions of a change under its lock. This module parses the headers and answers conditional reads.

use actix_web::http::header::{HeaderMap, IF_MATCH, IF_NONE_MATCH};
use loggia_domain::revision::Expected;

use crate::operation::{DOCUMENT, Endpoint, PROBLEM_PAGE, REFERENCE, TRY_FILE, TRY_PAGE};
use crate::problem::from_domain::stale;
use crate::problem::validation::{Fault, Findings};
use crate::problem::{Code, FaultCode, Problem};
use crate::wire::entity_tag::EntityTag;
use crate::wire::response::{Answer, Reply};
use crate::wire::tag_list::TagList;

/// The paths that stand for one record each, and whose responses carry an `ETag`.
const RECORDS: &[&str] = &[
    "/api/v1/organizations/{id}",
    "/api/v1/organizations/{id}/members/{userId}",
    "/api/v1/spaces/{id}",
    "/v2/projects/{node_id}",
    "/v2/projects/{node_id}/",
    "/projects/{node_id}",
    "/v2/tasks/{node_id}",
];

/// The paths where such a record is created.
const COLLECTIONS: &[&str] = &[
    "/api/v1/organizations",
    "/api/v1/organizations/{id}/members",
    "/api/v1/spaces",
    "/v2/projects",
    "/v2/projects/{node_id}/tasks",
];

/// The paths of the published documents, which stay the same for as long as the program runs.
const DOCUMENTS: &[&str] = &[DOCUMENT, REFERENCE, TRY_PAGE, TRY_FILE, PROBLEM_PAGE];

impl Endpoint {
    /// Returns `true` if the endpoint reads one record or document, so that `If-None-Match` can spare the response body.
    pub fn takes_if_none_match(&self) -> bool {
        self.method == "GET" && (RECORDS.contains(&self.path) || DOCUMENTS.contains(&self.path))
    }

    /// Returns `true` if the endpoint changes one record, so that `If-Match` can prevent a lost update.
    pub fn takes_if_match(&self) -> bool {
        matches!(self.method, "PATCH" | "DELETE") && RECORDS.contains(&self.path)
    }

    /// Returns `true` if the endpoint's responses with one record or document carry an `ETag`.
    pub fn shows_a_tag(&self) -> bool {
        match self.method {
            "POST" => COLLECTIONS.contains(&self.path),
            // The membership of a deactivated member stays, and is shown.
            "DELETE" => self.path == "/api/v1/organizations/{id}/members/{userId}",
            "GET" => self.takes_if_none_match(),
            _ => RECORDS.contains(&self.path),
        }
    }
}

/// The preconditions of a request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Preconditions {
    if_match: Option<TagList>,
    if_none_match: Option<TagList>,
}

impl Preconditions {
    /// Parses the preconditions that the endpoint supports. A precondition that can never hold there is refused rather than ignored.
    pub(crate) fn read(
        endpoint: &Endpoint,
        headers: &HeaderMap,
        if_match_is_required: bool,
        findings: &mut Findings,
    ) -> Self {
        let mut read = |name, header| match TagList::parse(headers.get_all(name)) {
            Ok(list) => list,
            Err(fault) => {
                findings.header(header, fault);
                None
            }
        };
        if endpoint.takes_if_none_match() {
            return Self {
                if_match: read(&IF_MATCH, "If-Match"),
                if_none_match: read(&IF_NONE_MATCH, "If-None-Match"),
            };
        }
        if endpoint.method == "GET" {
            return Self::default();
        }
        let if_match = read(&IF_MATCH, "If-Match");
        if headers.contains_key(IF_NONE_MATCH) {
            let detail = "applies to GET and HEAD only; use If-Match to guard a change";
            findings.header("If-None-Match", Fault::new(FaultCode::NOT_ALLOWED, detail));
        }
        match (endpoint.takes_if_match(), &if_match) {
            (true, None) if if_match_is_required => findings.otherwise(
                Code::PRECONDITION_REQUIRED,
                "Read the record, and send its ETag as If-Match, so that you change the version that you have read.",
            ),
            (false, Some(_)) => findings.otherwise(
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
            return Err(stale().with_tag(tag));
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
            Ok(answer) => Err(answer.tag().into_iter().fold(problem, Problem::with_tag)),
            // The record may have been deleted meanwhile; the precondition's failure is the response all the same.
            Err(_) => Err(problem),
        },
        outcome => outcome,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ENDPOINTS;

    #[test]
    fn every_path_with_a_tag_is_one_of_the_table() {
        for path in RECORDS.iter().chain(COLLECTIONS).chain(DOCUMENTS) {
            assert!(ENDPOINTS.iter().any(|endpoint| endpoint.path == *path), "{path}");
        }
    }

    #[test]
    fn whatever_is_changed_by_if_match_can_be_read_for_its_tag() {
        for endpoint in ENDPOINTS.iter().filter(|endpoint| endpoint.takes_if_match()) {
            let path = endpoint.path.trim_end_matches('/');
            let reads = |other: &&Endpoint| other.path == path && other.takes_if_none_match();
            assert!(ENDPOINTS.iter().any(|other| reads(&other)), "{path}");
        }
    }
}
