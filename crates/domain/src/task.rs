//! Tasks: pieces of work in a project.

use std::fmt;

use crate::event::{Change, Fields, changed, set};
use crate::id::{DisplayNumber, ProjectId, TaskId, UserId};
use crate::instant::{DateRange, StartAfterEnd, Timestamp};
use crate::literal::literals;
use crate::project::merge_dates;
use crate::scope::Scope;
use crate::text::{TaskDescription, TaskName};

literals! {
    /// Where a task stands; any change is allowed.
    TaskStatus {
        /// Not begun.
        Todo = "todo",
        /// Under way.
        InProgress = "in_progress",
        /// Finished.
        Done = "done",
        /// Given up.
        Cancelled = "cancelled",
    }
}

impl TaskStatus {
    /// Whether work on it remains. Open tasks lose their assignee when that person leaves the project.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Todo | Self::InProgress)
    }
}

/// The text is no outline number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be an outline number such as 1.10: 1 to {} whole numbers from 1 to {} without leading zeros, joined by dots",
    OutlineNumber::MAX_DEPTH,
    OutlineNumber::MAX_PART
)]
pub struct InvalidOutlineNumber;

/// The number at the top level of an outline is greater than a client may choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "must begin with a number from 1 to {}; greater ones are given by the server only",
    OutlineNumber::MAX_CHOSEN
)]
pub struct OutlineTooGreat;

/// A task's place in its project's outline, such as `1.10`; compared number by number, so that 1.2 is before 1.10.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OutlineNumber(Vec<u32>);

impl OutlineNumber {
    /// How many numbers there may be.
    pub const MAX_DEPTH: usize = 8;
    /// The greatest of each.
    pub const MAX_PART: u32 = 999_999_999;
    /// The greatest number at the top level that a client may choose. Those above are left to be given, so that no choice
    /// takes the last one.
    pub const MAX_CHOSEN: u32 = 99_999_999;

    /// Reads numbers joined by dots.
    ///
    /// # Errors
    /// [`InvalidOutlineNumber`], also for leading zeros: one place has one name.
    pub fn parse(text: &str) -> Result<Self, InvalidOutlineNumber> {
        let parts: Option<Vec<u32>> = text
            .split('.')
            .take(Self::MAX_DEPTH + 1)
            .map(|part| {
                let plain = !part.starts_with('0') && part.bytes().all(|byte| byte.is_ascii_digit());
                part.parse().ok().filter(|number| plain && *number <= Self::MAX_PART)
            })
            .collect();
        parts.filter(|parts| parts.len() <= Self::MAX_DEPTH).map(Self).ok_or(InvalidOutlineNumber)
    }

    /// The place with that number at the top level; `None` if the number is not from 1 to [`Self::MAX_PART`].
    pub fn at_top(number: i64) -> Option<Self> {
        let number = u32::try_from(number).ok()?;
        (1..=Self::MAX_PART).contains(&number).then(|| Self(vec![number]))
    }

    /// Its number at the top level.
    pub fn top(&self) -> u32 {
        self.0.first().copied().unwrap_or_default()
    }

    /// Decides whether a client may choose this place for a task.
    ///
    /// # Errors
    /// [`OutlineTooGreat`].
    pub fn judge_choice(&self) -> Result<(), OutlineTooGreat> {
        if self.top() > Self::MAX_CHOSEN { Err(OutlineTooGreat) } else { Ok(()) }
    }

    /// Four bytes for each number, most significant first: ordered as bytes, they are ordered as numbers.
    pub fn to_sort_key(&self) -> Vec<u8> {
        self.0.iter().flat_map(|part| part.to_be_bytes()).collect()
    }

    /// Reads what [`Self::to_sort_key`] wrote.
    ///
    /// # Errors
    /// [`InvalidOutlineNumber`] for other bytes.
    pub fn from_sort_key(bytes: &[u8]) -> Result<Self, InvalidOutlineNumber> {
        let (parts, rest) = bytes.as_chunks::<4>();
        let parts: Vec<u32> = parts.iter().map(|part| u32::from_be_bytes(*part)).collect();
        let sound = rest.is_empty()
            && (1..=Self::MAX_DEPTH).contains(&parts.len())
            && parts.iter().all(|part| (1..=Self::MAX_PART).contains(part));
        if sound { Ok(Self(parts)) } else { Err(InvalidOutlineNumber) }
    }
}

