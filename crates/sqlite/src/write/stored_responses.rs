//! Idempotency keys and stored responses, as a unit of work reads and writes them.

use async_trait::async_trait;
use loggia_domain::instant::Timestamp;
use loggia_domain::once::{Claim, StoredResponse};
use loggia_domain::port::{Claimed, StoreError, StoredResponseRows};
use loggia_domain::scope::{Scope, Viewer};
use loggia_sql::{
    decode_stored_response, one_row, reach_key, record, response_bytes, scope_key, scope_of_kind,
};
use uuid::Uuid;

use crate::statement::fixed;
use crate::write::unit_of_work::SqliteUnitOfWork;

record! {
    /// A row of `stored_responses`, with the kind of the scope in `done_in`.
    StoredResponseRow {
        fingerprint: Vec<u8>,
        done_in: Option<Uuid>,
        done_in_kind: Option<String>,
        answer: Option<Vec<u8>>,
    }
}

#[async_trait]
impl StoredResponseRows for SqliteUnitOfWork {
    async fn claim(&mut self, owner: &Viewer, claim: &Claim, now: Timestamp) -> Result<Claimed, StoreError> {
        let (user_id, reach) = (owner.user.as_uuid(), reach_key(owner));
        let (operation, key) = (claim.operation.as_str(), claim.key.as_str());
        let fingerprint = claim.fingerprint.as_slice();
        let (made_at, expires_at) = (now.micros(), Claim::end(now).micros());
        let claimed = self.execute(&fixed!(
            Key,
            "INSERT INTO stored_responses (user_id, reach, operation, key, fingerprint, made_at, expires_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
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
        ))?;
        if claimed == 1 {
            return Ok(Claimed::New);
        }
        let row = self.one_record::<StoredResponseRow>(&fixed!(
            Key,
            r#"SELECT k.fingerprint, k.done_in,
                   s.kind AS "done_in_kind?", k.answer
               FROM stored_responses k LEFT JOIN scopes s ON s.id = k.done_in
               WHERE k.user_id = ?1 AND k.reach = ?2 AND k.operation = ?3 AND k.key = ?4"#,
            user_id,
            reach,
            operation,
            key
        ))?;
        let scope = match (row.done_in, row.done_in_kind) {
            (Some(id), Some(kind)) => Some(scope_of_kind(id, &kind)?),
            _ => None,
        };
        decode_stored_response(user_id, &row.fingerprint, scope, row.answer).map(Claimed::Kept)
    }

    async fn keep(
        &mut self,
        owner: &Viewer,
        claim: &Claim,
        scope: Option<Scope>,
        response: &StoredResponse,
    ) -> Result<(), StoreError> {
        let (user_id, reach) = (owner.user.as_uuid(), reach_key(owner));
        let (operation, key) = (claim.operation.as_str(), claim.key.as_str());
        let (done_in, response) = (scope.map(scope_key), response_bytes(response));
        let result = self.execute(&fixed!(
            Key,
            "UPDATE stored_responses SET done_in = ?5, answer = ?6
             WHERE user_id = ?1 AND reach = ?2 AND operation = ?3 AND key = ?4",
            user_id,
            reach,
            operation,
            key,
            done_in,
            response
        ))?;
        one_row("keep", result)
    }

    async fn delete_expired_answers(&mut self, now: Timestamp, limit: u32) -> Result<u64, StoreError> {
        let (now, limit) = (now.micros(), i64::from(limit));
        let result = self.execute(&fixed!(
            Limit,
            "DELETE FROM stored_responses WHERE rowid IN (
                 SELECT rowid FROM stored_responses WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)",
            now,
            limit
        ))?;
        Ok(result)
    }
}
