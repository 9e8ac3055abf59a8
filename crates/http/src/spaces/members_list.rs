//! `GET /api/v1/organizations/{id}/members`

use loggia_domain::id::OrganizationId;
use loggia_domain::page::{MemberOrder, MemberQuery, PageRequest, Start};
use loggia_domain::role::ScopeRole;
use loggia_domain::text::SearchText;
use loggia_domain::user::Member;

use super::pages::{self, Place, sort};
use super::view_member::OrganizationMemberJson;
use crate::answer::Reply;
use crate::call::Call;
use crate::cursor::CursorKey;
use crate::extract::query::flag;
use crate::paging;
use crate::sort_fields::SortField as _;

pub(crate) const PARAMETERS: &[&str] =
    &["role", "active", "search", "sort", "limit", "offset", "cursor", "count"];

pub(crate) async fn handle(mut call: Call) -> Reply {
    let id = call.id(OrganizationId::parse);
    let request = read(&mut call, id.as_ref().ok().copied());
    let (query, place) = call.findings.accept(request)?;
    let id = id?;
    let members = call.acting().list_members(id, &query, &place.request).await?;
    call.notes.organization(Some(id));
    let path = format!("/api/v1/organizations/{id}/members");
    let position = |member: &Member| query.order.position(member);
    pages::answer(&call, &path, &place, &members, position, OrganizationMemberJson::from)
}

fn read(call: &mut Call, organization: Option<OrganizationId>) -> Option<(MemberQuery, Place)> {
    let (given, findings) = (&call.query, &mut call.findings);
    let role = given.optional(findings, "role", ScopeRole::parse);
    let active = given.optional(findings, "active", flag);
    let search = given.optional(findings, "search", SearchText::parse);
    let sort = given.optional(findings, "sort", |text| sort(text, MemberOrder::WORDS, MemberOrder::parse));
    let window = paging::limit_and_offset(given, findings);
    let count = given.optional(findings, "count", flag);

    let query = (|| {
        let default = MemberQuery::default();
        let (order, direction) = sort?.unwrap_or((default.order, default.direction));
        Some(MemberQuery { role: role?, active: active?, search: search?, order, direction })
    })();
    // The list that a cursor must belong to is known only if all of these are valid.
    let Some(query) = query else {
        given.optional(findings, "cursor", CursorKey::check_form);
        return None;
    };
    let list = format!("members {organization:?} {query:?}");
    let cursors = call.app.cursors.of(call.caller.user);
    let cursor = given.optional(findings, "cursor", |text| cursors.open(&list, text));
    let (size, offset) = window?;
    let start = match cursor? {
        Some(cursor) => cursor.start,
        None => Start::Offset(offset),
    };
    Some((query, Place { request: PageRequest { start, size, count: count?.unwrap_or(false) }, list }))
}
