//! A negative control: a store that has a capability and forgets one method of it, so that the method's default stands, breaks a promise
//! about that capability.
//!
//! Defaults in the core need no such control: they keep every promise, and a store that does without its own is only slower. The one
//! exception is [`RosterRows::lock_rosters_of`](loggia_domain::port::RosterRows::lock_rosters_of), without which units of work may wait for
//! each other, as the promises about totals notice.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;

use async_trait::async_trait;
use loggia_domain::id::{InvitationId, OrganizationId};
use loggia_domain::invitation::Invitation;
use loggia_domain::key::{ApiKey, KeyOrigin};
use loggia_domain::port::{Capability, LiveKeys, StoreError, UnitOfWork};
use loggia_domain::scope::Readmissions;

use super::{Fixture, keep};
use crate::intercept::{self, Call, Interceptor};
use crate::memory::MemoryStore;

/// A promise of the list.
pub(super) struct Promise {
    pub(super) part: &'static str,
    pub(super) topic: &'static str,
    pub(super) name: &'static str,
    pub(super) run: for<'a> fn(&'a Fixture) -> Pin<Box<dyn Future<Output = ()> + 'a>>,
}

/// Returns every promise about one store.
#[expect(
    clippy::vec_init_then_push,
    reason = "the pushes are generated, one for each promise of several lists"
)]
pub(super) fn all() -> Vec<Promise> {
    let mut all = Vec::new();
    crate::__promises! { core @values all core; }
    crate::__promises! { keys @values all keys; }
    crate::__promises! { stored_responses @values all stored_responses; }
    crate::__promises! { invitations @values all invitations; }
    crate::__promises! { deletion @values all deletion; }
    crate::__promises! { instance @values all instance; }
    crate::__promises! { deletion_and_instance @values all deletion; }
    crate::__promises! { deletion_of_all @values all deletion; }
    all
}

/// The effect of the default of a method.
#[derive(Clone, Copy)]
enum Standing {
    /// It fails.
    Fails(Capability),
    /// It returns this value, and writes nothing.
    Returns(fn(&mut dyn Any)),
    /// It returns what the method returns, and writes nothing.
    Writes0,
}

use Standing::{Fails, Returns, Writes0};

fn set<T: Any>(answer: &mut dyn Any, value: T) {
    *answer.downcast_mut().expect("an answer of this type") = value;
}

fn no_key(answer: &mut dyn Any) {
    set(answer, None::<ApiKey>);
}

fn no_keys(answer: &mut dyn Any) {
    set(answer, Vec::<ApiKey>::new());
}

fn no_invitations(answer: &mut dyn Any) {
    set(answer, Vec::<Invitation>::new());
}

fn no_live_key(answer: &mut dyn Any) {
    set(answer, LiveKeys { count: 0, readmissions: Readmissions::NONE });
}

/// Every method of a capability, with its default. [`KeyViews::open_with_key`](loggia_domain::port::KeyViews::open_with_key) is missing: its
/// default looks the key up, which is right for every store.
const METHODS: [(&str, &str, Standing); 35] = [
    ("keys", "insert_key", Fails(Capability::Keys)),
    ("keys", "lock_key", Returns(no_key)),
    ("keys", "update_key", Fails(Capability::Keys)),
    ("keys", "key_origin", Returns(|answer| set(answer, None::<KeyOrigin>))),
    ("keys", "lock_live_children", Returns(no_keys)),
    ("keys", "lock_live_keys", Returns(no_keys)),
    ("keys", "update_parent", Fails(Capability::Keys)),
    ("keys", "raise_key", Fails(Capability::Keys)),
    ("keys", "count_live_keys", Returns(no_live_key)),
    ("keys", "touch_key", Writes0),
    ("keys", "readmit", Writes0),
    ("keys", "key_by_hash", Returns(no_key)),
    ("keys", "key", Returns(no_key)),
    ("keys", "keys", Returns(no_keys)),
    ("keys", "member_keys", Returns(no_keys)),
    ("stored_responses", "claim", Fails(Capability::StoredResponses)),
    ("stored_responses", "keep", Fails(Capability::StoredResponses)),
    ("stored_responses", "delete_expired_answers", Returns(|answer| set(answer, 0_u64))),
    ("stored_responses", "is_claimed", Returns(|answer| set(answer, false))),
    ("invitations", "insert_invitation", Fails(Capability::Invitations)),
    ("invitations", "invitation", Returns(|answer| set(answer, None::<Invitation>))),
    (
        "invitations",
        "invitation_by_token",
        Returns(|answer| set(answer, None::<(OrganizationId, InvitationId)>)),
    ),
    ("invitations", "renew_invitation", Fails(Capability::Invitations)),
    ("invitations", "delete_invitation", Fails(Capability::Invitations)),
    ("invitations", "hold_projects", Fails(Capability::Invitations)),
    ("invitations", "invitations", Returns(no_invitations)),
    ("invitations", "invitations_of", Returns(no_invitations)),
    ("deletion", "lock_open_or_closed", Fails(Capability::Deletion)),
    ("deletion", "close_organization", Fails(Capability::Deletion)),
    ("deletion", "delete_rows", Fails(Capability::Deletion)),
    ("deletion", "all_organizations", Fails(Capability::Deletion)),
    ("deletion", "organization_extent", Fails(Capability::Deletion)),
    ("instance", "lock_instance", Fails(Capability::Instance)),
    ("instance", "instance_secret", Fails(Capability::Instance)),
    ("instance", "has_organizations", Fails(Capability::Instance)),
];

/// Replaces one method by its default.
struct Forgetting {
    store: MemoryStore,
    method: &'static str,
    standing: Standing,
}

#[async_trait]
impl Interceptor for Forgetting {
    async fn before(&self, call: &'static str) -> Result<(), StoreError> {
        match self.standing {
            Fails(capability) if call == self.method => Err(StoreError::Unsupported(capability)),
            _ => Ok(()),
        }
    }

    async fn elsewhere(&self, call: &'static str) -> Result<Option<Box<dyn UnitOfWork>>, StoreError> {
        let writes_nothing = call == self.method && !matches!(self.standing, Fails(_));
        Ok(writes_nothing.then(|| self.store.begin_beside()))
    }

    fn after(&self, call: &Call<'_>, answer: &mut dyn Any) -> Result<(), StoreError> {
        if let Returns(value) = self.standing
            && call.name == self.method
        {
            value(answer);
        }
        Ok(())
    }
}

fn forgetting(method: &'static str, standing: Standing) -> Fixture {
    let store = MemoryStore::new();
    let interceptor = Arc::new(Forgetting { store: store.clone(), method, standing });
    let ports = crate::ports(Arc::new(store.clone()), Arc::new(store));
    Fixture::new(intercept::views(intercept::store(ports, interceptor.clone()), interceptor))
}

#[test]
fn a_forgotten_method_breaks_a_promise_about_its_capability() {
    let promises = all();
    for (part, method, standing) in METHODS {
        let is_noticed = promises.iter().filter(|promise| promise.part == part).any(|promise| {
            let fixture = forgetting(method, standing);
            let kept = || keep(promise.topic, promise.name, (promise.run)(&fixture));
            catch_unwind(AssertUnwindSafe(kept)).is_err()
        });
        assert!(is_noticed, "a store without {method} of its own keeps every promise about {part}");
    }
}
