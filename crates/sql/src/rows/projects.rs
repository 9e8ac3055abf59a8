//! Projects, and a user's standing in them.

use loggia_domain::id::{DisplayNumber, ProjectId, UserId};
use loggia_domain::policy::ProjectStanding;
use loggia_domain::port::{ProjectRef, StoreError};
use loggia_domain::project::{Project, Visibility};
use loggia_domain::role::RosterRole;
use loggia_domain::scope::Scope;
use loggia_domain::text::{ProjectDescription, ProjectName};
use uuid::Uuid;

use super::people::scope_role;
use super::{dates, optional, time};
use crate::corrupt::{RowName, Sound};
use crate::numbers::{integer, unsigned};
use crate::record;
use crate::scope::scope_key;

record! {
    /// A row of `projects`.
    pub ProjectRow {
        id: Uuid,
        number: i64,
        name: String,
        description: Option<String>,
        start_date: Option<i64>,
        end_date: Option<i64>,
        visibility: String,
        created_by: Uuid,
        created_at: i64,
        updated_at: i64,
        revision: i64,
    }
}

impl ProjectRow {
    /// Decodes the row, or fails with [`StoreError::Corrupt`] if a value breaks a rule of the domain.
    pub fn decode(self, scope: Scope) -> Result<Project, StoreError> {
        let row = RowName { table: "projects", id: self.id };
        Ok(Project {
            id: ProjectId::from_uuid(self.id),
            number: DisplayNumber::new(self.number),
            scope,
            name: ProjectName::from_stored(self.name).sound(row, "name")?,
            description: optional(self.description, ProjectDescription::from_stored, row, "description")?,
            dates: dates(self.start_date, self.end_date, row)?,
            visibility: Visibility::parse(&self.visibility).sound(row, "visibility")?,
            created_by: UserId::from_uuid(self.created_by),
            created_at: time(self.created_at, row, "created_at")?,
            updated_at: time(self.updated_at, row, "updated_at")?,
            revision: unsigned(self.revision, row, "revision")?,
        })
    }
}

values! {
    /// A project's column values.
    ProjectValues<'p>(project: Project) {
        scope_id: Uuid = scope_key(project.scope),
        id: Uuid = project.id.as_uuid(),
        number: i64 = project.number.get(),
        name: &'p str = project.name.as_str(),
        name_key: String = project.name.searched(),
        description: Option<&'p str> = project.description.as_ref().map(|text| text.as_str()),
        start_date: Option<i64> = project.dates.start().map(|time| time.micros()),
        end_date: Option<i64> = project.dates.end().map(|time| time.micros()),
        visibility: &'static str = project.visibility.as_str(),
        created_by: Uuid = project.created_by.as_uuid(),
        created_at: i64 = project.created_at.micros(),
        updated_at: i64 = project.updated_at.micros(),
        revision: i64 = integer(project.revision)?,
    }
}

record! {
    /// The columns of `projects` by which other records refer to a project.
    pub ProjectRefRow { id: Uuid, number: i64, name: String }
}

impl ProjectRefRow {
    /// Decodes the row, or fails with [`StoreError::Corrupt`] if a value breaks a rule of the domain.
    pub fn decode(self, scope: Scope) -> Result<ProjectRef, StoreError> {
        let row = RowName { table: "projects", id: self.id };
        Ok(ProjectRef {
            id: ProjectId::from_uuid(self.id),
            number: DisplayNumber::new(self.number),
            scope,
            name: ProjectName::from_stored(self.name).sound(row, "name")?,
        })
    }
}

/// Returns a user's standing in a project, from the words in `members`, `project_members` and `projects`, or fails with
/// [`StoreError::Corrupt`].
pub fn standing(
    user: Uuid,
    project: Uuid,
    scope_word: &str,
    roster_word: Option<&str>,
    visibility: &str,
) -> Result<ProjectStanding, StoreError> {
    let roster_row = RowName { table: "project_members", id: user };
    Ok(ProjectStanding {
        scope_role: scope_role(scope_word, user)?,
        roster_role: roster_word.map(|word| RosterRole::parse(word).sound(roster_row, "role")).transpose()?,
        visibility: Visibility::parse(visibility)
            .sound(RowName { table: "projects", id: project }, "visibility")?,
    })
}
