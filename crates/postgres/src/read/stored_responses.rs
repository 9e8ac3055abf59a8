//! The query of claims.

use loggia_domain::instant::Timestamp;
use loggia_domain::once::Claim;
use loggia_domain::port::StoreError;
use loggia_domain::scope::Viewer;
use loggia_sql::reach_key;

use crate::tenancy::context::TenantContext;
use crate::tenancy::readers::Readers;

pub(crate) async fn is_claimed(
    readers: &Readers,
    owner: &Viewer,
    claim: &Claim,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let mut session = readers.enter(&TenantContext::person(owner.user)).await?;
    let expires_at = sqlx::query_scalar!(
        "SELECT expires_at FROM stored_responses
         WHERE user_id = $1 AND reach = $2 AND operation = $3 AND key = $4",
        owner.user.as_uuid(),
        reach_key(owner),
        claim.operation.as_str(),
        claim.key.as_str()
    )
    .fetch_optional(session.connection())
    .await;
    let expires_at = session.check(expires_at)?;
    Ok(expires_at.is_some_and(|expires_at| now.micros() < expires_at))
}
