//! Values that are neither text nor time.

use loggia_domain::page::Direction;
use loggia_domain::port::Includes;
use loggia_domain::space::Strength;
use loggia_domain::task::OutlineNumber;
use loggia_domain::user::Profile;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use crate::texts;

/// Generates a value of a closed set.
pub(crate) fn one_of<T: Copy + std::fmt::Debug + 'static>(all: &'static [T]) -> impl Strategy<Value = T> {
    select(all)
}

/// Generates a direction of a list.
pub(crate) fn direction() -> impl Strategy<Value = Direction> {
    select(Direction::ALL)
}

/// Generates a strength of 0 to 10.
pub(crate) fn strength() -> impl Strategy<Value = Strength> {
    (0i64..=i64::from(Strength::MAX)).prop_map(|number| Strength::new(number).expect("a strength"))
}

/// Generates one of a few outline numbers, so that some are already taken. Some have another order as text, and one is the greatest.
pub(crate) fn outline() -> BoxedStrategy<OutlineNumber> {
    let greatest = "999999999.999999999.999999999.999999999.999999999.999999999.999999999.999999999";
    let few = vec![
        "1",
        "1.1",
        "1.2",
        "1.10",
        "2",
        "2.1",
        "10",
        "16777216",
        "256.1",
        "99999998",
        "99999999",
        "100000000",
        "999999999",
    ];
    let few = prop_oneof![2 => select(few), 1 => Just("1"), 1 => Just(greatest)];
    few.prop_map(|text| OutlineNumber::parse(text).expect("an outline number")).boxed()
}

/// Generates the relations of a space to load.
pub(crate) fn includes() -> impl Strategy<Value = Includes> {
    any::<[bool; 3]>().prop_map(|[project, organization, creator]| Includes {
        project,
        organization,
        creator,
    })
}

/// Generates a person's profile in a scope.
pub(crate) fn profile() -> BoxedStrategy<Profile> {
    let optional = (
        option::weighted(0.5, texts::username()),
        option::weighted(0.5, texts::employee_number()),
        option::weighted(0.3, texts::avatar()),
    );
    (texts::person_name(), texts::person_name(), optional)
        .prop_map(|(first_name, last_name, (username, employee_number, avatar))| Profile {
            first_name,
            last_name,
            username,
            employee_number,
            avatar,
        })
        .boxed()
}
