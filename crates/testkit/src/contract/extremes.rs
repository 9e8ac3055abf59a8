//! Values at the edges of what the domain accepts.

use loggia_domain::instant::{DateRange, Timestamp};

use crate::builders::time;

/// A character of four bytes in UTF-8 and two units in UTF-16.
pub(super) const ROCKET: &str = "\u{1F680}";

/// Text that tells stores apart which fold, trim, normalise or cut what they keep: letters that combine, a joined
/// sequence, the right-to-left, wild cards, quotes, and the greatest character that is one.
pub(super) const STRANGE: &str = "Cafe\u{301} \u{1F469}\u{200D}\u{1F680} שלום İßſﬁ %_\\ 'a\"b; -- \u{10FFFD}";

/// The same on more than one line.
pub(super) fn strange_lines() -> String {
    format!("{STRANGE}\n\n\t- {STRANGE}\n\t{STRANGE}")
}

/// The greatest revision that a signed column of 64 bits keeps.
pub(super) const GREATEST_REVISION: u64 = i64::MAX.unsigned_abs();

/// The first moment there is.
pub(super) fn earliest() -> Timestamp {
    time("0001-01-01T00:00:00.000000Z")
}

/// The last one.
pub(super) fn latest() -> Timestamp {
    time("9999-12-31T23:59:59.999999Z")
}

/// A moment whose digits go to the microsecond.
pub(super) fn exact() -> Timestamp {
    time("2026-03-04T05:06:07.890123Z")
}

/// A moment before 1970, where dividing goes the other way.
pub(super) fn before_the_epoch() -> Timestamp {
    time("1815-12-10T00:00:00.000001Z")
}

/// Every shape of a range: open, half open, one instant, and as long as can be.
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
