use proptest::prelude::*;

use super::*;
use crate::event::Value;
use crate::samples::{GRACE, later, made, task};

fn outline(text: &str) -> OutlineNumber {
    OutlineNumber::parse(text).expect("an outline number")
}

#[test]
fn outline_numbers_compare_number_by_number() {
    let sorted = ["1", "1.2", "1.10", "1.10.1", "2", "10"].map(outline);
    assert!(sorted.is_sorted());
    let keys: Vec<_> = sorted.iter().map(OutlineNumber::to_sort_key).collect();
    assert!(keys.is_sorted(), "the sort keys are ordered alike");
    for number in &sorted {
        assert_eq!(OutlineNumber::from_sort_key(&number.to_sort_key()).as_ref(), Ok(number));
    }
}

#[test]
fn an_outline_position_has_one_spelling() {
    for text in [
        "",
        ".",
        "1.",
        ".1",
        "01",
        "1.02",
        "0",
        "-1",
        "+1",
        "1,2",
        " 1",
        "1000000000",
        "1.1.1.1.1.1.1.1.1",
        "١",
    ] {
        assert_eq!(OutlineNumber::parse(text), Err(InvalidOutlineNumber), "{text:?}");
    }
    assert_eq!(outline("1.10").to_string(), "1.10");
}

#[test]
fn a_top_level_position_has_a_number_within_the_limits() {
    assert_eq!(OutlineNumber::at_top(1), Some(outline("1")));
    assert_eq!(OutlineNumber::at_top(999_999_999), Some(outline("999999999")));
    for none in [i64::MIN, -1, 0, 1_000_000_000, (1 << 32) + 1, i64::MAX] {
        assert_eq!(OutlineNumber::at_top(none), None, "{none}");
    }
}

#[test]
fn a_client_chooses_among_the_lower_numbers_of_the_top_level() {
    for free in ["1", "99999999", "99999999.999999999", "1.999999999"] {
        assert_eq!(outline(free).judge_choice(), Ok(()), "{free}");
    }
    for too_great in ["100000000", "999999999", "100000000.1"] {
        assert_eq!(outline(too_great).judge_choice(), Err(OutlineTooGreat), "{too_great}");
    }
}

#[test]
fn only_tasks_neither_done_nor_cancelled_are_open() {
    let open: Vec<_> = TaskStatus::ALL.iter().filter(|status| status.is_open()).collect();
    assert_eq!(open, [&TaskStatus::Todo, &TaskStatus::InProgress]);
}

#[test]
fn a_patch_reports_the_old_and_the_new_value_of_each_change() {
    let mut dredge = task();
    let patch = TaskPatch {
        outline: Some(outline("2.1")),
        name: TaskName::parse("Dredge the basin").ok(),
        description: Some(TaskDescription::parse("Six metres").ok()),
        status: Some(TaskStatus::Done),
        start: Some(Some(made())),
        end: Some(Some(made())),
        assignee: Some(Some(GRACE)),
    };
    let changes = dredge.apply(patch, later()).expect("dates in order");
    let change = |field: &'static str, from: Value, to: Value| Change { field: field.into(), from, to };
    assert_eq!(
        changes,
        [
            change("outline", "1".into(), "2.1".into()),
            change("name", "Dredge".into(), "Dredge the basin".into()),
            change("description", Value::Empty, "Six metres".into()),
            change("status", "todo".into(), "done".into()),
            change("start_date", Value::Empty, made().into()),
            change("end_date", Value::Empty, made().into()),
            change("assignee", Value::Empty, GRACE.as_uuid().into()),
        ]
    );
    assert_eq!((dredge.revision, dredge.created_at, dredge.updated_at), (2, made(), later()));

    let emptied = TaskPatch {
        description: Some(None),
        start: Some(None),
        end: Some(None),
        assignee: Some(None),
        ..TaskPatch::default()
    };
    let changes = dredge.apply(emptied, later()).expect("no dates at all");
    let fields: Vec<_> = changes.iter().map(|change| change.field.as_ref()).collect();
    assert_eq!(fields, ["description", "start_date", "end_date", "assignee"]);
    assert!(changes.iter().all(|change| change.to == Value::Empty));
    assert_eq!((dredge.description, dredge.assignee, dredge.revision), (None, None, 3));
}

