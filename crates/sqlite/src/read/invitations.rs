//! The query of an organization's invitations.

use loggia_domain::id::OrganizationId;
use loggia_domain::invitation::Invitation;
use loggia_domain::page::{Direction, Window};
use loggia_domain::port::StoreError;
use loggia_domain::scope::Viewer;
use loggia_sql::in_list_order;

use super::list::{Order, push_membership_in, push_position, push_window};
use crate::rows::invitations::{StoredInvitation, select_invitations};
use crate::sessions::readers::Readers;
use crate::statement::Statement;

const ORDER: Order = Order { column: "i.id", id: "i.id", direction: Direction::Ascending };

pub(crate) fn list_query(viewer: &Viewer, organization: OrganizationId, window: &Window) -> Statement {
    let scope_id = organization.as_uuid();
    let mut query = select_invitations();
    query.push(" FROM members me JOIN invitations i ON i.scope_id = me.scope_id WHERE ");
    push_membership_in(&mut query, viewer, scope_id);
    query.push(" AND i.scope_id = ").push_bind(scope_id);
    push_position(&mut query, ORDER, &window.start);
    push_window(&mut query, ORDER, window);
    query
}

/// Returns the query for the operator, who needs no membership.
fn operator_query(organization: OrganizationId, window: &Window) -> Statement {
    let mut query = select_invitations();
    query.push(" FROM invitations i WHERE i.scope_id = ").push_bind(organization.as_uuid());
    push_position(&mut query, ORDER, &window.start);
    push_window(&mut query, ORDER, window);
    query
}

pub(crate) async fn list(
    readers: &Readers,
    viewer: &Viewer,
    organization: OrganizationId,
    window: &Window,
) -> Result<Vec<Invitation>, StoreError> {
    fetch(readers, list_query(viewer, organization, window), organization, window).await
}

pub(crate) async fn list_for_operator(
    readers: &Readers,
    organization: OrganizationId,
    window: &Window,
) -> Result<Vec<Invitation>, StoreError> {
    fetch(readers, operator_query(organization, window), organization, window).await
}

async fn fetch(
    readers: &Readers,
    query: Statement,
    organization: OrganizationId,
    window: &Window,
) -> Result<Vec<Invitation>, StoreError> {
    let rows = readers.records::<StoredInvitation>(query).await?;
    let invitations = rows.into_iter().map(|row| row.decode(organization)).collect::<Result<_, _>>()?;
    Ok(in_list_order(invitations, window))
}
