//! Dates: ranges, patches of their ends, and times as text.

use loggia_domain::instant::{DateRange, InvalidTimestamp, StartAfterEnd, Timestamp};
use loggia_domain::project::ProjectPatch;

use crate::cases::Cases;
use crate::records::{day, project};

/// No date, or a day of January.
const DAYS: [Option<i64>; 4] = [None, Some(1), Some(2), Some(3)];

fn in_order(start: Option<i64>, end: Option<i64>) -> bool {
    match (start, end) {
        (Some(start), Some(end)) => start <= end,
        _ => true,
    }
}

fn range(start: Option<i64>, end: Option<i64>) -> Result<DateRange, StartAfterEnd> {
    DateRange::new(start.map(day), end.map(day))
}

pub(crate) fn ranges() -> Cases {
    let mut cases = Cases::default();
    for start in DAYS {
        for end in DAYS {
            let ends = range(start, end).map(|range| (range.start(), range.end()));
            let expected =
                if in_order(start, end) { Ok((start.map(day), end.map(day))) } else { Err(StartAfterEnd) };
            cases.add(format!("from {start:?} to {end:?}"), ends, expected);
        }
    }
    cases
}

pub(crate) fn patches() -> Cases {
    let mut cases = Cases::default();
    let patches = || [None].into_iter().chain(DAYS.map(Some));
    for start in DAYS {
        for end in DAYS {
            let Ok(before) = range(start, end) else { continue };
            for new_start in patches() {
                for new_end in patches() {
                    let mut harbour = project(before);
                    let patch = ProjectPatch {
                        start: new_start.map(|start| start.map(day)),
                        end: new_end.map(|end| end.map(day)),
                        ..ProjectPatch::default()
                    };
                    let outcome = harbour.apply(patch, day(9)).map(|changes| changes.len());
                    let (to_start, to_end) = (new_start.unwrap_or(start), new_end.unwrap_or(end));
                    let expected = if in_order(to_start, to_end) {
                        Ok(usize::from(to_start != start) + usize::from(to_end != end))
                    } else {
                        Err(StartAfterEnd)
                    };
                    let after = if expected.is_ok() { (to_start, to_end) } else { (start, end) };
                    let name = format!("{start:?} to {end:?} becomes {new_start:?} to {new_end:?}");
                    let found = (outcome, harbour.dates.start(), harbour.dates.end());
                    cases.add(name, found, (expected, after.0.map(day), after.1.map(day)));
                }
            }
        }
    }
    cases
}

pub(crate) fn texts() -> Cases {
    let mut cases = Cases::default();
    for (text, expected) in [
        ("2026-01-31", "2026-01-31T00:00:00.000Z"),
        ("2024-02-29", "2024-02-29T00:00:00.000Z"),
        ("0001-01-01", "0001-01-01T00:00:00.000Z"),
        ("9999-12-31", "9999-12-31T00:00:00.000Z"),
        ("2026-01-31T08:00:00Z", "2026-01-31T08:00:00.000Z"),
        ("2026-01-31t08:00:00z", "2026-01-31T08:00:00.000Z"),
        ("2026-01-31T08:00:00+02:00", "2026-01-31T06:00:00.000Z"),
        ("2026-01-31T23:30:00-01:00", "2026-02-01T00:30:00.000Z"),
        ("2026-01-31T08:00:00.1Z", "2026-01-31T08:00:00.100Z"),
        ("2026-01-31T08:00:00.123456789Z", "2026-01-31T08:00:00.123Z"),
    ] {
        cases.add(
            format!("the time {text}"),
            Timestamp::parse(text).map(Timestamp::to_rfc3339),
            Ok(expected.into()),
        );
    }
    for text in [
        "",
        "today",
        "2026-02-29",
        "2026-02-30",
        "2026-04-31",
        "2100-02-29",
        "2026-00-10",
        "2026-13-10",
        "2026-10-00",
        "2026-1-31",
        "26-01-31",
        "31.01.2026",
        "2026/01/31",
        "0000-01-01",
        "10000-01-01",
        " 2026-01-31",
        "2026-01-31T08:00Z",
        "2026-01-31T08:00:00",
        "2026-01-31 08:00:00Z",
        "2026-01-31T24:00:00Z",
        "2026-01-31T08:60:00Z",
        "2016-12-31T23:59:60Z",
        "0001-01-01T00:00:00+01:00",
        "9999-12-31T23:59:59-01:00",
        "1769846400",
    ] {
        cases.add(format!("the text {text:?} as a time"), Timestamp::parse(text), Err(InvalidTimestamp));
    }
    cases
}

#[test]
fn a_range_is_in_order() {
    ranges().assert();
}

#[test]
fn dates_are_checked_as_they_are_after_the_patch() {
    patches().assert();
}

#[test]
fn times_are_read_in_one_form() {
    texts().assert();
}
