//! The paging parameters of both dialects. The limits of page sizes and offsets are rules of the wire format, and are checked by garde.

use garde::Validate;
use loggia_domain::page::{Offset, OutOfRange, PageSize};

use crate::problem::FaultCode;
use crate::problem::validation::{Fault, Findings};
use crate::wire::query::{Query, number};

#[derive(Validate)]
struct LimitAndOffset {
    #[garde(range(min = 1, max = PageSize::MAX))]
    limit: u32,
    #[garde(custom(within_reach))]
    offset: u32,
}

/// Checks the limit of offsets: an offset costs as much as the rows that it skips, which a cursor does not.
fn within_reach(offset: &u32, _: &()) -> garde::Result {
    let refused = |error: OutOfRange| garde::Error::new(format!("{error}; continue with cursor"));
    Offset::new(*offset).map(drop).map_err(refused)
}

#[derive(Validate)]
struct Limit {
    #[garde(range(min = 1, max = PageSize::MAX))]
    limit: u32,
}

#[derive(Validate)]
struct Pages {
    #[garde(range(min = 1))]
    page: u32,
    #[garde(range(min = 1, max = PageSize::MAX))]
    per_page: u32,
}

/// Adds garde's errors as validation errors of the parameters. Returns `true` if there are none.
pub(crate) fn check(findings: &mut Findings, parameters: &impl Validate<Context = ()>) -> bool {
    let Err(report) = parameters.validate() else { return true };
    for (path, error) in report.iter() {
        findings.parameter(&path.to_string(), Fault::new(FaultCode::OUT_OF_RANGE, error.to_string()));
    }
    false
}

pub(crate) const DEFAULT_LIMIT: u32 = 50;

/// Parses `limit` (default 50), for a list that continues by cursors alone.
pub(crate) fn limit(query: &Query, findings: &mut Findings) -> Option<PageSize> {
    let limit = query.optional(findings, "limit", number)?;
    let judged = Limit { limit: limit.unwrap_or(DEFAULT_LIMIT) };
    check(findings, &judged).then(|| PageSize::new(judged.limit).ok())?
}

/// Parses `limit` (default 50) and `offset` (default 0). An offset beside a cursor is a validation error.
pub(crate) fn limit_and_offset(query: &Query, findings: &mut Findings) -> Option<(PageSize, Offset)> {
    let limit = query.optional(findings, "limit", number);
    let offset = query.optional(findings, "offset", number);
    no_other_place(query, findings, "offset");
    // A parameter that is not a number does not keep the other one from being checked.
    let judged = LimitAndOffset {
        limit: limit.flatten().unwrap_or(DEFAULT_LIMIT),
        offset: offset.flatten().unwrap_or_default(),
    };
    let sound = check(findings, &judged);
    (sound && limit.is_some() && offset.is_some()).then_some(())?;
    Some((PageSize::new(judged.limit).ok()?, Offset::new(judged.offset).ok()?))
}

/// Parses `page` (default 1) and `per_page` (`None` if absent: then the default or the cursor decides). A page beside a cursor is a
/// validation error.
pub(crate) fn pages(query: &Query, findings: &mut Findings) -> Option<(u32, Option<PageSize>)> {
    let page = query.optional(findings, "page", number);
    let per_page = query.optional(findings, "per_page", number);
    no_other_place(query, findings, "page");
    let judged = Pages { page: page.flatten().unwrap_or(1), per_page: per_page.flatten().unwrap_or(1) };
    let sound = check(findings, &judged);
    (sound && page.is_some()).then_some(())?;
    Some((judged.page, per_page?.map(PageSize::new).transpose().ok()?))
}

fn no_other_place(query: &Query, findings: &mut Findings, name: &str) {
    if query.get("cursor").is_some() && query.get(name).is_some() {
        findings.parameter(
            name,
            Fault::new(
                FaultCode::NOT_BESIDE_CURSOR,
                "must not be combined with cursor: send only one of them",
            ),
        );
    }
}
