//! The tenant of a request: the user who sends it, under the organization that the user's key belongs to.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};

use loggia_domain::id::{OrganizationId, UserId};
use loggia_domain::key::{Caller, KeySecret};
use loggia_domain::scope::Reach;

use crate::address::Address;

/// The user and the organization that a request counts for in a [`FairSemaphore`](crate::fair_semaphore::FairSemaphore).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Tenant {
    pub(crate) member: Member,
    pub(crate) organization: Option<OrganizationId>,
}

/// The sender of a request. A user is one member, with all keys in all organizations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Member {
    User(UserId),
    /// The sender of a key that has not been looked up yet.
    Address(Address),
}

impl From<&Caller> for Tenant {
    fn from(caller: &Caller) -> Self {
        Self { member: Member::User(caller.user), organization: organization(caller) }
    }
}

impl From<Address> for Tenant {
    fn from(address: Address) -> Self {
        Self { member: Member::Address(address), organization: None }
    }
}

/// Returns the organization that a caller's requests count for: the one that the key is confined to, or else that of its default scope.
///
/// Returns `None` if that is the caller's personal scope.
pub(crate) const fn organization(caller: &Caller) -> Option<OrganizationId> {
    match caller.reach {
        Reach::Only(organization) => Some(organization),
        Reach::Everywhere => caller.default_scope.organization(),
    }
}

/// The maximum number of keys that are remembered: under a megabyte.
const MAX_KEYS: usize = 10_000;

/// The tenants of keys that were valid recently. An entry tells whose permit the next lookup of its key takes, and nothing about the key's
/// validity.
#[derive(Debug, Default)]
pub(crate) struct KnownKeys {
    hasher: RandomState,
    tenants: Mutex<HashMap<u64, Tenant>>,
}

impl KnownKeys {
    fn tenants(&self) -> MutexGuard<'_, HashMap<u64, Tenant>> {
        self.tenants.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the tenant of a key: its user if the key was valid recently, or else the address that sends it.
    pub(crate) fn tenant(&self, secret: &KeySecret, address: impl FnOnce() -> Address) -> Tenant {
        let known = self.tenants().get(&self.hasher.hash_one(secret.expose())).copied();
        known.unwrap_or_else(|| Tenant::from(address()))
    }

    /// Forgets a key that is not valid.
    pub(crate) fn forget(&self, secret: &KeySecret) {
        self.tenants().remove(&self.hasher.hash_one(secret.expose()));
    }

    /// Remembers the tenant of a valid key, unless that is the tenant that is `known` already.
    pub(crate) fn remember(&self, secret: &KeySecret, known: Tenant, tenant: Tenant) {
        if tenant == known {
            return;
        }
        let mut tenants = self.tenants();
        if tenants.len() >= MAX_KEYS {
            tenants.clear();
        }
        tenants.insert(self.hasher.hash_one(secret.expose()), tenant);
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn key(number: u64) -> KeySecret {
        let mut entropy = [0; 32];
        entropy[..8].copy_from_slice(&number.to_le_bytes());
        KeySecret::from_entropy(entropy)
    }

    fn unknown_and_known() -> [Tenant; 2] {
        let user = Member::User(UserId::from_uuid(Uuid::from_u128(1)));
        [Tenant::from(Address::Unknown), Tenant { member: user, organization: None }]
    }

    #[test]
    fn an_unknown_key_counts_for_its_address_and_a_known_one_for_its_user() {
        let keys = KnownKeys::default();
        let [unknown, tenant] = unknown_and_known();
        assert_eq!(keys.tenant(&key(1), || Address::Unknown), unknown);
        keys.remember(&key(1), unknown, tenant);
        assert_eq!(keys.tenant(&key(1), || Address::Unknown), tenant);
        assert_eq!(keys.tenant(&key(2), || Address::Unknown), unknown);
        keys.forget(&key(1));
        assert_eq!(keys.tenant(&key(1), || Address::Unknown), unknown);
    }

    #[test]
    fn only_so_many_keys_are_remembered() {
        let (keys, [unknown, tenant]) = (KnownKeys::default(), unknown_and_known());
        for number in 0..u64::try_from(MAX_KEYS).expect("a number") + 100 {
            keys.remember(&key(number), unknown, tenant);
            assert!(keys.tenants().len() <= MAX_KEYS);
        }
    }
}
