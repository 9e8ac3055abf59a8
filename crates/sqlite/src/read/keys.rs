//! The queries of API keys.

use loggia_domain::id::{KeyId, OrganizationId, UserId};
use loggia_domain::key::{ApiKey, KeyHash};
use loggia_domain::page::{Direction, Window};
use loggia_domain::port::StoreError;
use loggia_domain::scope::Viewer;
use loggia_sql::{confined_to, in_list_order};
use uuid::Uuid;

use super::list::{Order, push_membership_in, push_position, push_window};
use crate::rows::keys::{KeyInScopeRow, select_key, select_keys};
use crate::sessions::readers::Readers;
use crate::statement::Statement;

pub(crate) async fn by_hash(readers: &Readers, hash: &KeyHash) -> Result<Option<ApiKey>, StoreError> {
    let hash = hash.as_bytes().as_slice();
    let row = readers.record::<KeyInScopeRow>(select_key!(Key, "WHERE k.hash = ?1", hash)).await?;
    row.map(KeyInScopeRow::decode).transpose()
}

pub(crate) async fn one(readers: &Readers, user: UserId, id: KeyId) -> Result<Option<ApiKey>, StoreError> {
    let (user_id, id) = (user.as_uuid(), id.as_uuid());
    let row = readers
        .record::<KeyInScopeRow>(select_key!(Key, "WHERE k.user_id = ?1 AND k.id = ?2", user_id, id))
        .await?;
    row.map(KeyInScopeRow::decode).transpose()
}

/// The keys `k` and their default scopes `sc`.
const KEYS: &str = " FROM api_keys k JOIN scopes sc ON sc.id = k.default_scope_id";

const ORDER: Order = Order { column: "k.created_at", id: "k.id", direction: Direction::Ascending };

/// The leading conditions, on the first columns of an index, for all queries of a user's keys.
fn push_keys(query: &mut Statement, user: UserId, confined_to: Option<Uuid>) {
    query.push("k.user_id = ").push_bind(user.as_uuid());
    if let Some(organization) = confined_to {
        query.push(" AND k.confined_to = ").push_bind(organization);
    }
}

pub(crate) fn own_query(viewer: &Viewer, window: &Window) -> Statement {
    let mut query = select_keys();
    query.push(KEYS).push(" WHERE ");
    push_keys(&mut query, viewer.user, confined_to(viewer));
    push_position(&mut query, ORDER, &window.start);
    push_window(&mut query, ORDER, window);
    query
}

pub(crate) fn of_member_query(
    viewer: &Viewer,
    organization: OrganizationId,
    user: UserId,
    window: &Window,
) -> Statement {
    let mut query = select_keys();
    query.push(KEYS).push(" JOIN members me ON me.scope_id = k.confined_to WHERE ");
    push_membership_in(&mut query, viewer, organization.as_uuid());
    query.push(" AND ");
    push_keys(&mut query, user, Some(organization.as_uuid()));
    push_position(&mut query, ORDER, &window.start);
    push_window(&mut query, ORDER, window);
    query
}

pub(crate) async fn own(
    readers: &Readers,
    viewer: &Viewer,
    window: &Window,
) -> Result<Vec<ApiKey>, StoreError> {
    fetch(readers, own_query(viewer, window), window).await
}

/// Returns a member's keys that reach this organization only.
pub(crate) async fn of_member(
    readers: &Readers,
    viewer: &Viewer,
    organization: OrganizationId,
    user: UserId,
    window: &Window,
) -> Result<Vec<ApiKey>, StoreError> {
    fetch(readers, of_member_query(viewer, organization, user, window), window).await
}

async fn fetch(readers: &Readers, query: Statement, window: &Window) -> Result<Vec<ApiKey>, StoreError> {
    let rows = readers.records::<KeyInScopeRow>(query).await?;
    let keys = rows.into_iter().map(KeyInScopeRow::decode).collect::<Result<_, _>>()?;
    Ok(in_list_order(keys, window))
}
