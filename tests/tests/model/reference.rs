//! How steps name what was made before them.

use proptest::prelude::*;
use proptest::sample::select;
use uuid::Uuid;

/// Names a record. Numbers are taken modulo how many there are, so that a shorter case still means something.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Reference {
    /// One of the caller's default scope, deleted or not.
    Near(u8),
    /// One of the case, of whatever scope.
    Any(u8),
    /// The id of something of another kind.
    Borrowed(u8),
    /// One that never was.
    MadeUp(u8),
}

/// Mostly one that the caller might see.
pub(crate) fn reference() -> BoxedStrategy<Reference> {
    prop_oneof![
        16 => any::<u8>().prop_map(Reference::Near),
        4 => any::<u8>().prop_map(Reference::Any),
        1 => any::<u8>().prop_map(Reference::Borrowed),
        1 => any::<u8>().prop_map(Reference::MadeUp),
    ]
    .boxed()
}

/// Names a scope in a call.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Choice {
    Default,
    Personal,
    Organization(Reference),
}

/// Mostly the default.
pub(crate) fn choice() -> BoxedStrategy<Choice> {
    prop_oneof![
        8 => Just(Choice::Default),
        1 => Just(Choice::Personal),
        2 => reference().prop_map(Choice::Organization),
    ]
    .boxed()
}

/// Names a caller.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Who {
    /// One of those whom the book knows.
    Known(u8),
    /// The user of one and the default scope of another.
    Intruder(u8, u8),
    /// A user who never was.
    Nobody,
}

/// Mostly somebody who belongs there.
pub(crate) fn who() -> BoxedStrategy<Who> {
    prop_oneof![
        // Those whom every case begins with and puts on rosters, and an admin with a key that is confined and one that
        // may only read; others may do
        // too little for most steps to mean anything.
        20 => select(&[0u8, 2, 4, 6, 14, 17]).prop_map(Who::Known),
        16 => any::<u8>().prop_map(Who::Known),
        2 => any::<(u8, u8)>().prop_map(|(user, scope)| Who::Intruder(user, scope)),
        1 => Just(Who::Nobody),
    ]
    .boxed()
}

/// An id that no store ever gave out: the least, the greatest, and some of the usual shape.
pub(crate) const fn made_up(number: u8) -> Uuid {
    match number % 4 {
        0 => Uuid::nil(),
        1 => Uuid::max(),
        _ => Uuid::from_u128(0x0193_0000_0000_7000_8fff_0000_0000_0000 | number as u128),
    }
}

/// The item of that number, modulo how many there are.
pub(crate) fn nth<T>(items: impl IntoIterator<Item = T>, number: u8) -> Option<T> {
    let mut items: Vec<T> = items.into_iter().collect();
    let place = usize::from(number).checked_rem(items.len())?;
    Some(items.swap_remove(place))
}
