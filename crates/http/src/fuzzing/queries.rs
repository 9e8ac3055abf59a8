//! Query strings, and the parameters that lists accept.

use loggia_domain::page::PageSize;
use loggia_domain::scope::ScopeChoice;
use loggia_domain::space::SpaceStatus;
use loggia_domain::text::SearchText;

use crate::api::v1::pages::ORGANIZATION;
use crate::api::v1::spaces::include::INCLUDE;
use crate::api::v1::spaces::list;
use crate::api::v2::envelope::PAGES;
use crate::problem::Problem;
use crate::problem::validation::ValidationErrors;
use crate::wire::paging::{self, CURSOR};
use crate::wire::query::{Query, flag, number};

/// The query strings of both dialects' lists.
pub fn query(data: &[u8]) {
    let Ok(raw) = std::str::from_utf8(data) else { return };
    split(raw);
    filters(raw);
    envelope(raw);
    // Numbers and flags by themselves.
    if let Ok(read) = number(raw) {
        let digits = raw.trim_start_matches('0');
        assert_eq!(read.to_string(), if digits.is_empty() { "0" } else { digits });
    }
    assert_eq!(flag(raw).ok().map(|flag| flag.to_string()).is_some(), raw == "true" || raw == "false");
}

/// Checks that each parameter is known and present once, and that a link keeps them all.
fn split(raw: &str) {
    let mut errors = ValidationErrors::default();
    let query = Query::parse(raw, list::PARAMETERS, &mut errors);
    let given = raw.split('&').filter(|part| !part.is_empty()).count();
    let taken = list::PARAMETERS.iter().filter(|known| query.get(known.name).is_some()).count();
    match errors.accept(Some(())) {
        Ok(()) => assert_eq!(taken, given, "nothing is ignored"),
        Err(problem) => {
            assert!(taken < given);
            refused(&problem);
        }
    }
    let link = query.link(&[], &[]);
    assert!(link.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~%=&".contains(&byte)), "{link}");
    let mut errors = ValidationErrors::default();
    let again = Query::parse(&link, list::PARAMETERS, &mut errors);
    assert!(errors.accept(Some(())).is_ok(), "{link}");
    let names: Vec<_> = list::PARAMETERS.iter().map(|known| known.name).collect();
    for name in &names {
        assert_eq!(again.get(name), query.get(name), "{name}");
    }
    assert_eq!(again.link(&[], &[]), link);
    assert_eq!(query.link(&names, &[("cursor", "a b")]), "cursor=a%20b");
}

/// The parameters of the list of spaces.
fn filters(raw: &str) {
    let mut errors = ValidationErrors::default();
    let query = Query::parse(raw, list::PARAMETERS, &mut errors);
    let choice = query.read(&mut errors, &ORGANIZATION);
    let project = query.read(&mut errors, &list::PROJECT);
    let status = query.read(&mut errors, &list::STATUS);
    let priority = query.read(&mut errors, &list::PRIORITY);
    let search = query.read(&mut errors, &list::SEARCH);
    let sort = query.read(&mut errors, &list::SORT);
    let includes = query.read(&mut errors, &INCLUDE);
    let cursor = query.read(&mut errors, &CURSOR);
    let window = paging::limit_and_offset(&query, &mut errors);
    let all =
        (|| Some((choice?, project?, status?, priority?, search?, sort?, includes?, cursor?, window?)))();
    match errors.accept(all) {
        Ok((choice, project, status, _, search, sort, includes, _, (size, offset))) => {
            let is_personal = query.get("organizationId") == Some("");
            assert_eq!(choice == Some(ScopeChoice::Personal), is_personal, "present and empty is a choice");
            assert_eq!(project.map(|id| id.to_string()).as_deref(), query.get("projectId"));
            assert_eq!(status.map(SpaceStatus::as_str), query.get("status"));
            assert_eq!(search.as_ref().map(SearchText::as_str), query.get("search").map(str::trim));
            assert_eq!(sort.is_some(), query.get("sort").is_some());
            assert!(includes.is_none_or(|read| read.project || read.organization || read.creator));
            let sent = |name| query.get(name).and_then(|text| text.parse::<u32>().ok());
            assert_eq!(
                (size.get(), offset.get()),
                (sent("limit").unwrap_or(50), sent("offset").unwrap_or(0))
            );
            assert!(query.get("cursor").is_none() || query.get("offset").is_none());
        }
        Err(problem) => refused(&problem),
    }
}

/// The parameters of lists in pages.
fn envelope(raw: &str) {
    let mut errors = ValidationErrors::default();
    let query = Query::parse(raw, PAGES, &mut errors);
    let read = paging::pages(&query, &mut errors);
    match errors.accept(read) {
        Ok((page, per_page)) => {
            let sent = |name| query.get(name).and_then(|text| text.parse::<u32>().ok());
            assert_eq!((page, per_page.map(PageSize::get)), (sent("page").unwrap_or(1), sent("per_page")));
            assert!(page >= 1 && per_page.is_none_or(|size| (1..=100).contains(&size.get())));
        }
        Err(problem) => refused(&problem),
    }
}

fn refused(problem: &Problem) {
    assert_eq!(problem.code().status(), 400, "{problem:?}");
    assert!(!problem.errors().is_empty());
    assert!(problem.errors().iter().all(|error| error.pointer.is_none() && error.header.is_none()));
}
