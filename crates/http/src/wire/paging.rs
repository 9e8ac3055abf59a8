//! The paging parameters of both dialects. The limits of page sizes and offsets are rules of the wire format, and are checked by garde.

use garde::Validate;
use loggia_domain::page::{Offset, OutOfRange, PageSize};
use schemars::json_schema;

use crate::problem::FieldErrorCode;
use crate::problem::validation::{ValidationErrors, ValueError};
use crate::wire::cursor::CursorKey;
use crate::wire::parameter::{Cost, Parameter, Rows, range};
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
pub(crate) fn check(errors: &mut ValidationErrors, parameters: &impl Validate<Context = ()>) -> bool {
    let Err(report) = parameters.validate() else { return true };
    for (path, error) in report.iter() {
        errors.parameter(&path.to_string(), ValueError::new(FieldErrorCode::OUT_OF_RANGE, error.to_string()));
    }
    false
}

/// The default of `limit`.
const DEFAULT_LIMIT: u32 = 50;
/// The default of `per_page`.
pub(crate) const DEFAULT_PER_PAGE: u32 = 20;

pub(crate) static LIMIT: Parameter<u32> = Parameter::new(
    "limit",
    "The maximum number of records to return.",
    |_| range(1, Some(PageSize::MAX), Some(DEFAULT_LIMIT)),
    number,
)
.limiting(Rows::Limit { default: DEFAULT_LIMIT, max: PageSize::MAX });

pub(crate) static OFFSET: Parameter<u32> = Parameter::new(
    "offset",
    "The number of records to skip, by default none. Cannot be combined with `cursor`, which continues beyond the maximum offset.",
    |_| range(0, Some(Offset::MAX), None),
    number,
)
.costing(Cost::ScanUnless("0"));

pub(crate) static PAGE: Parameter<u32> = Parameter::new(
    "page",
    "The page number, by default 1. Cannot be combined with `cursor`, which continues where a page would begin beyond row 10 000.",
    |_| range(1, Some(Offset::MAX + 1), None),
    number,
)
.costing(Cost::ScanUnless("1"));

pub(crate) static PER_PAGE: Parameter<u32> = per_page(
    // Generated clients would send a default that the schema names, and contradict a cursor.
    "The number of records on a page, by default 20. With `cursor`, the value with which the cursor was created, or absent.",
);

/// Declares `per_page`, whose default depends on the list.
pub(crate) const fn per_page(description: &'static str) -> Parameter<u32> {
    Parameter::new("per_page", description, |_| range(1, Some(PageSize::MAX), None), number)
        .limiting(Rows::PerPage { default: DEFAULT_PER_PAGE, max: PageSize::MAX })
}

/// The cursor. A list parses it by the key of its reader; this parser checks only its form.
pub(crate) static CURSOR: Parameter<()> = Parameter::new(
    "cursor",
    "The cursor from the previous page. It is valid only for the same list, filters, order and caller.",
    |_| json_schema!({"type": "string", "pattern": "^[A-Za-z0-9_-]+$"}),
    CursorKey::check_form,
);

/// Returns the default size of a page: [`DEFAULT_PER_PAGE`], or fewer rows if each may have many, of which a page has at most `in_all`.
pub(crate) fn default_per_page(nested: u32, in_all: u32) -> u32 {
    DEFAULT_PER_PAGE.min(in_all / nested.max(1))
}

/// Parses `limit` (default 50), for a list that continues by cursors alone.
pub(crate) fn limit(query: &Query, errors: &mut ValidationErrors) -> Option<PageSize> {
    let limit = query.read(errors, &LIMIT)?;
    let judged = Limit { limit: limit.unwrap_or(DEFAULT_LIMIT) };
    check(errors, &judged).then(|| PageSize::new(judged.limit).ok())?
}

/// Parses `limit` (default 50) and `offset` (default 0). An offset beside a cursor is a validation error.
pub(crate) fn limit_and_offset(query: &Query, errors: &mut ValidationErrors) -> Option<(PageSize, Offset)> {
    let limit = query.read(errors, &LIMIT);
    let offset = query.read(errors, &OFFSET);
    no_other_position(query, errors, &OFFSET);
    // A parameter that is not a number does not keep the other one from being checked.
    let judged = LimitAndOffset {
        limit: limit.flatten().unwrap_or(DEFAULT_LIMIT),
        offset: offset.flatten().unwrap_or_default(),
    };
    let sound = check(errors, &judged);
    (sound && limit.is_some() && offset.is_some()).then_some(())?;
    Some((PageSize::new(judged.limit).ok()?, Offset::new(judged.offset).ok()?))
}

/// Parses `page` (default 1) and `per_page` (`None` if absent: then the default or the cursor decides). A page beside a cursor is a
/// validation error.
pub(crate) fn pages(query: &Query, errors: &mut ValidationErrors) -> Option<(u32, Option<PageSize>)> {
    let page = query.read(errors, &PAGE);
    let per_page = query.read(errors, &PER_PAGE);
    no_other_position(query, errors, &PAGE);
    let judged = Pages { page: page.flatten().unwrap_or(1), per_page: per_page.flatten().unwrap_or(1) };
    let sound = check(errors, &judged);
    (sound && page.is_some()).then_some(())?;
    Some((judged.page, per_page?.map(PageSize::new).transpose().ok()?))
}

fn no_other_position(query: &Query, errors: &mut ValidationErrors, other: &Parameter<u32>) {
    if query.get(CURSOR.name()).is_some() && query.get(other.name()).is_some() {
        errors.parameter(
            other.name(),
            ValueError::new(
                FieldErrorCode::NOT_BESIDE_CURSOR,
                "must not be combined with cursor: send only one of them",
            ),
        );
    }
}
