//! Selection of a page from a list.

use loggia_domain::page::{Direction, Position, Start, Window};

/// Orders the rows by their cursor positions and returns those that the window requests.
pub(super) fn window<T>(
    rows: Vec<T>,
    position: impl Fn(&T) -> Position,
    direction: Direction,
    window: &Window,
) -> Vec<T> {
    let mut rows: Vec<(Position, T)> = rows.into_iter().map(|row| (position(&row), row)).collect();
    rows.sort_by(|one, other| match direction {
        Direction::Ascending => one.0.cmp(&other.0),
        Direction::Descending => other.0.cmp(&one.0),
    });
    let is_before = |row: &Position, place: &Position| match direction {
        Direction::Ascending => row < place,
        Direction::Descending => row > place,
    };
    let count = usize::try_from(window.rows).unwrap_or(usize::MAX);
    let first = match &window.start {
        Start::Offset(offset) => usize::try_from(offset.get()).unwrap_or(usize::MAX),
        Start::After(place) => rows.partition_point(|(row, _)| is_before(row, place) || row == place),
        Start::Before(place) => {
            rows.truncate(rows.partition_point(|(row, _)| is_before(row, place)));
            rows.len().saturating_sub(count)
        }
    };
    rows.into_iter().skip(first).take(count).map(|(_, row)| row).collect()
}
