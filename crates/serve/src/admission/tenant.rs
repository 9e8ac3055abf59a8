//! The tenant of a request: the user who sends it, under the organization that the user's credentials belong to.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};

use uuid::Uuid;

use crate::client::Address;

/// The user and the organization that a request counts for in a [`FairSemaphore`](super::FairSemaphore).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Tenant {
    /// The sender.
    pub member: Member,
    /// The organization that the sender's credentials belong to, if they belong to one.
    pub organization: Option<Uuid>,
}

/// The sender of a request. A user is one member, with all credentials in all organizations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Member {
    /// A user.
    User(Uuid),
    /// The sender of credentials that have not been looked up yet.
    Address(Address),
}

impl From<Address> for Tenant {
    fn from(address: Address) -> Self {
        Self { member: Member::Address(address), organization: None }
    }
}

/// The maximum number of secrets that are remembered: under a megabyte.
const MAX_SECRETS: usize = 10_000;

/// The tenants of secrets that were valid recently, such as API keys. An entry names the tenant whose permit the next lookup of its secret
/// takes, and nothing about the secret's validity.
#[derive(Debug, Default)]
pub struct KnownSecrets {
    hasher: RandomState,
    tenants: Mutex<HashMap<u64, Tenant>>,
}

impl KnownSecrets {
    fn tenants(&self) -> MutexGuard<'_, HashMap<u64, Tenant>> {
        self.tenants.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the tenant of a secret: its user if the secret was valid recently, or else the address that sends it.
    pub fn tenant(&self, secret: &str, address: impl FnOnce() -> Address) -> Tenant {
        let known = self.tenants().get(&self.hasher.hash_one(secret)).copied();
        known.unwrap_or_else(|| Tenant::from(address()))
    }

    /// Forgets a secret that is not valid.
    pub fn forget(&self, secret: &str) {
        self.tenants().remove(&self.hasher.hash_one(secret));
    }

    /// Remembers the tenant of a valid secret, unless that is the tenant that is `known` already.
    pub fn remember(&self, secret: &str, known: Tenant, tenant: Tenant) {
        if tenant == known {
            return;
        }
        let mut tenants = self.tenants();
        if tenants.len() >= MAX_SECRETS {
            tenants.clear();
        }
        tenants.insert(self.hasher.hash_one(secret), tenant);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unknown_and_known() -> [Tenant; 2] {
        let user = Member::User(Uuid::from_u128(1));
        [Tenant::from(Address::Unknown), Tenant { member: user, organization: None }]
    }

    #[test]
    fn an_unknown_secret_counts_for_its_address_and_a_known_one_for_its_user() {
        let secrets = KnownSecrets::default();
        let [unknown, tenant] = unknown_and_known();
        assert_eq!(secrets.tenant("quay", || Address::Unknown), unknown);
        secrets.remember("quay", unknown, tenant);
        assert_eq!(secrets.tenant("quay", || Address::Unknown), tenant);
        assert_eq!(secrets.tenant("pier", || Address::Unknown), unknown);
        secrets.forget("quay");
        assert_eq!(secrets.tenant("quay", || Address::Unknown), unknown);
    }

    #[test]
    fn only_so_many_secrets_are_remembered() {
        let (secrets, [unknown, tenant]) = (KnownSecrets::default(), unknown_and_known());
        for number in 0..MAX_SECRETS + 100 {
            secrets.remember(&number.to_string(), unknown, tenant);
            assert!(secrets.tenants().len() <= MAX_SECRETS);
        }
    }
}
