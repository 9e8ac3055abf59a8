//! API keys, as they are looked at.

use loggia_domain::id::{KeyId, UserId};
use loggia_domain::key::{ApiKey, KeyHash};
use loggia_domain::port::StoreError;

use crate::decode::keys::{KeyRow, select_key};
use crate::readers::Readers;

pub(crate) async fn by_hash(readers: &Readers, hash: &KeyHash) -> Result<Option<ApiKey>, StoreError> {
    let hash = hash.as_bytes().as_slice();
    let row = readers.record::<KeyRow>(select_key!("WHERE k.hash = ?1", hash)).await?;
    row.map(KeyRow::decode).transpose()
}

pub(crate) async fn one(readers: &Readers, user: UserId, id: KeyId) -> Result<Option<ApiKey>, StoreError> {
    let (user_id, id) = (user.as_uuid(), id.as_uuid());
    let row =
        readers.record::<KeyRow>(select_key!("WHERE k.user_id = ?1 AND k.id = ?2", user_id, id)).await?;
    row.map(KeyRow::decode).transpose()
}

pub(crate) async fn of_user(readers: &Readers, user: UserId) -> Result<Vec<ApiKey>, StoreError> {
    let user_id = user.as_uuid();
    let rows = readers
        .records::<KeyRow>(select_key!("WHERE k.user_id = ?1 ORDER BY k.created_at, k.id", user_id))
        .await?;
    rows.into_iter().map(KeyRow::decode).collect()
}
