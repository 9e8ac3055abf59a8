//! The query of an organization's invitations.

use loggia_domain::id::OrganizationId;
use loggia_domain::invitation::Invitation;
use loggia_domain::page::{Direction, Window};
use loggia_domain::port::StoreError;
use loggia_domain::scope::{Scope, Viewer};
use loggia_sql::{InvitationRow, in_list_order};
use sqlx::postgres::PgRow;
use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

use super::list::{Order, fetch, push_membership_in, push_page, push_page_end, push_position};
use crate::columns::{Columns, push_columns};
use crate::tenancy::context::TenantContext;
use crate::tenancy::readers::Readers;

/// The projects `p` of each invitation `i` of the page: one row, and so none of the page is repeated.
const PROJECTS: &str = ") AS i CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(ip.project_id), '{}') AS project_ids, coalesce(array_agg(ip.role), '{}') AS project_roles
    FROM invitation_projects ip WHERE ip.scope_id = i.scope_id AND ip.invitation_id = i.id) AS p";

const ORDER: Order = Order { column: "i.id", id: "i.id", unique: true, direction: Direction::Ascending };

pub(crate) fn list_query(
    viewer: &Viewer,
    organization: OrganizationId,
    window: &Window,
) -> QueryBuilder<Postgres> {
    let scope_id = organization.as_uuid();
    let mut query = begin(organization);
    query.push(" AND (SELECT true FROM members me WHERE ");
    push_membership_in(&mut query, viewer, scope_id);
    query.push(" LIMIT 1)");
    end(&mut query, window);
    query
}

/// Returns the query for the operator, who needs no membership.
fn operator_query(organization: OrganizationId, window: &Window) -> QueryBuilder<Postgres> {
    let mut query = begin(organization);
    end(&mut query, window);
    query
}

fn begin(organization: OrganizationId) -> QueryBuilder<Postgres> {
    let mut query = QueryBuilder::new("SELECT ");
    push_columns::<InvitationRow>(&mut query, "i");
    query
        .push(", p.project_ids, p.project_roles FROM (SELECT i.* FROM invitations i WHERE i.scope_id = ")
        .push_bind(organization.as_uuid());
    query
}

fn end(query: &mut QueryBuilder<Postgres>, window: &Window) {
    push_position(query, ORDER, &window.start);
    push_page(query, ORDER, window);
    query.push(PROJECTS);
    push_page_end(query, ORDER, window);
}

pub(crate) async fn list(
    readers: &Readers,
    viewer: &Viewer,
    organization: OrganizationId,
    window: &Window,
) -> Result<Vec<Invitation>, StoreError> {
    let context = TenantContext::viewer_in(viewer, Scope::Organization(organization));
    fetch_page(readers, &context, list_query(viewer, organization, window), organization, window).await
}

pub(crate) async fn list_for_operator(
    readers: &Readers,
    organization: OrganizationId,
    window: &Window,
) -> Result<Vec<Invitation>, StoreError> {
    let context = TenantContext::scope(Scope::Organization(organization));
    fetch_page(readers, &context, operator_query(organization, window), organization, window).await
}

async fn fetch_page(
    readers: &Readers,
    context: &TenantContext,
    query: QueryBuilder<Postgres>,
    organization: OrganizationId,
    window: &Window,
) -> Result<Vec<Invitation>, StoreError> {
    let rows = fetch(readers, context, query).await?;
    let read = |row: &PgRow| {
        let mut columns = Columns::new(row);
        let invitation: InvitationRow = columns.record()?;
        let (ids, roles): (Vec<Uuid>, Vec<String>) = (columns.value()?, columns.value()?);
        invitation.decode(organization, ids.into_iter().zip(roles))
    };
    Ok(in_list_order(rows.iter().map(read).collect::<Result<_, _>>()?, window))
}
