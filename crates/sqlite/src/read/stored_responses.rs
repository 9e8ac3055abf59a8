//! The query of claims.

use loggia_domain::instant::Timestamp;
use loggia_domain::once::Claim;
use loggia_domain::port::StoreError;
use loggia_domain::scope::Viewer;
use loggia_sql::reach_key;
use rusqlite::Row;

use crate::columns::Columns;
use crate::sessions::readers::Readers;
use crate::statement::fixed;

pub(crate) async fn is_claimed(
    readers: &Readers,
    owner: &Viewer,
    claim: &Claim,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let (user_id, reach) = (owner.user.as_uuid(), reach_key(owner));
    let (operation, key) = (claim.operation.as_str(), claim.key.as_str());
    let statement = fixed!(
        Key,
        "SELECT expires_at FROM stored_responses
         WHERE user_id = ?1 AND reach = ?2 AND operation = ?3 AND key = ?4",
        user_id,
        reach,
        operation,
        key
    );
    let read = |row: &Row<'_>| Columns::new(row).value();
    let expires_at: Option<i64> = readers.optional(statement, read).await?;
    Ok(expires_at.is_some_and(|expires_at| now.micros() < expires_at))
}
