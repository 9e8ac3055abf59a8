//! Spaces.

use loggia_domain::id::{ProjectId, SpaceId, UserId};
use loggia_domain::port::StoreError;
use loggia_domain::scope::Scope;
use loggia_domain::space::{Priority, Space, SpaceStatus, Strength};
use loggia_domain::text::{SpaceDescription, SpaceName};
use uuid::Uuid;

use super::{optional, time};
use crate::corrupt::{RowName, Sound};
use crate::numbers::{integer, unsigned};
use crate::record;
use crate::scope::scope_key;

record! {
    /// A row of `spaces`.
    pub SpaceRow {
        id: Uuid,
        name: String,
        description: Option<String>,
        project_id: Option<Uuid>,
        status: String,
        priority: i64,
        strength: i64,
        created_by: Uuid,
        created_at: i64,
        updated_at: i64,
        revision: i64,
    }
}

impl SpaceRow {
    /// Decodes the row, or fails with [`StoreError::Corrupt`] if a value breaks a rule of the domain.
    pub fn decode(self, scope: Scope) -> Result<Space, StoreError> {
        let row = RowName { table: "spaces", id: self.id };
        let priority = Priority::ALL.iter().copied().find(|priority| priority.rank() == self.priority);
        Ok(Space {
            id: SpaceId::from_uuid(self.id),
            scope,
            name: SpaceName::from_stored(self.name).sound(row, "name")?,
            description: optional(self.description, SpaceDescription::from_stored, row, "description")?,
            project: self.project_id.map(ProjectId::from_uuid),
            status: SpaceStatus::parse(&self.status).sound(row, "status")?,
            priority: priority.ok_or_else(|| {
                row.corrupt("priority", format_args!("is the unknown rank {}", self.priority))
            })?,
            strength: Strength::new(self.strength).sound(row, "strength")?,
            created_by: UserId::from_uuid(self.created_by),
            created_at: time(self.created_at, row, "created_at")?,
            updated_at: time(self.updated_at, row, "updated_at")?,
            revision: unsigned(self.revision, row, "revision")?,
        })
    }
}

values! {
    /// A space's column values.
    SpaceValues<'s>(space: Space) {
        scope_id: Uuid = scope_key(space.scope),
        id: Uuid = space.id.as_uuid(),
        name: &'s str = space.name.as_str(),
        name_key: String = space.name.searched(),
        description: Option<&'s str> = space.description.as_ref().map(|text| text.as_str()),
        project_id: Option<Uuid> = space.project.map(ProjectId::as_uuid),
        status: &'static str = space.status.as_str(),
        priority: i64 = space.priority.rank(),
        strength: i64 = i64::from(space.strength.get()),
        created_by: Uuid = space.created_by.as_uuid(),
        created_at: i64 = space.created_at.micros(),
        updated_at: i64 = space.updated_at.micros(),
        revision: i64 = integer(space.revision)?,
    }
}
