//! Memberships on rosters.

use loggia_domain::id::{DisplayNumber, MembershipId, ProjectId, UserId};
use loggia_domain::port::StoreError;
use loggia_domain::role::RosterRole;
use loggia_domain::roster::Membership;
use uuid::Uuid;

use super::time;
use crate::corrupt::{RowName, Sound};
use crate::record;

record! {
    /// A row of `project_members`.
    pub MembershipRow { id: Uuid, number: i64, project_id: Uuid, user_id: Uuid, role: String, created_at: i64 }
}

impl MembershipRow {
    /// Decodes the row, or fails with [`StoreError::Corrupt`] if a value breaks a rule of the domain.
    pub fn decode(self) -> Result<Membership, StoreError> {
        let row = RowName { table: "project_members", id: self.id };
        Ok(Membership {
            id: MembershipId::from_uuid(self.id),
            number: DisplayNumber::new(self.number),
            project: ProjectId::from_uuid(self.project_id),
            user: UserId::from_uuid(self.user_id),
            role: RosterRole::parse(&self.role).sound(row, "role")?,
            created_at: time(self.created_at, row, "created_at")?,
        })
    }
}