#[test]
fn a_patch_without_changes_leaves_the_record_unchanged() {
    let before = task();
    let same = TaskPatch {
        outline: Some(before.outline.clone()),
        name: Some(before.name.clone()),
        description: Some(None),
        status: Some(before.status),
        start: Some(None),
        end: Some(None),
        assignee: Some(None),
    };
    for patch in [TaskPatch::default(), same] {
        let mut dredge = before.clone();
        assert_eq!(dredge.apply(patch, later()), Ok(vec![]));
        assert_eq!(dredge, before);
    }
}

#[test]
fn dates_are_judged_together_and_their_refusal_undoes_the_rest() {
    let dates = DateRange::new(Some(made()), Some(later())).expect("in order");
    let before = Task { dates, ..task() };
    let mut dredge = before.clone();
    let backwards = TaskPatch {
        status: Some(TaskStatus::Done),
        end: Some(Some(made().plus_seconds(-1))),
        ..TaskPatch::default()
    };
    assert_eq!(dredge.apply(backwards, later()), Err(StartAfterEnd));
    assert_eq!(dredge, before);
    let moved = TaskPatch {
        start: Some(Some(made().plus_seconds(-3))),
        end: Some(Some(made().plus_seconds(-1))),
        ..TaskPatch::default()
    };
    assert_eq!(dredge.apply(moved, later()).map(|changes| changes.len()), Ok(2));
}

fn outline_number() -> impl Strategy<Value = OutlineNumber> {
    // Small parts collide and large ones differ in several bytes; an order could break at either.
    let part = prop_oneof![1u32..12, 250u32..260, 65_530u32..65_540, 1..=OutlineNumber::MAX_PART];
    proptest::collection::vec(part, 1..=OutlineNumber::MAX_DEPTH).prop_map(OutlineNumber)
}

proptest! {
    #[test]
    fn numbers_and_their_sort_keys_are_ordered_alike(one in outline_number(), other in outline_number()) {
        prop_assert_eq!(one.cmp(&other), one.to_sort_key().cmp(&other.to_sort_key()));
    }

    #[test]
    fn numbers_read_back_from_text_and_from_sort_keys(number in outline_number()) {
        prop_assert_eq!(OutlineNumber::parse(&number.to_string()), Ok(number.clone()));
        prop_assert_eq!(OutlineNumber::from_sort_key(&number.to_sort_key()), Ok(number));
    }

    #[test]
    fn the_next_top_level_number_follows_every_position_under_the_last(number in outline_number()) {
        let next = OutlineNumber::at_top(i64::from(number.top()) + 1);
        prop_assert_eq!(next.is_none(), number.top() == OutlineNumber::MAX_PART);
        prop_assert!(next.is_none_or(|next| next > number));
    }

    #[test]
    fn parsed_text_is_displayed_unchanged(text in "[0-9.]{0,24}") {
        if let Ok(number) = OutlineNumber::parse(&text) {
            prop_assert_eq!(number.to_string(), text);
        }
    }

    #[test]
    fn the_bytes_of_a_sort_key_round_trip(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
        if let Ok(number) = OutlineNumber::from_sort_key(&bytes) {
            prop_assert_eq!(number.to_sort_key(), bytes);
        }
    }
}

#[test]
fn other_bytes_are_no_sort_key() {
    let one = 1u32.to_be_bytes();
    let too_great = (OutlineNumber::MAX_PART + 1).to_be_bytes();
    for bytes in [&[][..], &one[..3], &[0; 4], &too_great, &one.repeat(9), &[&one[..], &[0]].concat()] {
        assert_eq!(OutlineNumber::from_sort_key(bytes), Err(InvalidOutlineNumber), "{bytes:?}");
    }
    assert!(OutlineNumber::from_sort_key(&one.repeat(8)).is_ok());
    assert!(OutlineNumber::from_sort_key(&OutlineNumber::MAX_PART.to_be_bytes()).is_ok());
}
