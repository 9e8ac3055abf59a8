//! Selection in memory: which records a query is about, and which of them are on a page. Stores whose engine does neither use it.

use super::{
    AssigneeFilter, Direction, MemberQuery, Position, ProjectQuery, SpaceQuery, Start, TaskQuery, Window,
};
use crate::project::Project;
use crate::space::Space;
use crate::task::Task;
use crate::text::SearchText;
use crate::user::Member;

impl Window {
    /// Orders the rows of a whole list by their cursor positions, and returns those that the window asks for.
    pub fn select<T>(
        &self,
        rows: impl IntoIterator<Item = T>,
        position: impl Fn(&T) -> Position,
        direction: Direction,
    ) -> Vec<T> {
        let mut rows: Vec<(Position, T)> = rows.into_iter().map(|row| (position(&row), row)).collect();
        rows.sort_by(|one, other| match direction {
            Direction::Ascending => one.0.cmp(&other.0),
            Direction::Descending => other.0.cmp(&one.0),
        });
        let is_before = |row: &Position, position: &Position| match direction {
            Direction::Ascending => row < position,
            Direction::Descending => row > position,
        };
        let count = usize::try_from(self.rows).unwrap_or(usize::MAX);
        let first = match &self.start {
            Start::Offset(offset) => usize::try_from(offset.get()).unwrap_or(usize::MAX),
            Start::After(position) => {
                rows.partition_point(|(row, _)| is_before(row, position) || row == position)
            }
            Start::Before(position) => {
                rows.truncate(rows.partition_point(|(row, _)| is_before(row, position)));
                rows.len().saturating_sub(count)
            }
        };
        rows.into_iter().skip(first).take(count).map(|(_, row)| row).collect()
    }
}

/// Returns `true` if the text in its search form contains what is searched, or if nothing is.
fn contains(text: impl FnOnce() -> String, search: Option<&SearchText>) -> bool {
    search.is_none_or(|search| text().contains(&search.searched()))
}

impl SpaceQuery {
    /// Returns `true` if the filters let the space through.
    pub fn matches(&self, space: &Space) -> bool {
        self.project.is_none_or(|project| space.project == Some(project))
            && self.status.is_none_or(|status| space.status == status)
            && self.priority.is_none_or(|priority| space.priority == priority)
            && contains(|| space.name.searched(), self.search.as_ref())
    }
}

impl ProjectQuery {
    /// Returns `true` if the filter lets the project through.
    pub fn matches(&self, project: &Project) -> bool {
        contains(|| project.name.searched(), self.search.as_ref())
    }
}

impl MemberQuery {
    /// Returns `true` if the filters let the member through.
    pub fn matches(&self, member: &Member) -> bool {
        self.role.is_none_or(|role| member.role == role)
            && self.active.is_none_or(|active| member.active == active)
            && contains(|| member.search_key(), self.search.as_ref())
    }
}

impl TaskQuery {
    /// Returns `true` if the filters let the task through.
    pub fn matches(&self, task: &Task) -> bool {
        self.status.is_none_or(|status| task.status == status)
            && match self.assignee {
                None => true,
                Some(AssigneeFilter::Nobody) => task.assignee.is_none(),
                Some(AssigneeFilter::User(user)) => task.assignee == Some(user),
            }
    }
}
