//! Positions in a project's outline.

use loggia_domain::task::{InvalidOutlineNumber, OutlineNumber, OutlineTooGreat};

use crate::cases::Cases;

/// Positions in ascending order.
const ASCENDING: [&str; 12] = [
    "1",
    "1.1",
    "1.2",
    "1.2.1",
    "1.10",
    "1.999999999",
    "2",
    "9.9.9.9.9.9.9.9",
    "10",
    "10.1",
    "99999999",
    "999999999.1",
];

pub(crate) fn texts() -> Cases {
    let mut cases = Cases::default();
    for text in ASCENDING {
        let parsed = OutlineNumber::parse(text).map(|number| number.to_string());
        cases.add(format!("the position {text}"), parsed, Ok(text.to_owned()));
    }
    for text in [
        "",
        ".",
        "0",
        "01",
        "1.",
        ".1",
        "1..2",
        "1.0",
        "1.02",
        "-1",
        "+1",
        " 1",
        "1 ",
        "1,2",
        "1.a",
        "٣",
        "1000000000",
        "1.1000000000",
        "99999999999999999999",
        "1.2.3.4.5.6.7.8.9",
    ] {
        cases.add(
            format!("the text {text:?} as a position"),
            OutlineNumber::parse(text),
            Err(InvalidOutlineNumber),
        );
    }
    cases
}

pub(crate) fn choices() -> Cases {
    let mut cases = Cases::default();
    for (text, expected) in [
        ("1", Ok(())),
        ("1.999999999", Ok(())),
        ("99999999", Ok(())),
        ("99999999.1", Ok(())),
        ("100000000", Err(OutlineTooGreat)),
        ("100000000.1", Err(OutlineTooGreat)),
        ("999999999", Err(OutlineTooGreat)),
    ] {
        let position = OutlineNumber::parse(text).expect("a position");
        cases.add(format!("a client chooses {text}"), position.judge_choice(), expected);
    }
    for (number, expected) in [
        (i64::MIN, None),
        (0, None),
        (1, Some("1")),
        (100_000_000, Some("100000000")),
        (999_999_999, Some("999999999")),
        (1_000_000_000, None),
        (i64::MAX, None),
    ] {
        let assigned = OutlineNumber::at_top(number).map(|position| position.to_string());
        cases.add(format!("the server assigns {number}"), assigned, expected.map(str::to_owned));
    }
    cases
}

pub(crate) fn orders() -> Cases {
    let mut cases = Cases::default();
    let positions = ASCENDING.map(|text| OutlineNumber::parse(text).expect("a position"));
    for (i, first) in positions.iter().enumerate() {
        let decoded = OutlineNumber::from_sort_key(&first.to_sort_key());
        cases.add(format!("{first} from its sort key"), decoded, Ok(first.clone()));
        for (j, second) in positions.iter().enumerate() {
            cases.add(format!("{first} compared with {second}"), first.cmp(second), i.cmp(&j));
            let by_key = first.to_sort_key().cmp(&second.to_sort_key());
            cases.add(format!("the sort key of {first} compared with that of {second}"), by_key, i.cmp(&j));
        }
    }
    cases
}

#[test]
fn a_position_has_one_spelling() {
    texts().assert();
}

#[test]
fn clients_choose_below_the_numbers_of_the_server() {
    choices().assert();
}

#[test]
fn positions_are_ordered_number_by_number() {
    orders().assert();
}
