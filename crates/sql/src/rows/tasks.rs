//! Tasks.

use loggia_domain::id::{DisplayNumber, ProjectId, TaskId, UserId};
use loggia_domain::port::StoreError;
use loggia_domain::scope::Scope;
use loggia_domain::task::{OutlineNumber, Task, TaskStatus};
use loggia_domain::text::{TaskDescription, TaskName};
use uuid::Uuid;

use super::{dates, optional, time};
use crate::corrupt::{RowName, Sound};
use crate::numbers::{integer, unsigned};
use crate::record;
use crate::scope::scope_key;

record! {
    /// A row of `tasks`.
    pub TaskRow {
        id: Uuid,
        project_id: Uuid,
        number: i64,
        outline: Vec<u8>,
        name: String,
        description: Option<String>,
        status: String,
        start_date: Option<i64>,
        end_date: Option<i64>,
        assignee_id: Option<Uuid>,
        created_by: Uuid,
        created_at: i64,
        updated_at: i64,
        revision: i64,
    }
}

impl TaskRow {
    /// Decodes the row, or fails with [`StoreError::Corrupt`] if a value breaks a rule of the domain.
    pub fn decode(self, scope: Scope) -> Result<Task, StoreError> {
        let row = RowName { table: "tasks", id: self.id };
        Ok(Task {
            id: TaskId::from_uuid(self.id),
            number: DisplayNumber::new(self.number),
            scope,
            project: ProjectId::from_uuid(self.project_id),
            outline: OutlineNumber::from_sort_key(&self.outline).sound(row, "outline")?,
            name: TaskName::from_stored(self.name).sound(row, "name")?,
            description: optional(self.description, TaskDescription::from_stored, row, "description")?,
            status: TaskStatus::parse(&self.status).sound(row, "status")?,
            dates: dates(self.start_date, self.end_date, row)?,
            assignee: self.assignee_id.map(UserId::from_uuid),
            created_by: UserId::from_uuid(self.created_by),
            created_at: time(self.created_at, row, "created_at")?,
            updated_at: time(self.updated_at, row, "updated_at")?,
            revision: unsigned(self.revision, row, "revision")?,
        })
    }
}

values! {
    /// A task's column values.
    TaskValues<'t>(task: Task) {
        scope_id: Uuid = scope_key(task.scope),
        id: Uuid = task.id.as_uuid(),
        project_id: Uuid = task.project.as_uuid(),
        number: i64 = task.number.get(),
        outline: Vec<u8> = task.outline.to_sort_key(),
        name: &'t str = task.name.as_str(),
        description: Option<&'t str> = task.description.as_ref().map(|text| text.as_str()),
        status: &'static str = task.status.as_str(),
        start_date: Option<i64> = task.dates.start().map(|time| time.micros()),
        end_date: Option<i64> = task.dates.end().map(|time| time.micros()),
        assignee_id: Option<Uuid> = task.assignee.map(UserId::as_uuid),
        created_by: Uuid = task.created_by.as_uuid(),
        created_at: i64 = task.created_at.micros(),
        updated_at: i64 = task.updated_at.micros(),
        revision: i64 = integer(task.revision)?,
    }
}
