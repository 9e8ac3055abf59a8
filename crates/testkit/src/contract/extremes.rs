//! Values at the limits of what the domain accepts.

use loggia_domain::instant::{DateRange, Timestamp};

use crate::builders::time;

/// A character of four bytes in UTF-8 and two units in UTF-16.
pub(super) const ROCKET: &str = "\u{1F680}";

/// Text that shows whether a store folds, trims, normalises or truncates: combining letters, a joined sequence, right-to-left text, wild
/// cards, quotes, and the last code point that is a character.
pub(super) const STRANGE: &str = "Cafe\u{301} \u{1F469}\u{200D}\u{1F680} שלום İßſﬁ %_\\ 'a\"b; -- \u{10FFFD}";

/// Several lines of [`STRANGE`].
pub(super) fn strange_lines() -> String {
    format!("{STRANGE}\n\n\t- {STRANGE}\n\t{STRANGE}")
}

/// The maximum revision that a signed column of 64 bits can hold.
pub(super) const GREATEST_REVISION: u64 = i64::MAX.unsigned_abs();

/// Returns the earliest timestamp.
pub(super) fn earliest() -> Timestamp {
    time("0001-01-01T00:00:00.000000Z")
}

/// Returns the latest timestamp.
pub(super) fn latest() -> Timestamp {
    time("9999-12-31T23:59:59.999999Z")
}

/// Returns a time with microseconds.
pub(super) fn exact() -> Timestamp {
    time("2026-03-04T05:06:07.890123Z")
}

/// Returns a time before 1970, where integer division rounds the other way.
pub(super) fn before_the_epoch() -> Timestamp {
    time("1815-12-10T00:00:00.000001Z")
}

/// Returns a range of every shape: open, half open, one instant, and of maximum length.
pub(super) fn ranges() -> Vec<DateRange> {
    let range = |start, end| DateRange::new(start, end).expect("a range");
    vec![
        range(None, None),
        range(Some(exact()), None),
        range(None, Some(before_the_epoch())),
        range(Some(exact()), Some(exact())),
        range(Some(earliest()), Some(latest())),
    ]
}
