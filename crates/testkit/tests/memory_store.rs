//! Tests of the contract on the store in memory: as it is, behind the intercepting store, and without its capabilities.

use std::sync::Arc;

use loggia_domain::port::{Capability, StoreError};
use loggia_testkit::contract::Fixture;
use loggia_testkit::intercept;
use loggia_testkit::memory::MemoryStore;

async fn fresh() -> Fixture {
    let store = Arc::new(MemoryStore::new());
    Fixture::new(loggia_testkit::ports(store.clone(), store))
}

loggia_testkit::store_contract!(fresh);

mod intercepted {
    use super::*;

    async fn fresh() -> Fixture {
        failing(&[])
    }

    loggia_testkit::store_contract!(fresh);
}

const KEYS: [&str; 16] = [
    "insert_key",
    "lock_key",
    "update_key",
    "key_origin",
    "lock_live_children",
    "lock_live_keys",
    "update_parent",
    "raise_key",
    "count_live_keys",
    "touch_key",
    "readmit",
    "key_by_hash",
    "open_with_key",
    "key",
    "keys",
    "member_keys",
];
const STORED_RESPONSES: [&str; 4] = ["claim", "keep", "delete_expired_answers", "is_claimed"];
const INVITATIONS: [&str; 8] = [
    "insert_invitation",
    "invitation",
    "invitation_by_token",
    "renew_invitation",
    "delete_invitation",
    "hold_projects",
    "invitations",
    "invitations_of",
];
const DELETION: [&str; 5] =
    ["lock_open_or_closed", "close_organization", "delete_rows", "all_organizations", "organization_extent"];
const INSTANCE: [&str; 3] = ["lock_instance", "instance_secret", "has_organizations"];

/// A store in memory on which each call of these methods fails.
fn failing(methods: &'static [&'static [&'static str]]) -> Fixture {
    let store = Arc::new(MemoryStore::new());
    let interceptor = intercept::before(|call| match methods.iter().any(|methods| methods.contains(&call)) {
        true => Err(StoreError::Unsupported(Capability::Keys)),
        false => Ok(()),
    });
    let ports = loggia_testkit::ports(store.clone(), store);
    Fixture::new(intercept::views(intercept::store(ports, interceptor.clone()), interceptor))
}

/// The tests of a store that lacks a capability call no method of it.
macro_rules! without {
    ($($name:ident: $methods:expr, [$($without:ident),+];)+) => {$(
        mod $name {
            use super::*;

            async fn fresh() -> Fixture {
                failing($methods)
            }

            loggia_testkit::store_contract!(fresh, without = [$($without),+]);
        }
    )+};
}

without! {
    without_keys: &[&KEYS], [keys];
    without_stored_responses: &[&STORED_RESPONSES], [stored_responses];
    without_invitations: &[&INVITATIONS], [invitations];
    without_deletion: &[&DELETION], [deletion];
    without_instance: &[&INSTANCE], [instance];
    core_alone: &[&KEYS, &STORED_RESPONSES, &INVITATIONS, &DELETION, &INSTANCE],
        [keys, stored_responses, invitations, deletion, instance];
}
