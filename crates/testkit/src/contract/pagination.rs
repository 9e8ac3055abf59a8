//! Pagination of a list in every possible way.

use loggia_domain::page::{Direction, Offset, Position, Start, Window};
use uuid::Uuid;

/// Returns a window of rows from an offset.
pub(super) fn from(offset: usize, rows: u32) -> Window {
    let offset = u32::try_from(offset).expect("an offset");
    Window { start: Start::Offset(Offset::new(offset).expect("an offset")), rows }
}

/// Returns the window of the first rows of a list, of the maximum size.
pub(super) fn whole() -> Window {
    from(0, 101)
}

/// Sorts positions in a list's order.
pub(super) fn sorted(mut positions: Vec<Position>, direction: Direction) -> Vec<Position> {
    positions.sort();
    if direction == Direction::Descending {
        positions.reverse();
    }
    positions
}

/// Pages through a list by offsets and by cursor positions, forwards and backwards, with several small page sizes, starting at every row
/// and beside every row. `fetch` returns the positions of the rows of a window.
pub(super) async fn check_pagination<F>(
    name: &str,
    expected: &[Position],
    direction: Direction,
    fetch: impl Fn(Window) -> F,
) where
    F: Future<Output = Vec<Position>>,
{
    assert!(expected.len() > 3, "{name}: a list with several pages");
    assert_eq!(fetch(whole()).await, expected, "{name}: the whole list");
    for rows in 1..=4 {
        by_offset(name, expected, rows, &fetch).await;
        forwards(name, expected, rows, &fetch).await;
        backwards(name, expected, rows, &fetch).await;
    }
    for position in expected {
        for id in [Uuid::nil(), position.id, Uuid::max()] {
            beside(name, expected, direction, Position { id, ..position.clone() }, &fetch).await;
        }
    }
}

async fn by_offset<F>(name: &str, expected: &[Position], rows: u32, fetch: impl Fn(Window) -> F)
where
    F: Future<Output = Vec<Position>>,
{
    let size = usize::try_from(rows).expect("a size");
    for offset in 0..=expected.len() + 1 {
        let part: Vec<Position> = expected.iter().skip(offset).take(size).cloned().collect();
        assert_eq!(fetch(from(offset, rows)).await, part, "{name}: {rows} rows from {offset} on");
    }
}

async fn forwards<F>(name: &str, expected: &[Position], rows: u32, fetch: impl Fn(Window) -> F)
where
    F: Future<Output = Vec<Position>>,
{
    let mut collected: Vec<Position> = Vec::new();
    loop {
        let start =
            collected.last().map_or(Start::Offset(Offset::default()), |last| Start::After(last.clone()));
        let part = fetch(Window { start, rows }).await;
        if part.is_empty() {
            break;
        }
        collected.extend(part);
        assert!(collected.len() <= expected.len(), "{name}: forwards by {rows}, a row came twice");
    }
    assert_eq!(collected, expected, "{name}: forwards by {rows}, each row comes once");
}

async fn backwards<F>(name: &str, expected: &[Position], rows: u32, fetch: impl Fn(Window) -> F)
where
    F: Future<Output = Vec<Position>>,
{
    let mut collected: Vec<Position> = expected.last().cloned().into_iter().collect();
    while let Some(first) = collected.first().cloned() {
        let mut part = fetch(Window { start: Start::Before(first), rows }).await;
        if part.is_empty() {
            break;
        }
        part.append(&mut collected);
        collected = part;
        assert!(collected.len() <= expected.len(), "{name}: backwards by {rows}, a row came twice");
    }
    assert_eq!(collected, expected, "{name}: backwards by {rows}, each row comes once");
}

/// Checks that a position, whether or not it is that of a row, divides the list in two.
async fn beside<F>(
    name: &str,
    expected: &[Position],
    direction: Direction,
    boundary: Position,
    fetch: impl Fn(Window) -> F,
) where
    F: Future<Output = Vec<Position>>,
{
    let is_before = |row: &&Position| match direction {
        Direction::Ascending => **row < boundary,
        Direction::Descending => **row > boundary,
    };
    let before: Vec<Position> = expected.iter().filter(is_before).cloned().collect();
    let after = expected.iter().filter(|row| !is_before(row) && **row != boundary);
    let after: Vec<Position> = after.take(2).cloned().collect();
    let found = fetch(Window { start: Start::After(boundary.clone()), rows: 2 }).await;
    assert_eq!(found, after, "{name}: the two rows after {boundary:?}");
    let nearest = before[before.len().saturating_sub(2)..].to_vec();
    let found = fetch(Window { start: Start::Before(boundary.clone()), rows: 2 }).await;
    assert_eq!(found, nearest, "{name}: the two rows before {boundary:?}");
}