impl fmt::Display for OutlineNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, part) in self.0.iter().enumerate() {
            if i > 0 {
                f.write_str(".")?;
            }
            write!(f, "{part}")?;
        }
        Ok(())
    }
}

/// A piece of work in a project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// Names it, shown as `node_id`.
    pub id: TaskId,
    /// Its number in the project, shown as `id`.
    pub number: DisplayNumber,
    /// Who owns it: the project's scope.
    pub scope: Scope,
    /// The project; never changes.
    pub project: ProjectId,
    /// Its place in the outline, shown as `task_no`; unique in the project.
    pub outline: OutlineNumber,
    /// What people call it.
    pub name: TaskName,
    /// What it is about.
    pub description: Option<TaskDescription>,
    /// Where it stands.
    pub status: TaskStatus,
    /// When it starts and ends.
    pub dates: DateRange,
    /// Who does it: someone who was on the roster when they were named.
    pub assignee: Option<UserId>,
    /// Who made it.
    pub created_by: UserId,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// Counts the changes, from 1.
    pub revision: u64,
}

/// What a new task is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTask {
    /// See [`Task::outline`]; `None` takes the next place at the top level.
    pub outline: Option<OutlineNumber>,
    /// See [`Task::name`].
    pub name: TaskName,
    /// See [`Task::description`].
    pub description: Option<TaskDescription>,
    /// See [`Task::status`].
    pub status: TaskStatus,
    /// See [`Task::dates`].
    pub dates: DateRange,
    /// See [`Task::assignee`].
    pub assignee: Option<UserId>,
}

impl NewTask {
    /// A task with a name, and every other field at its default.
    pub fn named(name: TaskName) -> Self {
        Self {
            outline: None,
            name,
            description: None,
            status: TaskStatus::Todo,
            dates: DateRange::default(),
            assignee: None,
        }
    }
}

/// Which fields of a task to change: `None` leaves a field alone, `Some(None)` empties it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TaskPatch {
    /// See [`Task::outline`].
    pub outline: Option<OutlineNumber>,
    /// See [`Task::name`].
    pub name: Option<TaskName>,
    /// See [`Task::description`].
    pub description: Option<Option<TaskDescription>>,
    /// See [`Task::status`].
    pub status: Option<TaskStatus>,
    /// The start of [`Task::dates`].
    pub start: Option<Option<Timestamp>>,
    /// The end of [`Task::dates`].
    pub end: Option<Option<Timestamp>>,
    /// See [`Task::assignee`].
    pub assignee: Option<Option<UserId>>,
}

impl Task {
    /// Changes what the patch names and tells what became different. The dates are judged as they are together
    /// afterwards. Where nothing changed, nothing is touched.
    ///
    /// # Errors
    /// [`StartAfterEnd`]; then the task is as it was.
    pub fn apply(&mut self, patch: TaskPatch, now: Timestamp) -> Result<Vec<Change>, StartAfterEnd> {
        let dates = merge_dates(self.dates, patch.start, patch.end)?;
        let before = self.fields();
        self.dates = dates;
        set(&mut self.outline, patch.outline);
        set(&mut self.name, patch.name);
        set(&mut self.description, patch.description);
        set(&mut self.status, patch.status);
        set(&mut self.assignee, patch.assignee);
        let changes = changed(before, self.fields());
        if !changes.is_empty() {
            self.updated_at = now;
            self.revision += 1;
        }
        Ok(changes)
    }

    /// What its events tell.
    pub(crate) fn fields(&self) -> Fields {
        vec![
            ("project", self.project.as_uuid().into()),
            ("outline", self.outline.to_string().into()),
            ("name", self.name.as_str().into()),
            ("description", self.description.as_ref().map(TaskDescription::as_str).into()),
            ("status", self.status.as_str().into()),
            ("start_date", self.dates.start().into()),
            ("end_date", self.dates.end().into()),
            ("assignee", self.assignee.map(UserId::as_uuid).into()),
        ]
    }
}

#[cfg(test)]
mod tests;
