//! The requests with an `Idempotency-Key` that are in flight in this replica.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use loggia_domain::id::{OrganizationId, UserId};
use loggia_domain::key::Caller;
use loggia_domain::once::{Claim, IdempotencyKey};
use loggia_domain::scope::Reach;

/// The identity of a reservation, by which the domain distinguishes reservations.
type Name = (UserId, Option<OrganizationId>, String, IdempotencyKey);

/// The reservations of requests in flight in this replica.
///
/// The store guarantees that a reservation is made once. This set only keeps duplicates from waiting there for the first request, each with
/// a session and a permit of its own.
#[derive(Clone, Debug, Default)]
pub(crate) struct InFlight(Arc<Mutex<HashSet<Name>>>);

/// The entry of a request in flight. Dropping it removes the entry.
#[derive(Debug)]
pub(crate) struct Turn {
    in_flight: InFlight,
    name: Name,
}

impl InFlight {
    /// Adds a request. Returns `None` if one with the same identity is in flight.
    pub(crate) fn enter(&self, caller: &Caller, claim: &Claim) -> Option<Turn> {
        let reach = match caller.reach {
            Reach::Everywhere => None,
            Reach::Only(organization) => Some(organization),
        };
        let name = (caller.user, reach, claim.operation.clone(), claim.key.clone());
        let entered = self.names().insert(name.clone());
        entered.then(|| Turn { in_flight: self.clone(), name })
    }

    fn names(&self) -> MutexGuard<'_, HashSet<Name>> {
        // No code panics while it holds this lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.in_flight.names().remove(&self.name);
    }
}

#[cfg(test)]
mod tests {
    use loggia_domain::scope::Scope;
    use uuid::Uuid;

    use super::*;

    fn claim(operation: &str, key: &str) -> Claim {
        let key = IdempotencyKey::parse(key).expect("a key");
        Claim { operation: operation.to_owned(), key, fingerprint: [0; 32] }
    }

    #[test]
    fn a_request_in_flight_excludes_others_with_its_key() {
        let [ada, grace] = [1, 2].map(|user| UserId::from_uuid(Uuid::from_u128(user)));
        let organization = OrganizationId::from_uuid(Uuid::from_u128(3));
        let caller = Caller::unchecked(ada, Scope::Personal(ada));
        let in_flight = InFlight::default();
        let turn = in_flight.enter(&caller, &claim("POST /a", "k"));
        assert!(turn.is_some());
        let other = Claim { fingerprint: [1; 32], ..claim("POST /a", "k") };
        assert!(in_flight.enter(&caller, &other).is_none(), "whatever its body");
        let others = [
            in_flight.enter(&caller, &claim("POST /a", "l")),
            in_flight.enter(&caller, &claim("POST /b", "k")),
            in_flight.enter(&caller.confined_to(organization), &claim("POST /a", "k")),
            in_flight.enter(&Caller::unchecked(grace, Scope::Personal(grace)), &claim("POST /a", "k")),
        ];
        assert!(others.iter().all(Option::is_some));
        drop(turn);
        assert!(in_flight.enter(&caller, &claim("POST /a", "k")).is_some());
        drop(others);
        assert!(in_flight.names().is_empty(), "nothing stays behind");
    }
}
