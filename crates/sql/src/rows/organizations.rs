//! Organizations, open or closed.

use loggia_domain::id::OrganizationId;
use loggia_domain::instant::Timestamp;
use loggia_domain::organization::Organization;
use loggia_domain::port::StoreError;
use loggia_domain::text::OrganizationName;
use uuid::Uuid;

use super::{optional_time, time};
use crate::corrupt::{RowName, Sound};
use crate::numbers::unsigned;
use crate::record;

record! {
    /// A row of `organizations`.
    pub OrganizationRow { id: Uuid, name: String, created_at: i64, updated_at: i64, revision: i64 }
}

impl OrganizationRow {
    /// Decodes the row, or fails with [`StoreError::Corrupt`] if a value breaks a rule of the domain.
    pub fn decode(self) -> Result<Organization, StoreError> {
        let row = RowName { table: "organizations", id: self.id };
        Ok(Organization {
            id: OrganizationId::from_uuid(self.id),
            name: OrganizationName::from_stored(self.name).sound(row, "name")?,
            created_at: time(self.created_at, row, "created_at")?,
            updated_at: time(self.updated_at, row, "updated_at")?,
            revision: unsigned(self.revision, row, "revision")?,
        })
    }
}

record! {
    /// A row of `organizations`, open or closed.
    pub AnyOrganizationRow { id: Uuid, name: String, created_at: i64, updated_at: i64, revision: i64, closed_at: Option<i64> }
}

impl AnyOrganizationRow {
    /// Decodes the organization, and the time at which it was closed, or fails with [`StoreError::Corrupt`].
    pub fn decode(self) -> Result<(Organization, Option<Timestamp>), StoreError> {
        let Self { id, name, created_at, updated_at, revision, closed_at } = self;
        let closed_at = optional_time(closed_at, RowName { table: "organizations", id }, "closed_at")?;
        Ok((OrganizationRow { id, name, created_at, updated_at, revision }.decode()?, closed_at))
    }
}
