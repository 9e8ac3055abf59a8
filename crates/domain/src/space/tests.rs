use super::*;
use crate::event::Value;
use crate::samples::{PROJECT, later, made, space};

#[test]
fn strength_is_zero_to_ten() {
    assert_eq!(Strength::new(10).map(Strength::get), Ok(10));
    for value in [-1, 11, i64::MAX, i64::MIN] {
        assert_eq!(Strength::new(value), Err(InvalidStrength), "{value}");
    }
}

#[test]
fn words_are_case_sensitive() {
    assert_eq!(SpaceStatus::parse("Draft"), Ok(SpaceStatus::Draft));
    assert!(SpaceStatus::parse("draft").is_err());
    assert!(Priority::parse("High").is_err());
}

#[test]
fn the_most_urgent_ranks_highest() {
    let ranks: Vec<_> = Priority::ALL.iter().map(|priority| priority.rank()).collect();
    assert_eq!(ranks, [4, 3, 2, 1, 0]);
}

#[test]
fn a_patch_reports_the_old_and_the_new_value_of_each_change() {
    let mut quay = space();
    let patch = SpacePatch {
        name: SpaceName::parse("Pier").ok(),
        description: Some(SpaceDescription::parse("*Long*").ok()),
        project: Some(Some(PROJECT)),
        status: Some(SpaceStatus::Archived),
        priority: Some(Priority::Urgent),
        strength: Strength::new(7).ok(),
    };
    let change = |field: &'static str, from: Value, to: Value| Change { field: field.into(), from, to };
    assert_eq!(
        quay.apply(patch, later()),
        [
            change("name", "Quay".into(), "Pier".into()),
            change("description", Value::Empty, "*Long*".into()),
            change("project", Value::Empty, PROJECT.as_uuid().into()),
            change("status", "Draft".into(), "Archived".into()),
            change("priority", "none".into(), "urgent".into()),
            change("strength", 0.into(), 7.into()),
        ]
    );
    assert_eq!((quay.revision, quay.created_at, quay.updated_at), (2, made(), later()));

    let emptied = SpacePatch { description: Some(None), project: Some(None), ..SpacePatch::default() };
    assert_eq!(
        quay.apply(emptied, later()),
        [
            change("description", "*Long*".into(), Value::Empty),
            change("project", PROJECT.as_uuid().into(), Value::Empty),
        ]
    );
    assert_eq!((quay.description, quay.project, quay.revision), (None, None, 3));
}

#[test]
fn a_patch_without_changes_leaves_the_record_unchanged() {
    let before = space();
    let same = SpacePatch {
        name: Some(before.name.clone()),
        description: Some(None),
        project: Some(None),
        status: Some(before.status),
        priority: Some(before.priority),
        strength: Some(before.strength),
    };
    for patch in [SpacePatch::default(), same] {
        let mut quay = before.clone();
        assert_eq!(quay.apply(patch, later()), []);
        assert_eq!(quay, before);
    }
}

#[test]
fn a_new_space_has_the_contracts_defaults() {
    let new = NewSpace::named(SpaceName::parse("Quay").expect("a name"));
    assert_eq!((new.status, new.priority, new.strength.get()), (SpaceStatus::Draft, Priority::None, 0));
    assert_eq!((new.description, new.project), (None, None));
}
