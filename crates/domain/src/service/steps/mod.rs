//! Steps that several use cases have in common. Each writes in the unit of work of its use case.

mod account;
mod admission;
mod invitation;
mod key;
mod key_lines;
mod leaving;
mod organization;
mod rows;

pub use account::NewAccount;
pub use key::{IssuedKey, NewKey};
pub use key_lines::RevokedKey;

pub(super) use account::lock_account;
pub(super) use admission::{Admission, written};
pub(super) use invitation::delete_invitation;
pub(super) use key::{KeyHolder, not_over_yet, placed};
pub(super) use key_lines::{Maker, descends_from, lock_maker};
pub(super) use leaving::unassigned;
pub(super) use organization::lock_for;
pub(super) use rows::{pick, total};
