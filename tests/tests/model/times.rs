//! Times that stores are known to get wrong: microseconds at both ends of the calendar, around 1970, and between two milliseconds.

use loggia_domain::instant::{DateRange, Timestamp};
use loggia_domain::port::Clock;
use loggia_testkit::TestClock;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

const REMARKABLE: &[&str] = &[
    "0001-01-01T00:00:00Z",
    "0001-01-01T00:00:00.000001Z",
    "1582-10-14T23:59:59.999999Z",
    "1883-11-18T12:03:57.999999Z",
    "1969-12-31T23:59:59.999999Z",
    "1970-01-01T00:00:00Z",
    "1970-01-01T00:00:00.000001Z",
    "2000-02-29T12:34:56.789012Z",
    "2026-01-31T08:00:00.000999Z",
    "2026-01-31T08:00:00.001Z",
    "2038-01-19T03:14:08Z",
    "9999-12-31T23:59:59.999999Z",
];

const EARLIEST: i64 = -62_135_596_800_000_000;
const LATEST: i64 = 253_402_300_799_999_999;

fn micros_from(micros: i64) -> Timestamp {
    Timestamp::from_micros(micros).expect("a time of the calendar")
}

/// Generates a time; mostly one of the remarkable times or a time within about a day of the clock's start.
pub(crate) fn time() -> BoxedStrategy<Timestamp> {
    let near = -100_000_000_000i64..100_000_000_000;
    prop_oneof![
        3 => select(REMARKABLE).prop_map(|text| Timestamp::parse(text).expect("a remarkable time")),
        2 => near.prop_map(|micros| micros_from(TestClock::START + micros)),
        1 => (EARLIEST..=LATEST).prop_map(micros_from),
    ]
    .boxed()
}

/// Generates a range whose ends are in order or open.
pub(crate) fn dates() -> BoxedStrategy<DateRange> {
    (option::of(time()), option::of(time()))
        .prop_map(|(one, other)| {
            let (start, end) = match (one, other) {
                (Some(one), Some(other)) => (Some(one.min(other)), Some(one.max(other))),
                open => open,
            };
            DateRange::new(start, end).expect("in order")
        })
        .boxed()
}

/// The new end of a range in a patch: `None` leaves the end, `Some(None)` opens it.
pub(crate) type EndPatch = Option<Option<Timestamp>>;

/// Generates the patches of both ends; often both are set, in any order, so that some patches are rejected.
pub(crate) fn ends() -> BoxedStrategy<(EndPatch, EndPatch)> {
    let end = || option::weighted(0.3, option::of(time()));
    let both = (time(), time()).prop_map(|(start, end)| (Some(Some(start)), Some(Some(end))));
    prop_oneof![2 => (end(), end()), 1 => both].boxed()
}

/// A movement of the clock.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Tick {
    /// Moves the clock by a number of microseconds, forward or back.
    By(i64),
    /// Sets the clock to any time.
    To(Timestamp),
}

impl Tick {
    /// Moves the clock.
    pub(crate) fn apply(self, clock: &TestClock) {
        match self {
            Self::By(micros) => clock.advance_micros(micros),
            Self::To(time) => set(clock, time),
        }
    }
}

/// Sets the clock.
pub(crate) fn set(clock: &TestClock, time: Timestamp) {
    clock.advance_micros(time.micros() - clock.now().micros());
}

/// Generates mostly small steps forward, by microseconds that are not whole milliseconds.
pub(crate) fn tick() -> BoxedStrategy<Tick> {
    prop_oneof![
        6 => select(vec![1i64, 7, 999, 1_001, 999_999, 86_400_000_001]).prop_map(Tick::By),
        2 => select(vec![-1i64, -999, -1_001]).prop_map(Tick::By),
        1 => time().prop_map(Tick::To),
    ]
    .boxed()
}
