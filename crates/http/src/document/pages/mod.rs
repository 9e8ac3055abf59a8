//! The published documents: the description of the API, a reference of it as a page, a page for each problem, and a page where calls are
//! tried.
//!
//! All but the last are made here, from the program's own tables, and have no scripts. No page loads anything from another origin.

mod html;
mod problems;
mod reference;
mod schemas;
mod swagger_ui;

use std::sync::OnceLock;

use actix_web::HttpResponse;
use actix_web::http::header::{
    CONTENT_ENCODING, CONTENT_SECURITY_POLICY, ETAG, HeaderMap, HeaderValue, VARY,
};
use actix_web::web::Bytes;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use crate::document::openapi::{self, Edition};
use crate::pipeline::endpoint::Service;
use crate::pipeline::preconditions::Preconditions;
use crate::pipeline::router::Route;
use crate::problem::{Code, Problem};
use crate::wire::accept_encoding::accepts_gzip;
use crate::wire::entity_tag::EntityTag;
use crate::wire::response_text::Parts;

const STYLE: &str = include_str!("style.css");
const HTML: &str = "text/html; charset=utf-8";

/// A document, a page or a file of a page, with its entity tag.
#[derive(Clone)]
pub(crate) struct Page {
    media_type: &'static str,
    body: Bytes,
    tag: EntityTag,
    /// The Content-Security-Policy of a page; without, the response has that of all responses.
    policy: Option<HeaderValue>,
    /// `true` if the body has the content coding `gzip`, which then is its only representation.
    is_compressed: bool,
}

/// Returns the document or page that a service shows, or `None` for one that shows none.
pub(crate) fn page(service: Service, route: &Route, edition: Edition) -> Option<Result<Page, Problem>> {
    let value = route.values.first().map_or("", String::as_str);
    Some(match service {
        Service::Document => {
            static DOCUMENTS: [OnceLock<Page>; 3] = [const { OnceLock::new() }; 3];
            let text = || match edition {
                Edition::Alone => Bytes::from_static(openapi::text().as_bytes()),
                Edition::Mounted | Edition::MountedWithCallers => {
                    openapi::written(&edition.document()).into()
                }
            };
            Ok(DOCUMENTS[edition as usize].get_or_init(|| Page::new("application/json", text())).clone())
        }
        Service::Reference => {
            static PAGES: [OnceLock<Page>; 3] = [const { OnceLock::new() }; 3];
            let made = || Page::html(reference::page(&edition.document()));
            Ok(PAGES[edition as usize].get_or_init(made).clone())
        }
        Service::TryPage => Ok(swagger_ui::page()),
        Service::TryFile => swagger_ui::file(value).ok_or_else(Problem::not_found),
        Service::ProblemPage => {
            let code = Code::ALL.iter().find(|code| code.as_str() == value);
            code.map(|code| Page::html(problems::page(*code))).ok_or_else(Problem::not_found)
        }
        Service::Liveness | Service::Readiness => return None,
    })
}

impl Page {
    fn new(media_type: &'static str, body: Bytes) -> Self {
        Self { media_type, tag: EntityTag::for_document(&body), body, policy: None, is_compressed: false }
    }

    fn html(text: String) -> Self {
        Self { policy: Some(policy()), ..Self::new(HTML, text.into()) }
    }

    /// Returns the response to a request with these headers, among which are these preconditions.
    ///
    /// # Errors
    /// Fails if a precondition does not hold, or if the body is compressed and the client does not accept `gzip`.
    pub(crate) fn answer(
        self,
        headers: &HeaderMap,
        preconditions: &Preconditions,
    ) -> Result<HttpResponse, Problem> {
        if self.is_compressed && !accepts_gzip(headers) {
            return Err(not_acceptable());
        }
        let spared = preconditions.spare(&self.tag);
        let spared = if self.is_compressed { spared.map_err(varying)? } else { spared? };
        let mut answer = if spared { HttpResponse::NotModified() } else { HttpResponse::Ok() };
        answer.insert_header((ETAG, self.tag.as_str()));
        if let Some(policy) = self.policy {
            answer.insert_header((CONTENT_SECURITY_POLICY, policy));
        }
        if self.is_compressed {
            answer.insert_header((VARY, CHOSEN_BY));
        }
        if spared {
            return Ok(answer.finish());
        }
        if self.is_compressed {
            answer.insert_header((CONTENT_ENCODING, "gzip"));
        }
        Ok(answer.content_type(self.media_type).body(Parts::from(self.body)))
    }
}

/// The request header that selects the response, as `Vary` names it.
const CHOSEN_BY: &str = "Accept-Encoding";

fn not_acceptable() -> Problem {
    let detail = "The file is available in the content coding gzip only, which the request's Accept-Encoding does not accept.";
    varying(Problem::new(Code::ENCODING_NOT_ACCEPTABLE, detail))
}

fn varying(problem: Problem) -> Problem {
    problem.with_header(VARY, HeaderValue::from_static(CHOSEN_BY))
}

/// Returns a policy that forbids loading and running anything but the one inline style sheet, which is named by its digest.
fn policy() -> HeaderValue {
    let digest = STANDARD.encode(Sha256::digest(STYLE));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    HeaderValue::from_str(&policy).unwrap_or_else(|_| HeaderValue::from_static("default-src 'none'"))
}

/// Returns a whole page around `body`.
fn framed(title: &str, body: &str) -> String {
    let title = html::escaped(title);
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n{body}</body>\n</html>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_page_loads_or_runs_anything() {
        let mut pages = vec![reference::page(&openapi::document())];
        pages.extend(Code::ALL.iter().map(|code| problems::page(*code)));
        for page in pages {
            for word in
                ["<script", "<link", "<img", "<iframe", "src=", "url(", "@import", "javascript:", " on"]
            {
                let tags =
                    page.split('<').skip(1).filter_map(|rest| rest.split_once('>')).map(|(tag, _)| tag);
                let loads = match word {
                    " on" => tags.clone().any(|tag| tag.contains(" onclick") || tag.contains(" onload")),
                    _ => page.contains(word),
                };
                assert!(!loads, "{word}");
            }
            assert!(!page.contains("href=\"http"), "a page leads away");
            assert!(!page.contains("href=\"/"), "a link leaves the prefix that a proxy takes off");
        }
    }
}
