//! API keys, as they are looked at.

use loggia_domain::id::{KeyId, UserId};
use loggia_domain::key::{ApiKey, KeyHash};
use loggia_domain::port::StoreError;
use sqlx::SqlitePool;

use crate::decode::keys::{KeyRow, select_key};
use crate::error::store_error;

pub(crate) async fn by_hash(readers: &SqlitePool, hash: &KeyHash) -> Result<Option<ApiKey>, StoreError> {
    let hash = hash.as_bytes().as_slice();
    let row = select_key!("WHERE k.hash = ?1", hash).fetch_optional(readers).await.map_err(store_error)?;
    row.map(KeyRow::decode).transpose()
}

pub(crate) async fn one(readers: &SqlitePool, user: UserId, id: KeyId) -> Result<Option<ApiKey>, StoreError> {
    let (user_id, id) = (user.as_uuid(), id.as_uuid());
    let row = select_key!("WHERE k.user_id = ?1 AND k.id = ?2", user_id, id)
        .fetch_optional(readers)
        .await
        .map_err(store_error)?;
    row.map(KeyRow::decode).transpose()
}

pub(crate) async fn of_user(readers: &SqlitePool, user: UserId) -> Result<Vec<ApiKey>, StoreError> {
    let user_id = user.as_uuid();
    let rows = select_key!("WHERE k.user_id = ?1 ORDER BY k.created_at, k.id", user_id)
        .fetch_all(readers)
        .await
        .map_err(store_error)?;
    rows.into_iter().map(KeyRow::decode).collect()
}
