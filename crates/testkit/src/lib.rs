//! The test kit of Loggia: a [store in memory](memory::MemoryStore), a deterministic clock, ids and secrets, [`builders`] of valid
//! records, [`seed`]s that insert them into any store, the [`contract`] that every store fulfils, and the [`intercept`]ing store that injects
//! faults into any of them.
//!
//! # Running the contract on a store
//! Write an async function that creates an empty store, and pass its name to [`store_contract!`]. Each promise becomes one test, with a
//! store and a runtime (two workers) of its own:
//!
//! ```
//! # use std::sync::Arc;
//! # use loggia_testkit::memory::MemoryStore;
//! use loggia_testkit::contract::Fixture;
//!
//! async fn fresh() -> Fixture {
//!     let store = Arc::new(MemoryStore::new());
//!     // `.keeping(guard)` holds on to what the store lives in, a temporary directory for instance.
//!     Fixture::new(loggia_testkit::ports(store.clone(), store))
//! }
//!
//! loggia_testkit::store_contract!(fresh);
//! # fn main() {}
//! ```
//!
//! A promise that is broken says what was promised and what was seen:
//!
//! ```text
//! the store broke a promise: two admins stepping down at once leave one
//!   promised: The lock of the scope prevents an organization from losing its last two admins concurrently.
//!   seen: assertion `left == right` failed: in round 0 an organization must keep one admin
//!   left: 0
//!  right: 1
//!   in: contention_admins::two_admins_stepping_down_at_once_leave_one
//! ```
//!
//! # A store of your own
//! A store consists of a [`Store`](loggia_domain::port::Store), which opens units of work, a
//! [`UnitOfWork`](loggia_domain::port::UnitOfWork), which implements one trait of rows for each aggregate, and
//! [`Views`](loggia_domain::port::Views), the read side. `examples/redb-store` of the repository is one in 500 lines.
//!
//! On an engine that only looks records up and puts them, implement [`loggia_domain::port::key_value`] instead, from which the ports follow,
//! and go to the races at once. Otherwise:
//!
//! 1. **Leave out what you do not need.** Write `impl KeyRows for MyUnit {}`, `impl KeyViews for MyViews {}`, and so on for each
//!    [capability](loggia_domain::port#core-and-capabilities) that your host does not use, and name them in `without = [keys, …]`.
//! 2. **Choose how units of work exclude each other.** With one writer at a time, every promise about locks holds at once, and the defaults
//!    of the core suit. With row locks, follow the order that `UnitOfWork` gives, lock where a method says so, and fail one of two units
//!    of work that wait for each other with [`Contended`](loggia_domain::port::StoreError::Contended): the use case runs again.
//! 3. **Begin with the people**: [`OrganizationRows`](loggia_domain::port::OrganizationRows), `user`, `account_by_email` and `own_member` of
//!    the read side, and `begin` and `commit`. Promises to meet first: `users_are_stored_unchanged`, `organizations_are_stored_unchanged`,
//!    `members_are_stored_unchanged` and `a_dropped_unit_of_work_leaves_no_trace` (which needs the rest too). Reply to unwritten methods
//!    with an error.
//! 4. **Add the work**: `SpaceRows`, `ProjectRows`, `RosterRows`, `TaskRows` and their views, one after another, until
//!    `…_are_stored_unchanged` and `an_update_writes_every_field_of_…` pass for each.
//! 5. **Filter by the viewer**: the topics `visibility`, `visibility_personal` and `visibility_projects` find every read that shows too
//!    much.
//! 6. **Order, filter and page** the lists: `order`, `order_own` and `filters`. Text is compared by
//!    [`search_form`](loggia_domain::text::search_form), which a store with indexes keeps beside each name.
//! 7. **Log events** with a position that readers can rely on: `events`.
//! 8. **Run the races**: the topics that begin with `contention`. Run them often; a missing lock shows in some runs only.
//!
//! Whether a store loses nothing when the machine stops, and how it behaves if it is full or damaged, no contract can test: that remains to
//! the store's own tests.
//!
//! Corrupt rows ([`loggia_domain::port::StoreError::Corrupt`]) cannot be written through the ports, so each store tests for itself that
//! it reports them.

pub mod ambient;
pub mod builders;
pub mod contract;
pub mod doomed;
pub mod intercept;
pub mod memory;
pub mod seed;
pub mod totals;

pub use ambient::{SequentialIds, TestClock, TestSecrets, memory, ports};
