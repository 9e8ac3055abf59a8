use super::*;
use crate::id::DisplayNumber;
use crate::id::MembershipId;
use crate::project::Project;
use crate::role::RosterRole;
use crate::roster::Membership;
use crate::samples::{GRACE, PROJECT, later, made, project, space, task};
use crate::space::{Priority, Space, Strength};
use crate::text::{ProjectName, SpaceName};

fn position() -> Position {
    Position { value: SortValue::Number(3), id: Uuid::nil() }
}

fn page(start: Start, rows: &[i32]) -> Page<i32> {
    let size = PageSize::new(2).expect("a size");
    PageRequest { start, size, count: false }.cut(rows.to_vec(), None)
}

#[test]
fn an_extra_row_shows_that_the_list_continues() {
    let offset = |rows| Start::Offset(Offset::new(rows).expect("an offset"));
    assert_eq!(
        page(offset(0), &[1, 2]),
        Page { items: vec![1, 2], before: false, after: false, total: None }
    );
    assert_eq!(
        page(offset(4), &[5, 6, 7]),
        Page { items: vec![5, 6], before: true, after: true, total: None }
    );
    let after = Start::After(position());
    assert_eq!(page(after, &[4, 5, 6]), Page { items: vec![4, 5], before: true, after: true, total: None });
    let before = Start::Before(position());
    assert_eq!(
        page(before.clone(), &[0, 1, 2]),
        Page { items: vec![1, 2], before: true, after: true, total: None }
    );
    assert_eq!(page(before, &[1, 2]), Page { items: vec![1, 2], before: false, after: true, total: None });
}

#[test]
fn sizes_and_offsets_are_never_clamped() {
    assert!(PageSize::new(0).is_err() && PageSize::new(101).is_err());
    assert!(PageSize::new(1).is_ok() && PageSize::new(100).is_ok());
    assert!(Offset::new(10_000).is_ok() && Offset::new(10_001).is_err());
}

#[test]
fn a_store_is_asked_for_one_row_too_many() {
    let size = PageSize::new(100).expect("a size");
    let request = PageRequest { start: Start::After(position()), size, count: true };
    assert_eq!(request.window(), Window { start: Start::After(position()), rows: 101 });
}

#[test]
fn a_page_with_the_end_of_the_list_determines_the_total() {
    let size = PageSize::new(2).expect("a size");
    let total = |start, rows| PageRequest { start, size, count: true }.total(&vec![0; rows]);
    let offset = |rows| Start::Offset(Offset::new(rows).expect("an offset"));
    assert_eq!([0, 1, 2, 3].map(|rows| total(offset(0), rows)), [Some(0), Some(1), Some(2), None]);
    // An empty page at offset 4 determines nothing: the list may have any number of rows up to 4.
    assert_eq!([0, 1, 2, 3].map(|rows| total(offset(4), rows)), [None, Some(5), Some(6), None]);
    assert_eq!(total(Start::After(position()), 1), None);
    assert_eq!(total(Start::Before(position()), 1), None);
}

#[test]
fn a_total_is_passed_on() {
    let request = PageRequest {
        start: Start::Offset(Offset::default()),
        size: PageSize::new(1).expect("a size"),
        count: true,
    };
    assert_eq!(request.cut(vec![1], Some(7)).total, Some(7));
    assert_eq!(
        request.cut(Vec::<u8>::new(), Some(0)),
        Page { items: vec![], before: false, after: false, total: Some(0) }
    );
}

#[test]
fn a_space_has_a_position_in_every_order() {
    let space = Space {
        name: SpaceName::parse("STRASSE").expect("a name"),
        priority: Priority::Urgent,
        strength: Strength::new(7).expect("a strength"),
        updated_at: later(),
        ..space()
    };
    let values = SpaceOrder::ALL.iter().map(|order| {
        let position = order.position(&space);
        assert_eq!(position.id, space.id.as_uuid(), "{order:?}");
        position.value
    });
    assert_eq!(
        values.collect::<Vec<_>>(),
        [
            SortValue::Time(made()),
            SortValue::Time(later()),
            SortValue::Text("strasse".to_owned()),
            SortValue::Number(4),
            SortValue::Number(7),
        ]
    );
}

#[test]
fn a_project_has_a_position_in_every_order() {
    let harbour = Project {
        number: DisplayNumber::new(25),
        name: ProjectName::parse("HARBOUR").expect("a name"),
        updated_at: later(),
        ..project()
    };
    let values = ProjectOrder::ALL.iter().map(|order| {
        let position = order.position(&harbour);
        assert_eq!(position.id, harbour.id.as_uuid(), "{order:?}");
        position.value
    });
    let expected = [SortValue::Number(25), SortValue::Text("harbour".to_owned()), SortValue::Time(later())];
    assert_eq!(values.collect::<Vec<_>>(), expected);
}

#[test]
fn tasks_are_positioned_by_outline_and_memberships_by_number() {
    let task = task();
    let expected = Position { value: SortValue::Outline(task.outline.clone()), id: task.id.as_uuid() };
    assert_eq!(task_position(&task), expected);
    let membership = Membership {
        id: MembershipId::from_uuid(Uuid::from_u128(9)),
        number: DisplayNumber::new(3),
        project: PROJECT,
        user: GRACE,
        role: RosterRole::Member,
        created_at: made(),
    };
    let expected = Position { value: SortValue::Number(3), id: Uuid::from_u128(9) };
    assert_eq!(membership_position(&membership), expected);
}

#[test]
fn by_default_spaces_are_listed_newest_first_and_projects_by_number() {
    let spaces = SpaceQuery::default();
    assert_eq!((spaces.order, spaces.direction), (SpaceOrder::CreatedAt, Direction::Descending));
    let projects = ProjectQuery::default();
    assert_eq!((projects.order, projects.direction), (ProjectOrder::Number, Direction::Ascending));
}
