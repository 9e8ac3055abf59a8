//! The memberships of one user, as a unit of work reads them.

use loggia_domain::id::{OrganizationId, UserId};
use loggia_domain::port::StoreError;
use loggia_domain::scope::Scope;
use loggia_domain::user::Member;
use loggia_sql::MemberRow;
use uuid::Uuid;

use crate::rows::people::select_member;
use crate::statement::fixed;
use crate::write::unit_of_work::SqliteUnitOfWork;

impl SqliteUnitOfWork {
    /// Implements `OrganizationRows::lock_memberships_of`. The one writer has locked the whole file.
    pub(crate) fn active_memberships(&mut self, user: UserId) -> Result<Vec<Member>, StoreError> {
        let user_id = user.as_uuid();
        let scopes = self.values::<Uuid>(&fixed!(
            None,
            "SELECT scope_id FROM members WHERE user_id = ?1 AND active = 1 ORDER BY scope_id",
            user_id
        ))?;
        let rows = self.records::<MemberRow>(&select_member!(
            None,
            "WHERE m.user_id = ?1 AND m.active = 1 ORDER BY m.scope_id",
            user_id
        ))?;
        // Both statements return the same memberships in the same order.
        let memberships = scopes.into_iter().zip(rows).map(|(id, row)| {
            let is_own = id == user_id;
            row.decode(if is_own {
                Scope::Personal(user)
            } else {
                Scope::Organization(OrganizationId::from_uuid(id))
            })
        });
        memberships.collect()
    }
}
