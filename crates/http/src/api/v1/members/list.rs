//! `GET /api/v1/organizations/{id}/members`

use loggia_domain::id::OrganizationId;
use loggia_domain::page::{Direction, MemberOrder, MemberQuery, PageRequest, Start};
use loggia_domain::role::ScopeRole;
use loggia_domain::text::SearchText;
use loggia_domain::user::Member;
use schemars::json_schema;

use super::view::OrganizationMemberJson;
use crate::api::v1::pages::{self, COUNT, RequestedPage, sort};
use crate::pipeline::call::Call;
use crate::pipeline::handler::handler;
use crate::pipeline::request::Request;
use crate::problem::Problem;
use crate::problem::validation::ValueError;
use crate::wire::paging::{self, CURSOR, LIMIT, OFFSET};
use crate::wire::parameter::{Cost, Declaration, Parameter, schema_of, search};
use crate::wire::query::flag;
use crate::wire::response::Reply;
use crate::wire::sort_fields::SortField as _;

static ROLE: Parameter<ScopeRole> =
    Parameter::new("role", "Returns only members with this role.", schema_of::<ScopeRole>, |text| {
        ScopeRole::parse(text).map_err(ValueError::from)
    })
    .costing(Cost::Scan);

static ACTIVE: Parameter<bool> = Parameter::new(
    "active",
    "Returns only active or only inactive members; absent: all.",
    |_| json_schema!({"type": "boolean"}),
    flag,
)
.costing(Cost::Scan);

static SEARCH: Parameter<SearchText> =
    search("Returns only members with this text in their full name, username or displayed e-mail address.");

static SORT: Parameter<(MemberOrder, Direction)> = Parameter::new(
    "sort",
    "The sort field, prefixed with `-` for descending order; ties are sorted by id.",
    |_| {
        let (words, default) = (pages::signed(MemberOrder::WORDS), MemberOrder::Name.as_str());
        json_schema!({"type": "string", "enum": words, "default": default})
    },
    |text| sort(text, MemberOrder::WORDS, MemberOrder::parse),
);

pub(crate) static PARAMETERS: &[&Declaration] = &[
    &ROLE.declaration,
    &ACTIVE.declaration,
    &SEARCH.declaration,
    &SORT.declaration,
    &LIMIT.declaration,
    &OFFSET.declaration,
    &CURSOR.declaration,
    &COUNT.declaration,
];

handler!(parse, run);

fn parse(request: &mut Request<'_>) -> Result<(OrganizationId, MemberQuery, RequestedPage), Problem> {
    let id = request.id(OrganizationId::parse);
    let list = read(request, id.as_ref().ok().copied());
    let (query, requested) = request.errors.accept(list)?;
    Ok((id?, query, requested))
}

async fn run((id, query, requested): (OrganizationId, MemberQuery, RequestedPage), call: Call) -> Reply {
    let members = call.acting().list_members(id, &query, &requested.request).await?;
    call.notes.organization(Some(id));
    let path = format!("/api/v1/organizations/{id}/members");
    let position = |member: &Member| query.order.position(member);
    pages::answer(&call, &path, &requested, &members, position, OrganizationMemberJson::from)
}

fn read(
    request: &mut Request<'_>,
    organization: Option<OrganizationId>,
) -> Option<(MemberQuery, RequestedPage)> {
    let cursors = request.cursors();
    let (given, errors) = (&request.query, &mut request.errors);
    let role = given.read(errors, &ROLE);
    let active = given.read(errors, &ACTIVE);
    let search = given.read(errors, &SEARCH);
    let sort = given.read(errors, &SORT);
    let window = paging::limit_and_offset(given, errors);
    let count = given.read(errors, &COUNT);

    let query = (|| {
        let default = MemberQuery::default();
        let (order, direction) = sort?.unwrap_or((default.order, default.direction));
        Some(MemberQuery { role: role?, active: active?, search: search?, order, direction })
    })();
    // The list that a cursor must belong to is known only if all of these are valid.
    let Some(query) = query else {
        given.read(errors, &CURSOR);
        return None;
    };
    let list = format!("members {organization:?} {query:?}");
    let cursor = given.read_by(errors, &CURSOR, |text| cursors.open(&list, text));
    let (size, offset) = window?;
    let start = match cursor? {
        Some(cursor) => cursor.start,
        None => Start::Offset(offset),
    };
    Some((
        query,
        RequestedPage { request: PageRequest { start, size, count: count?.unwrap_or(false) }, list },
    ))
}
