//! References of steps to earlier records.

use proptest::prelude::*;
use proptest::sample::select;
use uuid::Uuid;

/// A reference to a record. Numbers are taken modulo the number of records, so that a shorter case stays meaningful.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Reference {
    /// A record of the caller's default scope, deleted or not.
    Near(u8),
    /// A record of the case, of any scope.
    Any(u8),
    /// The id of a record of another kind.
    Borrowed(u8),
    /// An id that no record has had.
    MadeUp(u8),
}

/// Generates mostly references to records that the caller might be able to see.
pub(crate) fn reference() -> BoxedStrategy<Reference> {
    prop_oneof![
        16 => any::<u8>().prop_map(Reference::Near),
        4 => any::<u8>().prop_map(Reference::Any),
        1 => any::<u8>().prop_map(Reference::Borrowed),
        1 => any::<u8>().prop_map(Reference::MadeUp),
    ]
    .boxed()
}

/// A reference to a scope in a call.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Choice {
    Default,
    Personal,
    Organization(Reference),
}

/// Generates mostly the default scope.
pub(crate) fn choice() -> BoxedStrategy<Choice> {
    prop_oneof![
        8 => Just(Choice::Default),
        1 => Just(Choice::Personal),
        2 => reference().prop_map(Choice::Organization),
    ]
    .boxed()
}

/// A reference to a caller.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Who {
    /// A caller that the book knows.
    Known(u8),
    /// The user of one caller with the default scope of another.
    Intruder(u8, u8),
    /// A user that does not exist.
    Nobody,
}

/// Generates mostly callers with access to their default scope.
pub(crate) fn who() -> BoxedStrategy<Who> {
    prop_oneof![
        // The callers that every case begins with and puts on rosters, an admin with a confined key, and an admin with a read-only key. The
        // other callers have too few rights for most steps to succeed.
        20 => select(&[0u8, 2, 4, 6, 14, 17]).prop_map(Who::Known),
        16 => any::<u8>().prop_map(Who::Known),
        2 => any::<(u8, u8)>().prop_map(|(user, scope)| Who::Intruder(user, scope)),
        1 => Just(Who::Nobody),
    ]
    .boxed()
}

/// Returns an id that no store has assigned: the nil UUID, the max UUID (RFC 9562), or a UUID of the usual form.
pub(crate) const fn made_up(number: u8) -> Uuid {
    match number % 4 {
        0 => Uuid::nil(),
        1 => Uuid::max(),
        _ => Uuid::from_u128(0x0193_0000_0000_7000_8fff_0000_0000_0000 | number as u128),
    }
}

/// Returns the item with that number, modulo the number of items; `None` if there are no items.
pub(crate) fn nth<T>(items: impl IntoIterator<Item = T>, number: u8) -> Option<T> {
    let mut items: Vec<T> = items.into_iter().collect();
    let index = usize::from(number).checked_rem(items.len())?;
    Some(items.swap_remove(index))
}
