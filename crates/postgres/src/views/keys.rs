//! API keys, as they are looked at.

use loggia_domain::id::{KeyId, UserId};
use loggia_domain::key::ApiKey;
use loggia_domain::port::StoreError;

use crate::decode::keys::{KeyRow, select_key};
use crate::session::Readers;
use crate::tenancy::TenantContext;

pub(crate) async fn one(readers: &Readers, user: UserId, id: KeyId) -> Result<Option<ApiKey>, StoreError> {
    let mut session = readers.enter(&TenantContext::person(user)).await?;
    let (user_id, id) = (user.as_uuid(), id.as_uuid());
    let row = select_key!("WHERE k.user_id = $1 AND k.id = $2", user_id, id)
        .fetch_optional(session.connection())
        .await;
    let row = session.told(row)?;
    row.map(KeyRow::decode).transpose()
}

pub(crate) async fn of_user(readers: &Readers, user: UserId) -> Result<Vec<ApiKey>, StoreError> {
    let mut session = readers.enter(&TenantContext::person(user)).await?;
    let user_id = user.as_uuid();
    let rows = select_key!("WHERE k.user_id = $1 ORDER BY k.created_at, k.id", user_id)
        .fetch_all(session.connection())
        .await;
    let rows = session.told(rows)?;
    rows.into_iter().map(KeyRow::decode).collect()
}
