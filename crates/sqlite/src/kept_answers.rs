//! Idempotency keys and stored responses, as a unit of work reads and writes them.

use async_trait::async_trait;
use loggia_domain::instant::Timestamp;
use loggia_domain::once::{Claim, KeptAnswer};
use loggia_domain::port::{Claimed, KeptAnswerRows, StoreError};
use loggia_domain::scope::{Scope, Viewer};
use uuid::Uuid;

use crate::decode::kept_answers::KeptRow;
use crate::error::one_row;
use crate::statement::fixed;
use crate::unit_of_work::{SqliteUnitOfWork, confined_to, scope_key};

/// Returns the stored form of the reach of an idempotency key's owner: the organization's id, or the nil UUID for no bound, since a
/// primary key has no nulls.
pub(crate) fn reach(owner: &Viewer) -> Uuid {
    confined_to(owner).unwrap_or_default()
}

/// Returns the bytes to store of a response, or `None` if it is withheld.
fn shown(answer: &KeptAnswer) -> Option<&[u8]> {
    match answer {
        KeptAnswer::Shown(answer) => Some(answer),
        KeptAnswer::Withheld => None,
    }
}

#[async_trait]
impl KeptAnswerRows for SqliteUnitOfWork {
    async fn claim(&mut self, owner: &Viewer, claim: &Claim, now: Timestamp) -> Result<Claimed, StoreError> {
        let (user_id, reach) = (owner.user.as_uuid(), reach(owner));
        let (operation, key) = (claim.operation.as_str(), claim.key.as_str());
        let fingerprint = claim.fingerprint.as_slice();
        let (made_at, expires_at) = (now.micros(), Claim::end(now).micros());
        let claimed = self.execute(&fixed!(
            Key,
            "INSERT INTO kept_answers (user_id, reach, operation, key, fingerprint, made_at, expires_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (user_id, reach, operation, key) DO UPDATE
                 SET fingerprint = excluded.fingerprint, done_in = NULL, answer = NULL,
                     made_at = excluded.made_at, expires_at = excluded.expires_at
                 WHERE kept_answers.expires_at <= excluded.made_at",
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
        let row = self.one_record::<KeptRow>(&fixed!(
            Key,
            r#"SELECT k.fingerprint, k.done_in,
                   s.kind AS "done_in_kind?", k.answer
               FROM kept_answers k LEFT JOIN scopes s ON s.id = k.done_in
               WHERE k.user_id = ?1 AND k.reach = ?2 AND k.operation = ?3 AND k.key = ?4"#,
            user_id,
            reach,
            operation,
            key
        ))?;
        row.decode(user_id).map(Claimed::Kept)
    }

    async fn keep(
        &mut self,
        owner: &Viewer,
        claim: &Claim,
        scope: Option<Scope>,
        answer: &KeptAnswer,
    ) -> Result<(), StoreError> {
        let (user_id, reach) = (owner.user.as_uuid(), reach(owner));
        let (operation, key) = (claim.operation.as_str(), claim.key.as_str());
        let (done_in, answer) = (scope.map(scope_key), shown(answer));
        let result = self.execute(&fixed!(
            Key,
            "UPDATE kept_answers SET done_in = ?5, answer = ?6
             WHERE user_id = ?1 AND reach = ?2 AND operation = ?3 AND key = ?4",
            user_id,
            reach,
            operation,
            key,
            done_in,
            answer
        ))?;
        one_row("keep", result)
    }

    async fn delete_expired_answers(&mut self, now: Timestamp, limit: u32) -> Result<u64, StoreError> {
        let (now, limit) = (now.micros(), i64::from(limit));
        let result = self.execute(&fixed!(
            Limit,
            "DELETE FROM kept_answers WHERE rowid IN (
                 SELECT rowid FROM kept_answers WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)",
            now,
            limit
        ))?;
        Ok(result)
    }
}
