//! Organizations, open or closed.

use loggia_domain::instant::Timestamp;
use loggia_domain::organization::Organization;
use loggia_domain::port::StoreError;
use uuid::Uuid;

use super::optional_time;
use super::organizations::OrganizationRow;
use crate::columns::record;
use crate::error::RowName;

record! {
    /// A row of `organizations`, open or closed.
    AnyOrganizationRow { id: Uuid, name: String, created_at: i64, updated_at: i64, revision: i64, closed_at: Option<i64> }
}

impl AnyOrganizationRow {
    /// Decodes the organization, and the time at which it was closed.
    pub(crate) fn decode(self) -> Result<(Organization, Option<Timestamp>), StoreError> {
        let Self { id, name, created_at, updated_at, revision, closed_at } = self;
        let closed_at = optional_time(closed_at, RowName { table: "organizations", id }, "closed_at")?;
        Ok((OrganizationRow { id, name, created_at, updated_at, revision }.decode()?, closed_at))
    }
}
