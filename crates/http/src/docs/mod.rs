//! The published documents: the description of the API, the same description as a page, and a page for each problem. All of it is generated
//! from the program's own tables. No page loads anything from elsewhere, and none has a script.

mod html;
mod problems;
mod reference;
mod schemas;

use std::sync::OnceLock;

use actix_web::HttpResponse;
use actix_web::http::header::{CONTENT_SECURITY_POLICY, ETAG, HeaderValue};
use actix_web::web::Bytes;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use crate::conditional::{EntityTag, Preconditions};
use crate::endpoints::{DOCUMENT, Endpoint, PROBLEM_PAGE, REFERENCE};
use crate::openapi;
use crate::problem::{Code, Problem};
use crate::response_text::Parts;
use crate::routes::Route;

const STYLE: &str = include_str!("style.css");

/// A document or page, with its entity tag.
#[derive(Clone)]
pub(crate) struct Page {
    body: Bytes,
    tag: EntityTag,
    is_html: bool,
}

/// Returns the document or page that an endpoint shows, or `None` for an endpoint that shows none.
pub(crate) fn page(endpoint: &Endpoint, route: &Route) -> Option<Result<Page, Problem>> {
    Some(match endpoint.path {
        DOCUMENT => {
            static DOCUMENT: OnceLock<Page> = OnceLock::new();
            let made = || Page::of(Bytes::from_static(openapi::text().as_bytes()), false);
            Ok(DOCUMENT.get_or_init(made).clone())
        }
        REFERENCE => {
            static PAGE: OnceLock<Page> = OnceLock::new();
            Ok(PAGE.get_or_init(|| Page::html(reference::page(&openapi::document()))).clone())
        }
        PROBLEM_PAGE => {
            let word = route.values.first().map_or("", String::as_str);
            let code = Code::ALL.iter().find(|code| code.as_str() == word);
            code.map(|code| Page::html(problems::page(*code))).ok_or_else(Problem::not_found)
        }
        _ => return None,
    })
}

impl Page {
    fn of(body: Bytes, is_html: bool) -> Self {
        Self { tag: EntityTag::of_document(&body), body, is_html }
    }

    fn html(text: String) -> Self {
        Self::of(text.into(), true)
    }

    /// Returns the response to a request with these preconditions.
    pub(crate) fn answer(self, preconditions: &Preconditions) -> Result<HttpResponse, Problem> {
        let spared = preconditions.spare(&self.tag)?;
        let mut answer = if spared { HttpResponse::NotModified() } else { HttpResponse::Ok() };
        answer.insert_header((ETAG, self.tag.as_str()));
        if self.is_html {
            answer.insert_header((CONTENT_SECURITY_POLICY, policy()));
        }
        if spared {
            return Ok(answer.finish());
        }
        let kind = if self.is_html { "text/html; charset=utf-8" } else { "application/json" };
        Ok(answer.content_type(kind).body(Parts::from(self.body)))
    }
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
