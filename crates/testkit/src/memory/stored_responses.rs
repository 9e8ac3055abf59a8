//! Claims and stored responses.

use async_trait::async_trait;
use loggia_domain::instant::Timestamp;
use loggia_domain::once::{Claim, StoredResponse};
use loggia_domain::port::{Claimed, Kept, StoreError, StoredResponseRows, StoredResponseViews};
use loggia_domain::scope::{Reach, Scope, Viewer};

use super::MemoryStore;
use super::tables::{ClaimKey, KeptRow};
use super::unit::{MemoryUnit, broken, ensure};

impl super::tables::Tables {
    /// Returns `true` if the claim was made and has not expired.
    pub(super) fn is_claimed(&self, owner: &Viewer, claim: &Claim, now: Timestamp) -> bool {
        self.stored_responses.get(&key_of(owner, claim)).is_some_and(|row| now < row.expires_at)
    }
}

fn key_of(owner: &Viewer, claim: &Claim) -> ClaimKey {
    let confined_to = match owner.reach {
        Reach::Everywhere => None,
        Reach::Only(organization) => Some(organization),
    };
    (owner.user, confined_to, claim.operation.clone(), claim.key.clone())
}

#[async_trait]
impl StoredResponseRows for MemoryUnit {
    async fn claim(&mut self, owner: &Viewer, claim: &Claim, now: Timestamp) -> Result<Claimed, StoreError> {
        ensure(self.tables.users.contains(&owner.user), "a claim is a user's")?;
        let key = key_of(owner, claim);
        if let Some(row) = self.tables.stored_responses.get(&key).filter(|row| now < row.expires_at) {
            let KeptRow { fingerprint, scope, answer, .. } = row.clone();
            return Ok(Claimed::Kept(Kept { fingerprint, scope, answer }));
        }
        let row = KeptRow {
            fingerprint: claim.fingerprint,
            scope: None,
            answer: StoredResponse::Withheld,
            expires_at: Claim::end(now),
        };
        self.tables.stored_responses.insert(key, row);
        Ok(Claimed::New)
    }

    async fn keep(
        &mut self,
        owner: &Viewer,
        claim: &Claim,
        scope: Option<Scope>,
        answer: &StoredResponse,
    ) -> Result<(), StoreError> {
        ensure(scope.is_none_or(|scope| self.tables.scopes.contains(&scope)), "the scope exists")?;
        let row =
            self.tables.stored_responses.get_mut(&key_of(owner, claim)).ok_or(broken("no such claim"))?;
        row.scope = scope;
        row.answer = answer.clone();
        Ok(())
    }

    async fn delete_expired_answers(&mut self, now: Timestamp, limit: u32) -> Result<u64, StoreError> {
        let rows = self.tables.stored_responses.entries();
        let mut over: Vec<_> = rows
            .filter(|(_, row)| row.expires_at <= now)
            .map(|(key, row)| (row.expires_at, key.clone()))
            .collect();
        over.sort();
        over.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        for (_, key) in &over {
            self.tables.stored_responses.remove(key);
        }
        Ok(u64::try_from(over.len()).unwrap_or(u64::MAX))
    }
}

#[async_trait]
impl StoredResponseViews for MemoryStore {
    async fn is_claimed(&self, owner: &Viewer, claim: &Claim, now: Timestamp) -> Result<bool, StoreError> {
        Ok(self.read().is_claimed(owner, claim, now))
    }
}
