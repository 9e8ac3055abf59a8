//! Idempotency keys and stored responses, as a unit of work reads and writes them.

use async_trait::async_trait;
use loggia_domain::instant::Timestamp;
use loggia_domain::once::{Claim, StoredResponse};
use loggia_domain::port::{Claimed, StoreError, StoredResponseRows};
use loggia_domain::scope::{Scope, Viewer};
use loggia_sql::{decode_stored_response, one_row, reach_key, response_bytes, scope_key, scope_of};

use crate::error::is_lock_timeout;
use crate::write::unit_of_work::PostgresUnitOfWork;

#[async_trait]
impl StoredResponseRows for PostgresUnitOfWork {
    async fn claim(&mut self, owner: &Viewer, claim: &Claim, now: Timestamp) -> Result<Claimed, StoreError> {
        // Grants the user's own rows only: memberships are looked up after this statement, since it may wait, and a membership may be
        // added meanwhile.
        self.open_own(owner.user).await?;
        let (user_id, reach) = (owner.user.as_uuid(), reach_key(owner));
        let (operation, key) = (claim.operation.as_str(), claim.key.as_str());
        let fingerprint = claim.fingerprint.as_slice();
        let (made_at, expires_at) = (now.micros(), Claim::end(now).micros());
        // The statement waits for a concurrent transaction that has inserted the same key, and finds what that has committed.
        let claimed = sqlx::query!(
            "INSERT INTO stored_responses (user_id, reach, operation, key, fingerprint, made_at, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (user_id, reach, operation, key) DO UPDATE
                 SET fingerprint = excluded.fingerprint, done_in = NULL, answer = NULL,
                     made_at = excluded.made_at, expires_at = excluded.expires_at
                 WHERE stored_responses.expires_at <= excluded.made_at",
            user_id,
            reach,
            operation,
            key,
            fingerprint,
            made_at,
            expires_at
        )
        .execute(self.connection())
        .await;
        let timed_out = claimed.as_ref().is_err_and(is_lock_timeout);
        let claimed = self.check(claimed).await;
        if timed_out {
            return Ok(Claimed::InFlight);
        }
        if claimed?.rows_affected() == 1 {
            return Ok(Claimed::New);
        }
        let row = sqlx::query!(
            "SELECT fingerprint, done_in, answer FROM stored_responses
             WHERE user_id = $1 AND reach = $2 AND operation = $3 AND key = $4",
            user_id,
            reach,
            operation,
            key
        )
        .fetch_optional(self.connection())
        .await;
        match self.check(row).await? {
            Some(row) => {
                let scope = row.done_in.map(|id| scope_of(user_id, id));
                decode_stored_response(user_id, &row.fingerprint, scope, row.answer).map(Claimed::Kept)
            }
            // By another replica's clock the row had expired, and that replica has deleted it since.
            None => Err(StoreError::Contended(None)),
        }
    }

    async fn keep(
        &mut self,
        owner: &Viewer,
        claim: &Claim,
        scope: Option<Scope>,
        response: &StoredResponse,
    ) -> Result<(), StoreError> {
        self.open_own(owner.user).await?;
        let (user_id, reach) = (owner.user.as_uuid(), reach_key(owner));
        let (operation, key) = (claim.operation.as_str(), claim.key.as_str());
        let (done_in, response) = (scope.map(scope_key), response_bytes(response));
        let result = sqlx::query!(
            "UPDATE stored_responses SET done_in = $5, answer = $6
             WHERE user_id = $1 AND reach = $2 AND operation = $3 AND key = $4",
            user_id,
            reach,
            operation,
            key,
            done_in,
            response
        )
        .execute(self.connection())
        .await;
        let result = self.check(result).await?;
        one_row("keep", result.rows_affected())
    }

    async fn delete_expired_answers(&mut self, now: Timestamp, limit: u32) -> Result<u64, StoreError> {
        let (now, limit) = (now.micros(), i64::from(limit));
        // Lets the policy show expired rows, of any user.
        let set = sqlx::query_scalar!("SELECT set_config('loggia.clearing_at', $1, true)", now.to_string())
            .fetch_one(self.connection())
            .await;
        self.check(set).await?;
        // A row that a concurrent request is reserving again is skipped instead of waited for.
        let result = sqlx::query!(
            "DELETE FROM stored_responses AS kept
             USING (SELECT user_id, reach, operation, key FROM stored_responses
                    WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED) AS over
             WHERE (kept.user_id, kept.reach, kept.operation, kept.key)
                 = (over.user_id, over.reach, over.operation, over.key)",
            now,
            limit
        )
        .execute(self.connection())
        .await;
        Ok(self.check(result).await?.rows_affected())
    }
}
