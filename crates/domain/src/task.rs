//! Tasks: pieces of work in a project.

use std::fmt;

use crate::event::{Change, Fields, changed, set};
use crate::id::{DisplayNumber, ProjectId, TaskId, UserId};
use crate::instant::{DateRange, StartAfterEnd, Timestamp};
use crate::literal::literals;
use crate::project::merge_dates;
use crate::scope::Scope;
use crate::serialization::as_text;
use crate::text::{TaskDescription, TaskName};

literals! {
    /// The status of a task; every change of status is allowed.
    TaskStatus {
        /// Not started.
        Todo = "todo",
        /// Started and not finished.
        InProgress = "in_progress",
        /// Finished.
        Done = "done",
        /// Abandoned.
        Cancelled = "cancelled",
    }
}

impl TaskStatus {
    /// Returns `true` if work on the task remains. Open tasks lose their assignee when that person leaves the project.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Todo | Self::InProgress)
    }
}

/// The text or the sort key is not an outline number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be an outline number such as 1.10: 1 to {} whole numbers from 1 to {} without leading zeros, joined by dots",
    OutlineNumber::MAX_DEPTH,
    OutlineNumber::MAX_PART
)]
pub struct InvalidOutlineNumber;

/// The top-level number of an outline number is greater than a client may choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "must begin with a number from 1 to {}; only the server assigns greater numbers",
    OutlineNumber::MAX_CHOSEN
)]
pub struct OutlineTooGreat;

/// The position of a task in its project's outline, such as `1.10`. Compared number by number, so 1.2 is before 1.10.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OutlineNumber(Vec<u32>);

impl OutlineNumber {
    /// The maximum number of parts.
    pub const MAX_DEPTH: usize = 8;
    /// The maximum of each part; the minimum is 1.
    pub const MAX_PART: u32 = 999_999_999;
    /// The maximum top-level number that a client may choose. Greater numbers are reserved for the server, so that no choice of a client
    /// exhausts them.
    pub const MAX_CHOSEN: u32 = 99_999_999;

    /// Parses whole numbers joined by dots.
    ///
    /// # Errors
    /// Fails with [`InvalidOutlineNumber`] for any other text. Leading zeros are refused, so that each position has one spelling.
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

    /// Returns the position with this number at the top level, or `None` if the number is not from 1 to [`Self::MAX_PART`].
    pub fn at_top(number: i64) -> Option<Self> {
        let number = u32::try_from(number).ok()?;
        (1..=Self::MAX_PART).contains(&number).then(|| Self(vec![number]))
    }

    /// Returns the number at the top level.
    pub fn top(&self) -> u32 {
        self.0.first().copied().unwrap_or_default()
    }

    /// Decides whether a client may choose this position for a task.
    ///
    /// # Errors
    /// Fails with [`OutlineTooGreat`] if the top-level number is greater than [`Self::MAX_CHOSEN`].
    pub fn judge_choice(&self) -> Result<(), OutlineTooGreat> {
        if self.top() > Self::MAX_CHOSEN { Err(OutlineTooGreat) } else { Ok(()) }
    }

    /// Encodes the number in four bytes a part, most significant byte first, so that the bytes are ordered as the numbers are.
    pub fn to_sort_key(&self) -> Vec<u8> {
        self.0.iter().flat_map(|part| part.to_be_bytes()).collect()
    }

    /// Decodes the bytes that [`Self::to_sort_key`] returns.
    ///
    /// # Errors
    /// Fails with [`InvalidOutlineNumber`] for any other bytes.
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

as_text!(OutlineNumber);

/// A piece of work in a project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// The task's id, shown as `node_id`.
    pub id: TaskId,
    /// The task's number in its project, shown as `id`.
    pub number: DisplayNumber,
    /// The owner: the project's scope.
    pub scope: Scope,
    /// The project; never changes.
    pub project: ProjectId,
    /// The position in the project's outline, shown as `task_no`; unique in the project.
    pub outline: OutlineNumber,
    /// The display name.
    pub name: TaskName,
    /// The description.
    pub description: Option<TaskDescription>,
    /// The status.
    pub status: TaskStatus,
    /// The start and the end.
    pub dates: DateRange,
    /// The assignee, who was on the project's roster at the time of the assignment.
    pub assignee: Option<UserId>,
    /// The user who created the task.
    pub created_by: UserId,
    /// The time of creation.
    pub created_at: Timestamp,
    /// The time of the last change.
    pub updated_at: Timestamp,
    /// The revision: 1 at creation, incremented by each change.
    pub revision: u64,
}

/// The fields of a new task that a caller chooses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTask {
    /// See [`Task::outline`]; `None` for the next position at the top level.
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
    /// Creates a task with a name and the status `todo`, and with no other field set.
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

/// A partial update of a task (RFC 7396): `None` leaves a field unchanged, `Some(None)` clears it.
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
    /// Applies a patch and returns the changes. If there are none, the time of the last change and the revision stay. The dates are
    /// checked as they are after the patch.
    ///
    /// # Errors
    /// Fails with [`StartAfterEnd`] if the start would be later than the end; the task is unchanged then.
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

    /// Returns the fields that events report.
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
