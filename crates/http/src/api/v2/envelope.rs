//! The page envelope of this dialect's lists.

use loggia_domain::page::{Offset, Page, PageRequest, PageSize, Position, Start};
use loggia_domain::scope::ScopeChoice;
use schemars::JsonSchema;
use serde::Serialize;

use crate::pipeline::call::Call;
use crate::pipeline::request::{Request, scope_parameter};
use crate::problem::FieldErrorCode;
use crate::problem::validation::ValueError;
use crate::wire::cursor::{self, Cursor, Seen};
use crate::wire::paging::{self, CURSOR, DEFAULT_PER_PAGE, PAGE, PER_PAGE};
use crate::wire::parameter::{Cost, Declaration, Parameter};

/// A page of a list, with its position in the list.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "{T}Page")]
pub(crate) struct Envelope<T> {
    total: u64,
    last_page: u64,
    prev_page: Option<u64>,
    next_page: Option<u64>,
    has_next_page: bool,
    page: u64,
    per_page: u32,
    from: u64,
    to: u64,
    result: Vec<T>,
    #[schemars(extend("maxLength" = cursor::MAX_LENGTH))]
    next_cursor: Option<String>,
}

/// The requested page of a list.
#[derive(Clone)]
pub(crate) struct RequestedPage {
    pub(crate) request: PageRequest,
    /// The number of rows before the page.
    rank: u64,
    /// The total at the request of the first page, if this page was requested by a cursor.
    total: Option<u64>,
    /// The name of the list, to which its cursors are bound.
    list: String,
}

/// The scope of a list. A list with it counts as a long read, unlike in the spaces dialect.
pub(crate) static ORGANIZATION: Parameter<ScopeChoice> =
    scope_parameter("organization_id").costing(Cost::Scan);

/// The parameters of a list without filters or orders.
pub(crate) static PAGES: &[&Declaration] = &[&PAGE.declaration, &PER_PAGE.declaration, &CURSOR.declaration];

/// Parses `page`, `per_page` and `cursor` of the list with that name. A list of `None` means that other parameters are invalid, so the list
/// that a cursor must belong to is unknown. Returns `None` then, and if the page is invalid.
pub(crate) fn read(request: &mut Request<'_>, list: Option<String>) -> Option<RequestedPage> {
    read_by(request, list, DEFAULT_PER_PAGE)
}

/// Parses the page of a list whose pages have `default` rows unless the request says otherwise.
pub(super) fn read_by(
    request: &mut Request<'_>,
    list: Option<String>,
    default: u32,
) -> Option<RequestedPage> {
    let cursors = request.cursors();
    let (query, errors) = (&request.query, &mut request.errors);
    let paging = paging::pages(query, errors);
    let Some(list) = list else {
        query.read(errors, &CURSOR);
        return None;
    };
    let cursor = query.read_by(errors, &CURSOR, |text| open(cursors.open(&list, text)?));
    let ((page, per_page), cursor) = (paging?, cursor?);
    let Some((start, seen)) = cursor else {
        let size = per_page.map_or(PageSize::new(default), Ok).ok()?;
        let skipped = u64::from(page - 1) * u64::from(size.get());
        let Some(offset) = u32::try_from(skipped).ok().and_then(|rows| Offset::new(rows).ok()) else {
            let detail = format!("must not begin beyond row {}; continue with cursor", Offset::MAX);
            errors.parameter("page", ValueError::new(FieldErrorCode::OUT_OF_RANGE, detail));
            return None;
        };
        let request = PageRequest { start: Start::Offset(offset), size, count: true };
        return Some(RequestedPage { request, rank: skipped, total: None, list });
    };
    let size = PageSize::new(seen.per_page).ok()?;
    if per_page.is_some_and(|given| given != size) {
        errors.parameter(
            "per_page",
            ValueError::new(
                FieldErrorCode::NOT_BESIDE_CURSOR,
                "must be the value with which the cursor was created",
            ),
        );
        return None;
    }
    let request = PageRequest { start, size, count: false };
    Some(RequestedPage { request, rank: seen.rank, total: Some(seen.total), list })
}

/// Returns the parts of a cursor. A cursor of this dialect must have counts.
fn open(cursor: Cursor) -> Result<(Start, Seen), ValueError> {
    let seen = cursor
        .seen
        .ok_or_else(|| ValueError::new(FieldErrorCode::INVALID_CURSOR, "is not a cursor of this list"))?;
    Ok((cursor.start, seen))
}

/// Puts a page into its envelope.
pub(crate) fn wrap<'a, T, J>(
    call: &Call,
    requested: &RequestedPage,
    page: &'a Page<T>,
    position: impl Fn(&T) -> Position,
    json: impl Fn(&'a T) -> J,
) -> Envelope<J> {
    let per_page = requested.request.size.get();
    let total = requested.total.or(page.total).unwrap_or_default();
    let number = requested.rank / u64::from(per_page) + 1;
    let last_page = total.div_ceil(u64::from(per_page)).max(1);
    let from = requested.rank.min(total);
    let rows = u64::try_from(page.items.len()).unwrap_or(u64::MAX);
    let seen = Seen { rank: requested.rank + rows, total, per_page };
    let next_cursor = page.items.last().filter(|_| page.after).and_then(|last| {
        let start = Start::After(position(last));
        call.cursors().seal(&requested.list, &Cursor { start, seen: Some(seen) })
    });
    Envelope {
        total,
        last_page,
        prev_page: (number > 1).then(|| (number - 1).min(last_page)),
        next_page: page.after.then_some(number + 1),
        has_next_page: page.after,
        page: number,
        per_page,
        from,
        to: from + rows,
        result: page.items.iter().map(json).collect(),
        next_cursor,
    }
}
