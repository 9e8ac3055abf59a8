//! The window of a list: the direction in which its rows are read, and their order.

use loggia_domain::page::{Direction, Position, Start, Window};

/// Returns the position at which the window begins or ends, and `true` if its rows have greater values than the position; `None` for a
/// window that begins at an offset.
pub fn seeks_greater(direction: Direction, start: &Start) -> Option<(&Position, bool)> {
    let (position, forward) = match start {
        Start::Offset(_) => return None,
        Start::After(position) => (position, true),
        Start::Before(position) => (position, false),
    };
    Some((position, (direction == Direction::Ascending) == forward))
}

/// Returns `true` if the window's rows are read in ascending order. A page that ends before a position is read in reverse; see
/// [`in_list_order`].
pub fn is_ascending(direction: Direction, window: &Window) -> bool {
    let backwards = matches!(window.start, Start::Before(_));
    (direction == Direction::Ascending) != backwards
}

/// Restores the list's order of rows that were read in reverse.
pub fn in_list_order<T>(mut rows: Vec<T>, window: &Window) -> Vec<T> {
    if matches!(window.start, Start::Before(_)) {
        rows.reverse();
    }
    rows
}
