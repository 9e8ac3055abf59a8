//! The queries of API keys.

use loggia_domain::id::{KeyId, OrganizationId, UserId};
use loggia_domain::key::ApiKey;
use loggia_domain::page::{Direction, Window};
use loggia_domain::port::StoreError;
use loggia_domain::scope::{Scope, Viewer};
use loggia_sql::{KeyRow, confined_to, in_list_order};
use sqlx::postgres::PgRow;
use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

use super::list::{Order, fetch, push_membership_in, push_position, push_window};
use crate::columns::{Columns, push_columns};
use crate::rows::keys::select_key;
use crate::tenancy::context::TenantContext;
use crate::tenancy::readers::Readers;

pub(crate) async fn one(readers: &Readers, user: UserId, id: KeyId) -> Result<Option<ApiKey>, StoreError> {
    let mut session = readers.enter(&TenantContext::person(user)).await?;
    let (user_id, id) = (user.as_uuid(), id.as_uuid());
    let row = select_key!("WHERE k.user_id = $1 AND k.id = $2", user_id, id)
        .fetch_optional(session.connection())
        .await;
    let row = session.check(row)?;
    row.map(KeyRow::decode).transpose()
}

const ORDER: Order =
    Order { column: "k.created_at", id: "k.id", unique: false, direction: Direction::Ascending };

/// Selects the user's keys, or those that reach one organization only. Either way the conditions are on the first columns of an index.
fn select(user: UserId, confined_to: Option<Uuid>) -> QueryBuilder<Postgres> {
    let mut query = QueryBuilder::new("SELECT ");
    push_columns::<KeyRow>(&mut query, "k");
    query.push(" FROM api_keys k WHERE k.user_id = ").push_bind(user.as_uuid());
    if let Some(organization) = confined_to {
        query.push(" AND k.confined_to = ").push_bind(organization);
    }
    query
}

async fn page(
    readers: &Readers,
    context: &TenantContext,
    mut query: QueryBuilder<Postgres>,
    window: &Window,
) -> Result<Vec<ApiKey>, StoreError> {
    push_position(&mut query, ORDER, &window.start);
    push_window(&mut query, ORDER, window);
    let rows = fetch(readers, context, query).await?;
    let read = |row: &PgRow| Columns::new(row).record().and_then(KeyRow::decode);
    Ok(in_list_order(rows.iter().map(read).collect::<Result<_, _>>()?, window))
}

pub(crate) async fn own(
    readers: &Readers,
    viewer: &Viewer,
    window: &Window,
) -> Result<Vec<ApiKey>, StoreError> {
    let query = select(viewer.user, confined_to(viewer));
    page(readers, &TenantContext::person(viewer.user), query, window).await
}

/// Returns a member's keys that reach this organization only.
pub(crate) async fn of_member(
    readers: &Readers,
    viewer: &Viewer,
    organization: OrganizationId,
    user: UserId,
    window: &Window,
) -> Result<Vec<ApiKey>, StoreError> {
    let mut query = select(user, Some(organization.as_uuid()));
    query.push(" AND (SELECT true FROM members me WHERE ");
    push_membership_in(&mut query, viewer, organization.as_uuid());
    query.push(" LIMIT 1)");
    let context = TenantContext::viewer_in(viewer, Scope::Organization(organization));
    page(readers, &context, query, window).await
}
